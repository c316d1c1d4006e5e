"""Phone numbers as people and providers write them, in any country; ours without a country code."""

from phonenumbers import (
    NumberParseException,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberMatcher,
    format_number,
    is_possible_number,
    is_valid_number,
    parse,
)

from services.intake.usecases.ports import Phone

HOME_REGION = "KZ"
_LONGEST_SENDER = 64
_CHANNELS = ("whatsapp:", "rcs:")


def read_sender(text: str) -> Phone:
    """Who sent a message. A short code or a name («Kaspi») is kept as it is, but cannot be called back."""
    bare = text.strip()[:_LONGEST_SENDER]
    for prefix in _CHANNELS:
        bare = bare.removeprefix(prefix)
    number = _parsed(bare)
    return Phone(bare, is_callable=False) if number is None else _callable(number)


def read_phone(text: str) -> Phone | None:
    """The first phone number inside a text that can be called, if there is one."""
    match = next(iter(PhoneNumberMatcher(text, HOME_REGION)), None)
    return _callable(match.number) if match is not None else None


def _parsed(text: str) -> PhoneNumber | None:
    """A number with a country code need only be possible: numbering plans change, a caller must not wait."""
    try:
        number = parse(text, HOME_REGION)
    except NumberParseException:
        return None
    international = text.startswith("+") and is_possible_number(number)
    return number if international or is_valid_number(number) else None


def _callable(number: PhoneNumber) -> Phone:
    return Phone(format_number(number, PhoneNumberFormat.E164), is_callable=True)
