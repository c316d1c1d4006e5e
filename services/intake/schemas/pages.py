"""Residents' pages: templates of ``templates/`` filled in, with the headers that keep them safe."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from werkzeug.wrappers import Request, Response

from services.intake.domain.privacy import mask_number
from services.intake.domain.requests import Contact
from shared.errors import AvariykaError
from shared.http import Edge
from shared.i18n import LANGUAGES, Catalog, choose_language

HTML = "text/html; charset=utf-8"
_TEMPLATES = Path(__file__).parent.parent / "templates"
_MOMENT = "d MMMM, HH:mm"
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_PAGE = {
    **_ALWAYS,
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Frame-Options": "DENY",
    "Vary": "Accept-Language",
}
_FOR_EVER = "public, max-age=31536000, immutable"


class Pages:
    """The pages of one city, in the residents' languages."""

    def __init__(self, catalog: Catalog, zone: ZoneInfo | None = None) -> None:
        self._catalog = catalog
        self._zone = zone

    def show(self, template: str, language: str, status: int = 200, **content: Any) -> Response:
        """A page; ``content`` is what the template names."""
        html = (
            _environment()
            .get_template(f"{template}.html")
            .render(
                language=language,
                languages=LANGUAGES,
                style=style_path(),
                t=partial(self._catalog.text, language),
                said=partial(_said, language),
                when=partial(self._when, language),
                **content,
            )
        )
        return Response(html, status=status, content_type=HTML, headers=_PAGE)

    def text(self, language: str, msgid: str, **params: Any) -> str:
        return self._catalog.text(language, msgid, **params)

    def _when(self, language: str, moment: datetime) -> Markup:
        """A moment as people say it, and as machines read it."""
        shown = format_datetime(moment, _MOMENT, tzinfo=self._zone, locale=language)
        return Markup('<time datetime="{}">{}</time>').format(moment.isoformat(), shown)


def error_page(edge: Edge, request: Request, error: AvariykaError) -> Response:
    """An error as a page; the code is for whoever is called about it."""
    language = language_of(request)
    return Pages(edge.catalog).show(
        "error",
        language,
        error.status,
        text=edge.title(error, language),
        code=error.code,
        was_sent=request.method == "POST",
    )


def language_of(request: Request, usual: str | None = None) -> str:
    """The language chosen on the page, else the usual one of its reader, else the browser's."""
    chosen = request.args.get("lang", "")
    if chosen in LANGUAGES:
        return chosen
    return usual or choose_language(request.headers.get("Accept-Language"))


def see_other(path: str) -> Response:
    """After a form was taken: the browser goes on to ``path``, and going back sends nothing twice."""
    return Response(status=303, headers={**_PAGE, "Location": path})


def style_path() -> str:
    """Where the style sheet is: another address for another content, so that it may be kept for ever."""
    return f"/assets/{_style()[0]}.css"


def style(digest: str) -> Response | None:
    """The style sheet, if that is its digest."""
    ours, content = _style()
    if digest != ours:
        return None
    return Response(content, content_type="text/css", headers={**_ALWAYS, "Cache-Control": _FOR_EVER})


def photo(jpeg: bytes) -> Response:
    """A picture, which the reader's browser may keep for a while and nobody between."""
    return Response(
        jpeg,
        content_type="image/jpeg",
        headers={
            **_ALWAYS,
            "Cache-Control": "private, max-age=3600",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


def masked_phone(contact: Contact | None) -> str:
    """A number as its owner knows it again and nobody else can use it."""
    return mask_number(contact.phone) if contact is not None and contact.is_callable else ""


def _said(language: str, texts: Mapping[str, str]) -> str:
    """What a person wrote for residents, by language; one language stands in for the other."""
    return texts.get(language) or next(filter(None, texts.values()), "")


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        auto_reload=False,  # a process goes on with the pages that it began with
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _style() -> tuple[str, bytes]:
    content = (_TEMPLATES / "pages.css").read_bytes()
    return hashlib.sha256(content).hexdigest()[:16], content
