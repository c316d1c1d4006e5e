"""What browsers, bots and proxies send to the residents' pages, and how the pages look."""

import re
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.links import digest_of, is_secret, new_secret
from services.intake.domain.throttle import Throttle
from services.intake.schemas import pages, web
from services.intake.usecases.forms import Form
from shared.callers import caller_of, read_networks
from tests.support.fakes import NOON

OURS = read_networks("10.0.0.0/8, ::1")
MINUTE = timedelta(minutes=1)

# The form


def test_a_form_is_read_field_by_field() -> None:
    typed = web.read_form(
        {
            "text": " Прорвало\r\nтрубу \0",
            "address": "Абая 12",
            "phone": "8 701 000 00 01",
            "flat": "15",
            "choice": "2",
            "danger_gas": "1",
            "as_is": "1",
        }
    )
    form = typed.form(["Пахнет газом."])
    assert (form.text, form.address_text) == ("Прорвало\nтрубу\nПахнет газом.", "Абая 12")
    assert (form.details.flat, form.details.floor, form.choice) == ("15", None, 2)
    assert (form.phone and form.phone.text, form.as_is, typed.dangers) == ("+77010000001", True, ("gas",))
    assert typed.complaints == {}


@pytest.mark.parametrize("phone", ["+77010000001", "8(701)000-00-01", "7010000001", "тел. 87010000001"])
def test_a_number_is_read_as_people_write_it(phone: str) -> None:
    typed = web.read_form({"phone": phone})
    assert typed.phone is not None
    assert typed.phone.text == "+77010000001"


def test_as_it_is_needs_somebody_to_call() -> None:
    assert not web.read_form({"text": "x", "as_is": "1"}).form([]).as_is


@given(
    st.dictionaries(
        st.sampled_from([*web.LONGEST, "key", "choice", "as_is", web.TRAP, "danger_gas"]), st.text()
    )
)
def test_no_form_breaks_anything(sent: dict[str, str]) -> None:
    typed = web.read_form(sent)
    assert is_secret(typed.secret)
    assert typed.values.keys() == web.LONGEST.keys()
    assert set(typed.complaints) <= set(web.LONGEST)
    assert isinstance(typed.form([]), Form)
    for name, value in typed.values.items():
        assert "\0" not in value
        assert value.strip() == value
        assert len(value) <= web.LONGEST[name] or name in typed.complaints
    assert web.read_form({**sent, **typed.values}).values == typed.values, (
        "what goes back comes again unchanged"
    )


@given(st.text(), st.text())
def test_no_addition_breaks_anything(text: str, key: str) -> None:
    addition = web.read_addition({"text": text, "key": key})
    assert is_secret(addition.key)
    assert len(addition.text) <= web.LONGEST["text"]


# Links


def test_secrets_are_long_different_and_not_their_digests() -> None:
    secrets = {new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert all(is_secret(secret) and len(secret) * 6 >= 256 for secret in secrets)
    assert not secrets & {digest_of(secret) for secret in secrets}


@pytest.mark.parametrize("text", ["", "x" * 42, "x" * 44, "x" * 42 + "/", "ж" * 43, "x" * 43 + "\n"])
def test_what_is_no_secret_is_told_from_one(text: str) -> None:
    assert not is_secret(text)


# Callers


@pytest.mark.parametrize(
    ("peer", "forwarded", "caller"),
    [
        ("203.0.113.5", "", "203.0.113.5"),
        ("203.0.113.5", "198.51.100.1", "203.0.113.5"),
        ("10.0.0.2", "203.0.113.5", "203.0.113.5"),
        ("10.0.0.2", "198.51.100.1, 203.0.113.5", "203.0.113.5"),
        ("10.0.0.2", "203.0.113.5, 10.0.0.3", "203.0.113.5"),
        ("10.0.0.2", "nonsense", "10.0.0.2"),
        ("10.0.0.2", "203.0.113.5,,", "10.0.0.2"),
        ("10.0.0.2", "", "10.0.0.2"),
        ("::1", "203.0.113.5", "203.0.113.5"),
        ("::ffff:203.0.113.5", "", "203.0.113.5"),
        ("2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        ("", "", "unknown"),
    ],
)
def test_a_proxy_is_believed_only_if_it_is_ours(peer: str, forwarded: str, caller: str) -> None:
    assert caller_of(peer, forwarded, OURS) == caller


@given(st.text(), st.text())
def test_nothing_that_is_forwarded_breaks_anything(peer: str, forwarded: str) -> None:
    caller = caller_of(peer, forwarded, OURS)
    assert caller == "unknown" or ip_network(caller, strict=False)


def test_a_network_that_is_none_is_refused() -> None:
    assert read_networks("") == ()
    with pytest.raises(ValueError, match="nonsense"):
        read_networks("10.0.0.0/8 nonsense")


# Floods


def test_so_often_and_no_more_within_the_window() -> None:
    throttle = Throttle(2, 10 * MINUTE)
    assert [throttle.allows("a", NOON + at * MINUTE) for at in (0, 5, 9)] == [True, True, False]
    assert throttle.allows("b", NOON + 9 * MINUTE), "each by itself"
    assert throttle.allows("a", NOON + 10 * MINUTE), "what was refused did not count"
    assert not throttle.allows("a", NOON + 11 * MINUTE)


def test_the_callers_longest_silent_are_forgotten() -> None:
    throttle = Throttle(1, 10 * MINUTE, remembered=2)
    for caller in "abc":
        assert throttle.allows(caller, NOON)
    assert not throttle.allows("c", NOON)
    assert throttle.allows("a", NOON)


# The look

_STYLE = (Path(pages.__file__).parent.parent / "templates" / "pages.css").read_text(encoding="utf-8")
_COLOURS = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})", _STYLE))
TEXT_ON = [
    ("ink", "paper"),
    ("ink", "alarm"),
    ("ink", "pale"),
    ("quiet", "paper"),
    ("quiet", "pale"),
    ("main", "paper"),
    ("paper", "main"),
    ("wrong", "paper"),
]


@pytest.mark.parametrize(("text", "ground"), TEXT_ON)
def test_texts_can_be_read_by_weak_eyes(text: str, ground: str) -> None:
    """WCAG 2.2, success criterion 1.4.3: at least 4.5 to 1."""
    assert contrast(_COLOURS[text], _COLOURS[ground]) >= 4.5


@pytest.mark.parametrize(("edge", "ground"), [("line", "paper"), ("wrong", "paper"), ("ink", "paper")])
def test_fields_and_focus_can_be_seen(edge: str, ground: str) -> None:
    """WCAG 2.2, success criterion 1.4.11: at least 3 to 1."""
    assert contrast(_COLOURS[edge], _COLOURS[ground]) >= 3


def test_no_colour_stands_outside_those_that_are_checked() -> None:
    rules = _STYLE.partition("}")[2]
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(", rules) == []
    pairs = set(re.findall(r"color: var\(--([\w-]+)\)", rules))
    assert pairs <= {text for text, _ in TEXT_ON} | {"line", "alarm-line"}


def test_the_style_sheet_is_small_and_fetches_nothing() -> None:
    assert len(_STYLE) < 8_000
    assert "url(" not in _STYLE
    assert "@import" not in _STYLE


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance of ``#rgb`` or ``#rrggbb`` as WCAG 2.2 defines it."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_measure_of_contrast_is_right() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#fff") == pytest.approx(4.54, abs=0.01)
