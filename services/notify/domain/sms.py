"""The length of an SMS as operators count it (3GPP TS 23.038 alphabet; design §6 rule 12)."""

from collections.abc import Iterator

_GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENSION = frozenset("\f^{}\\[~]|€")
_GSM_ALONE, _GSM_JOINED = 160, 153
_UCS2_ALONE, _UCS2_JOINED = 70, 67


def is_gsm(text: str) -> bool:
    """Whether every letter is in the GSM 7-bit alphabet; one that is not turns the whole text to UCS-2."""
    return all(letter in _GSM_BASIC or letter in _GSM_EXTENSION for letter in text)


def parts(text: str) -> int:
    """How many SMS parts carry ``text``: at most 160 septets or 70 UCS-2 units alone, 153 or 67 when joined.

    A letter of two units (GSM extension, emoji) is never split between two parts.
    """
    alone, joined = (_GSM_ALONE, _GSM_JOINED) if is_gsm(text) else (_UCS2_ALONE, _UCS2_JOINED)
    sizes = list(_sizes(text))
    return 1 if sum(sizes) <= alone else _packed(sizes, joined)


def _sizes(text: str) -> Iterator[int]:
    if is_gsm(text):
        return (2 if letter in _GSM_EXTENSION else 1 for letter in text)
    return (2 if ord(letter) > 0xFFFF else 1 for letter in text)


def _packed(sizes: list[int], capacity: int) -> int:
    count, used = 1, 0
    for size in sizes:
        if used + size > capacity:
            count, used = count + 1, 0
        used += size
    return count


def masked(phone: str) -> str:
    """``+77010000001`` as ``+7701***0001``: enough to recognise one's own number, not to call it."""
    return f"{phone[:5]}***{phone[-4:]}" if len(phone) > 9 else "***"
