"""A paper as a page: everything in it, so that it can be saved and opened without network."""

import base64
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from werkzeug.wrappers import Response

from services.crews.schemas.paper import Paper

_TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
_environment = Environment(
    loader=FileSystemLoader(_TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


def make_html(paper: Paper, photos: Mapping[str, bytes]) -> str:
    """The page; ``photos`` are JPEGs by id."""
    shown = {photo_id: base64.b64encode(jpeg).decode() for photo_id, jpeg in photos.items()}
    return _environment.get_template("paper.html").render(paper=paper, photos=shown)


def page(text: str) -> Response:
    """An answer that runs nothing and loads nothing."""
    response = Response(text, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = _POLICY
    return _private(response)


def pdf(content: bytes, name: str) -> Response:
    response = Response(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return _private(response)


def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
