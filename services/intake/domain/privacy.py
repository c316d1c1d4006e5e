"""Keeps phone numbers out of what other services read (D-1.1-U7)."""

import re

MASK = "***"
_NUMBER_LIKE = re.compile(r"(?<!\w)\+?\d(?:[ \u00a0()-]{0,3}\d){6,}(?!\w)")
_DATE_LIKE = re.compile(r"\d{4}-\d{2}-\d{2}")


def mask_phones(text: str) -> str:
    """``text`` with every run of seven or more digits, however grouped, replaced by ``***``."""
    return _NUMBER_LIKE.sub(lambda match: match[0] if _DATE_LIKE.fullmatch(match[0]) else MASK, text)
