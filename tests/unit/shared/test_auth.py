"""Who may be believed: only tokens that crews signed, for us, now."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from shared.auth import ALGORITHM, AUDIENCE, ISSUER, Actor, TokenExpired, TokenInvalid, TokenReader
from shared.clock import FixedClock
from tests.support.fakes import NOON
from tests.support.keys import key_pair

CLAIMS = {
    "sub": "person-1",
    "roles": ["dispatcher", "master"],
    "crew_id": "crew-1",
    "organisation_id": "org-1",
    "iat": int(NOON.timestamp()),
    "exp": int((NOON + timedelta(hours=1)).timestamp()),
    "iss": ISSUER,
    "aud": AUDIENCE,
}


def read(token: str, later: timedelta = timedelta()) -> Actor:
    return TokenReader(key_pair().public_pem, FixedClock(NOON + later)).read(token)


def signed(without: str = "", **changes: Any) -> str:
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if name != without}
    return jwt.encode(claims, key_pair().private_pem, algorithm=ALGORITHM)


def forged(algorithm: str, secret: bytes | None) -> str:
    """A token made by hand, as an attacker who knows only the public key would."""
    head, claims = _part({"alg": algorithm, "typ": "JWT"}), _part(CLAIMS)
    content = head + b"." + claims
    signature = hmac.digest(secret, content, hashlib.sha256) if secret else b""
    return b".".join([content, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


def _part(content: object) -> bytes:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=")


def test_a_valid_token_tells_who_calls() -> None:
    assert read(signed()) == Actor("person-1", frozenset({"dispatcher", "master"}), "crew-1", "org-1")


def test_roles_crew_and_organisation_may_be_absent() -> None:
    bare = {name: CLAIMS[name] for name in ("sub", "iat", "exp", "iss", "aud")}
    assert read(jwt.encode(bare, key_pair().private_pem, algorithm=ALGORITHM)) == Actor("person-1")


def test_a_token_ends_with_its_time_and_half_a_minute_for_crooked_clocks() -> None:
    assert read(signed(), later=timedelta(hours=1, seconds=29)).id == "person-1"
    with pytest.raises(TokenExpired):
        read(signed(), later=timedelta(hours=1, seconds=31))


def test_a_token_of_the_future_is_not_taken() -> None:
    with pytest.raises(TokenInvalid):
        read(signed(), later=-timedelta(minutes=1))


@pytest.mark.parametrize(
    "changes",
    [{"iss": "avariyka/intake"}, {"aud": "elsewhere"}, {"aud": None}, {"sub": 7}],
    ids=["issuer", "audience", "no audience", "subject"],
)
def test_a_token_for_or_from_somebody_else_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(TokenInvalid):
        read(signed(**changes))


@pytest.mark.parametrize("claim", ["sub", "exp", "iat", "iss", "aud"])
def test_no_required_claim_may_be_missing(claim: str) -> None:
    with pytest.raises(TokenInvalid):
        read(signed(without=claim))


@pytest.mark.parametrize("changes", [{"exp": "soon"}, {"iat": None}, {"exp": [1]}, {"roles": None}])
def test_a_claim_of_the_wrong_kind_is_refused_not_a_fault(changes: dict[str, Any]) -> None:
    with pytest.raises(TokenInvalid):
        read(signed(**changes))


def test_a_signature_of_another_key_is_refused() -> None:
    other = Ed25519PrivateKey.generate()
    with pytest.raises(TokenInvalid):
        read(jwt.encode(CLAIMS, other, algorithm=ALGORITHM))


def test_a_changed_claim_breaks_the_signature() -> None:
    head, _, signature = signed().split(".")
    with pytest.raises(TokenInvalid):
        read(".".join([head, _part({**CLAIMS, "roles": ["administrator"]}).decode(), signature]))


@pytest.mark.parametrize("algorithm", ["none", "None", ""])
def test_an_unsigned_token_is_refused(algorithm: str) -> None:
    with pytest.raises(TokenInvalid):
        read(forged(algorithm, None))


def test_the_public_key_is_no_shared_secret() -> None:
    pem = key_pair().public_pem
    raw = serialization.load_pem_public_key(pem.encode()).public_bytes(
        serialization.Encoding.Raw, serialization.PublicFormat.Raw
    )
    for secret in (pem.encode(), pem.strip().encode(), raw):
        with pytest.raises(TokenInvalid):
            read(forged("HS256", secret))


@given(st.text() | st.from_regex(r"[\w-]*\.[\w-]*\.[\w-]*", fullmatch=True))
def test_garbage_is_refused(garbage: str) -> None:
    with pytest.raises(TokenInvalid):
        read(garbage)
