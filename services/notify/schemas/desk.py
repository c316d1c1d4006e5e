"""The desk as files: what stands in ``app/`` and its texts by language; and how one logs in to it."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from babel.messages.pofile import read_po
from marshmallow import Schema, fields, validate

from shared.config import ROOT
from shared.encoding import dumps
from shared.i18n import LANGUAGES

HOME = ROOT / "services" / "notify"
PAGE = "index.html"
_TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}


class Login(Schema):
    """An operator's login and password."""

    login = fields.String(required=True, validate=validate.Length(1, 100))
    password = fields.String(required=True, load_only=True, validate=validate.Length(1, 200))


class Refresh(Schema):
    """The refresh token that came with the last access token."""

    refresh_token = fields.String(required=True, load_only=True, validate=validate.Length(1, 200))


class AccessToken(Schema):
    """A bearer token for every service of the suite, and the refresh token that brings the next one."""

    access_token = fields.String(required=True)
    token_type = fields.String(required=True)
    expires_at = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    actor_id = fields.String(required=True)
    refresh_token = fields.String(required=True)
    refresh_expires_at = fields.String(required=True)


@dataclass(frozen=True)
class Asset:
    """One file as it goes over the wire."""

    content: bytes
    content_type: str

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()[:16]


def read_desk() -> dict[str, Asset]:
    """Every file by its name; read once per process."""
    folder = HOME / "app"
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.*")}
    texts_of = {f"texts/{language}.json": dumps(texts(language)).encode() for language in LANGUAGES}
    return {
        name: Asset(content, f"{_TYPES[Path(name).suffix]}; charset=utf-8")
        for name, content in {**files, **texts_of}.items()
    }


def texts(language: str) -> dict[str, str]:
    """Every text of the desk in one language, by its key."""
    with (HOME / "locale" / language / "LC_MESSAGES" / "desk.po").open("rb") as source:
        return {str(message.id): str(message.string) for message in read_po(source) if message.id}
