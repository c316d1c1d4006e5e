"""The dispatchers' console as files: what stands in ``app/``, and its texts by language."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from babel.messages.pofile import read_po

from shared.config import ROOT
from shared.encoding import dumps
from shared.i18n import LANGUAGES

HOME = ROOT / "services" / "routing"
PAGE = "index.html"
LINKS = "links.json"
_TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
_LEADS = re.compile(r"(https?:/)?/\S")


@dataclass(frozen=True)
class Asset:
    """One file as it goes over the wire."""

    content: bytes
    content_type: str

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()[:16]


def read_console() -> dict[str, Asset]:
    """Every file by its name; read once per process."""
    folder = HOME / "app"
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.*")}
    texts_of = {f"texts/{language}.json": dumps(texts(language)).encode() for language in LANGUAGES}
    return {
        name: Asset(content, f"{_TYPES[Path(name).suffix]}; charset=utf-8")
        for name, content in {**files, **texts_of}.items()
    }


def links(named: Mapping[str, str] | None) -> Asset:
    """The addresses of other services' pages by name, those that are given and lead to a page."""
    given = {name: address for name, address in (named or {}).items() if _LEADS.match(str(address))}
    return Asset(dumps(given).encode(), _TYPES[".json"] + "; charset=utf-8")


def texts(language: str) -> dict[str, str]:
    """Every text of the console in one language, by its key."""
    with (HOME / "locale" / language / "LC_MESSAGES" / "console.po").open("rb") as source:
        return {str(message.id): str(message.string) for message in read_po(source) if message.id}
