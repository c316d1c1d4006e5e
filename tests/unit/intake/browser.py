"""A browser without JavaScript, and the pages of intake in this process to look at with it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from io import BytesIO
from typing import Any
from urllib.parse import urljoin, urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

from services.intake.service import IntakeService
from shared.auth import Actor
from shared.errors import AvariykaError, NotFound
from shared.http import BoundedRequest, Call, endpoints
from shared.i18n import choose_language

Attributes = dict[str, str]
File = tuple[str, bytes]
_VOID = {"meta", "link", "input", "img", "br", "hr"}


@dataclass
class Element:
    tag: str
    attributes: Attributes
    parent: "Element | None" = None
    children: list["Element | str"] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    def get(self, name: str) -> str:
        return self.attributes.get(name, "")

    def all(self, *tags: str) -> Iterator["Element"]:
        for child in self.children:
            if isinstance(child, Element):
                if not tags or child.tag in tags:
                    yield child
                yield from child.all(*tags)

    def with_id(self, id_: str) -> "Element":
        return next(element for element in self.all() if element.get("id") == id_)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self._at = self.root

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self._at)
        self._at.children.append(element)
        if tag not in _VOID:
            self._at = element

    def handle_endtag(self, tag: str) -> None:
        assert self._at.tag == tag, f"</{tag}> closes <{self._at.tag}>"
        self._at = self._at.parent or self.root

    def handle_data(self, data: str) -> None:
        self._at.children.append(data)


def parse(html: str) -> Element:
    """The elements of a page; fails if they are not closed in order."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert reader._at is reader.root, f"<{reader._at.tag}> is never closed"
    return reader.root


@dataclass
class Page:
    """What the browser shows."""

    url: str
    status: int
    headers: Mapping[str, str]
    html: str

    @property
    def root(self) -> Element:
        return parse(self.html)

    @property
    def text(self) -> str:
        return " ".join(next(self.root.all("body")).text.split())

    @property
    def complaints(self) -> dict[str, str]:
        """What the page says is wrong, by field."""
        return {
            element.get("id").removesuffix("-mistake"): " ".join(element.text.split()).partition(": ")[2]
            for element in self.root.all("p")
            if element.get("id").endswith("-mistake")
        }

    def form(self, at: int | str) -> Element:
        """One of the forms: by its place on the page, or by the last word of the address it goes to."""
        forms = list(self.root.all("form"))
        if isinstance(at, int):
            return forms[at]
        return next(form for form in forms if urlsplit(form.get("action")).path.endswith(f"/{at}"))

    def fields(self, at: int | str = 0) -> dict[str, str]:
        """What one of the forms would send untouched."""
        form = self.form(at)
        sent = {}
        for control in form.all("input", "textarea"):
            kind, name = control.get("type"), control.get("name")
            if kind == "file" or (kind in ("checkbox", "radio") and "checked" not in control.attributes):
                continue
            sent[name] = (
                control.text.removeprefix("\n") if control.tag == "textarea" else control.get("value")
            )
        return sent

    def choices(self) -> list[str]:
        radios = [radio for radio in self.root.all("input") if radio.get("type") == "radio"]
        labels = {label.get("for"): label.text for label in self.root.all("label")}
        return [labels[radio.get("id")] for radio in radios]


Send = Callable[
    [str, str, Mapping[str, str], list[File], Mapping[str, str]], tuple[int, Mapping[str, str], str]
]
"""Method, path, fields, files, headers → status, headers, text."""


class Browser:
    """Opens pages, fills in forms, follows redirects after them."""

    def __init__(self, send: Send, language: str = "ru") -> None:
        self._send = send
        self._headers = {"Accept-Language": language}

    def open(self, url: str) -> Page:
        return self._go("GET", url, {}, [])

    def submit(self, page: Page, *, button: str = "", files: Any = None, at: Any = 0, **typed: str) -> Page:
        """Type over the fields of a page's form and press its main button, or the one with this name."""
        form = page.form(at)
        pressed = next((b for b in form.all("button") if b.get("name") == button), None)
        assert pressed is not None or not button, f"no button {button}"
        fields = {
            **page.fields(at),
            **typed,
            **({button: pressed.get("value")} if button and pressed else {}),
        }
        action = (pressed.get("formaction") if pressed else "") or form.get("action")
        assert form.get("method") == "post"
        return self._go("POST", urljoin(page.url, action), fields, files or [])

    def _go(self, method: str, url: str, fields: Mapping[str, str], files: list[File]) -> Page:
        status, headers, html = self._send(method, url, fields, files, self._headers)
        if status == 303:
            return self._go("GET", urljoin(url, headers["Location"]), {}, [])
        return Page(url, status, headers, html)


def in_process(wiring: Any) -> Send:
    """The pages of intake without a server: routing, decoding and errors as at the edge."""
    service = IntakeService()
    service.wiring = wiring
    found = [pair for pair in endpoints(IntakeService) if pair[0].on_error is not None]
    rules = {(endpoint.url, endpoint.method): (endpoint, method) for endpoint, method in found}
    url_map = Map([endpoint.get_url_rule() for endpoint, _ in found])

    def answer(request: Request) -> Response:
        rule, path = url_map.bind_to_environ(request.environ).match(return_rule=True)
        endpoint, method = rules[rule.rule, next(iter(m for m in rule.methods or () if m in ("GET", "POST")))]
        language = choose_language(request.headers.get("Accept-Language"))
        call = Call(request, Actor("anonymous"), language, "story", path=dict(path))
        try:
            response: Response = method(service, call)
        except AvariykaError as error:
            assert endpoint.on_error is not None
            return endpoint.on_error(wiring, request, error)
        return response

    def application(environ: Any, start_response: Any) -> Any:
        try:
            with BoundedRequest(environ) as request:
                response = answer(request)
        except HTTPException as missing:
            raise NotFound from missing
        return response(environ, start_response)

    client = Client(application)

    def send(
        method: str, url: str, fields: Mapping[str, str], files: list[File], headers: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], str]:
        photos = [(BytesIO(content), name) for name, content in files]
        data = {**fields, **({"photos": photos} if photos else {})} if method == "POST" else None
        parts = urlsplit(url)
        answer = client.open(
            f"{parts.path}?{parts.query}",
            method=method,
            data=data,
            headers=dict(headers),
            content_type="multipart/form-data" if method == "POST" else None,
        )
        return answer.status_code, answer.headers, answer.get_data().decode("utf-8", "replace")

    return send
