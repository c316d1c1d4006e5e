"""Sealed text: unreadable without the key, findable by a digest, under as many keys as a rotation needs."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.config import Misconfigured
from shared.sealing import INDEX_KEY, KEYS, Sealer, Unreadable, is_sealed, new_key

OLD, NEW, INDEX = new_key(), new_key(), new_key()
PHONE = "+77010000001"


def sealer(keys: str = NEW, index: str = INDEX) -> Sealer:
    return Sealer.from_environment({KEYS: keys, INDEX_KEY: index})


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_sealed_opens_again(text: str) -> None:
    sealed = sealer().seal(text)
    assert sealer().open(sealed) == text
    assert is_sealed(sealed) == bool(text)


def test_the_same_number_looks_different_each_time_and_never_like_itself() -> None:
    one, other = sealer().seal(PHONE), sealer().seal(PHONE)
    assert one != other
    assert PHONE[-7:] not in one
    assert PHONE.encode() not in base64.urlsafe_b64decode(one.rpartition(":")[2])


def test_a_digest_finds_the_same_number_only_and_needs_the_key() -> None:
    assert sealer().index(PHONE) == sealer().index(PHONE)
    assert sealer().index(PHONE) != sealer().index("+77010000002")
    assert sealer().index(PHONE) != sealer(index=new_key()).index(PHONE)


def test_an_older_key_still_opens_and_renewing_seals_with_the_newest() -> None:
    sealed = sealer(OLD).seal(PHONE)
    both = sealer(f"{NEW}, {OLD}")
    assert both.open(sealed) == PHONE
    renewed = both.renew(sealed)
    assert renewed.startswith(both.newest)
    assert sealer(NEW).open(renewed) == PHONE
    assert sealer(NEW).open(both.renew(PHONE)) == PHONE


def test_without_its_key_or_after_a_change_nothing_opens() -> None:
    sealed = sealer(OLD).seal(PHONE)
    changed = sealed[:-6] + ("A" if sealed[-6] != "A" else "B") + sealed[-5:]
    for reader, text in ((sealer(NEW), sealed), (sealer(OLD), changed), (sealer(OLD), PHONE)):
        with pytest.raises(Unreadable):
            reader.open(text)
    with pytest.raises(Unreadable):
        sealer(OLD).open(f"{sealer(OLD).newest}AAAA")


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({}, KEYS),
        ({KEYS: OLD}, INDEX_KEY),
        ({KEYS: "", INDEX_KEY: INDEX}, KEYS),
        ({KEYS: f"{OLD},", INDEX_KEY: INDEX}, KEYS),
        ({KEYS: "no key", INDEX_KEY: INDEX}, KEYS),
        ({KEYS: OLD, INDEX_KEY: base64.b64encode(b"short").decode()}, INDEX_KEY),
    ],
)
def test_a_missing_or_broken_key_is_named(environment: dict[str, str], named: str) -> None:
    with pytest.raises(Misconfigured, match=f"{named}.*openssl rand -base64 32") as refused:
        Sealer.from_environment(environment)
    assert not any(key in str(refused.value) for key in environment.values() if key)


def test_without_keys_nothing_is_kept_in_plain_by_mistake() -> None:
    keyless = Sealer()
    for use in (keyless.seal, keyless.index):
        with pytest.raises(Misconfigured):
            use(PHONE)
