"""The crews' app as files of one version: what stands in ``app/``, its texts, and the rules it works by.

Every file but two has an address with the version in it and may be kept for ever; a process serves its own
version only, so no phone ever puts an app together from two. The two are the page and the service worker.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

from services.crews.domain.documents import LAW_ASKS, SIGNERS, UNSIGNED, DocumentType, Means, Party
from services.crews.domain.gate import Gate
from services.crews.domain.leaving import GUARDS, ON_SITE, Guard
from services.crews.domain.media import MediaPolicy
from services.crews.domain.orders import EMERGENCY, MOVES, VERBS, Result, Stage
from services.crews.domain.safety import CONFINED_PLACES, GATED_HAZARDS
from services.crews.schemas.records import CONDITIONS, METHODS
from shared.config import ROOT
from shared.encoding import dumps
from shared.i18n import LANGUAGES

HOME = ROOT / "services" / "crews"
# What a photo shows, by the stage in which it is taken; else the work itself.
_PURPOSES = {
    Stage.ACCEPTED: "before",
    Stage.DEPARTED: "before",
    Stage.ARRIVED: "before",
    Stage.LOCALISED: "after",
    Stage.COMPLETED: "after",
}
# Whose service a crew may call for: the systems of the contract, in the order in which they are offered.
_SYSTEMS = ("water", "sewer", "heat", "power", "gas", "lift", "structure", "yard", "other")
# Where a fault may be: the places of the contract, in the order in which they are offered.
_PLACES = (
    *("flat", "staircase", "basement", "attic", "roof", "yard", "street"),
    *("well", "chamber", "trench", "lift", "other"),
)
# What instruments show beside the air (F23-3.1-U3: manometer, level gauge), each with its unit.
_INSTRUMENTS = (("pressure", "bar"), ("level", "m"), ("temperature", "°C"))
# In what materials, works and defects are counted.
_UNITS = ("pcs", "m", "kg", "l", "roll")
# The next step where several are possible: towards the end, and through what must come before it.
_FORWARD = (
    Stage.ACCEPTED,
    Stage.ARRIVED,
    Stage.COMPLETED,
    Stage.LOCALISED,
    Stage.WORKING,
    Stage.DEPARTED,
)
_CATALOGUES = ("messages.po", "app.po")
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".webmanifest": "application/manifest+json; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".png": "image/png",
}
_PAGE, _WORKER = "index.html", "sw.js"
_SCOPE = "/app/"
_DARK = "#14202b"


@dataclass(frozen=True)
class Asset:
    """One file as it goes over the wire."""

    content: bytes
    content_type: str

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()[:16]


class App:
    """The files of one version, built once per process."""

    def __init__(self, gate: Gate, materials: Mapping[str, str], media: MediaPolicy) -> None:
        told = {**rules(gate), **_paper_rules(materials), "video_bytes": media.video.largest}
        raw = {**_files(), **_by_language(), "rules.json": dumps(told).encode()}
        self.version = _version(raw)
        page = raw[_PAGE].replace(b"{version}", self.version.encode())
        worker = raw.pop(_WORKER)
        self.assets = {name: _asset(name, content) for name, content in {**raw, _PAGE: page}.items()}
        self.page = self.assets[_PAGE]
        self.worker = _asset(_WORKER, self._worker(worker))

    def find(self, version: str, name: str) -> Asset | None:
        """A file of this version; None for any other version or name."""
        return self.assets.get(name) if version == self.version else None

    def _worker(self, script: bytes) -> bytes:
        """The service worker with the list of what it keeps: another version is another script."""
        head = (
            f"const VERSION = {json.dumps(self.version)};\nconst FILES = {json.dumps(sorted(self.assets))};\n"
        )
        return head.encode() + script


def rules(gate: Gate) -> dict[str, Any]:
    """What the app must know to go on without network, in the domain's own words."""
    return {
        "moves": {stage: list(following) for stage, following in MOVES.items()},
        "verbs": VERBS,
        "forward": _FORWARD,
        "emergency": EMERGENCY,
        "results": list(Result),
        "systems": _SYSTEMS,
        "purposes": _PURPOSES,
        "air_limits": [vars(limit) for limit in gate.limits],
        "places": _PLACES,
        "dangers": {"hazards": sorted(GATED_HAZARDS), "places": sorted(CONFINED_PLACES)},
        "leaving": {"on_site": sorted(ON_SITE), "guards": [_guard(guard) for guard in GUARDS]},
        "safety": {
            "version": gate.book.version,
            "items": {name: vars(item) for name, item in gate.book.items.items()},
            "scripts": [vars(script) for script in gate.book.scripts],
        },
    }


def _guard(guard: Guard) -> dict[str, Any]:
    """What keeps a crew on site, in plain JSON."""
    told = vars(guard)
    return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in told.items()}


def _paper_rules(materials: Mapping[str, str]) -> dict[str, Any]:
    """What is written down on site, and who signs which document."""
    return {
        "materials": materials,
        "units": _UNITS,
        "instruments": [{"kind": kind, "unit": unit} for kind, unit in _INSTRUMENTS],
        "methods": METHODS,
        "conditions": CONDITIONS,
        "documents": {
            "signers": {type_: SIGNERS[type_] for type_ in DocumentType},
            "parties": list(Party),
            "means": list(Means),
            "unsigned": sorted(UNSIGNED),
            "law_asks": LAW_ASKS,
        },
    }


def texts(language: str) -> dict[str, str]:
    """Every text of this service in one language, by its key."""
    found: dict[str, str] = {}
    for name in _CATALOGUES:
        with (HOME / "locale" / language / "LC_MESSAGES" / name).open("rb") as source:
            found |= {str(message.id): str(message.string) for message in read_po(source) if message.id}
    return found


def manifest(language: str) -> dict[str, Any]:
    """What a phone needs to put the app among its own."""
    told = texts(language)
    return {
        "id": _SCOPE,
        "start_url": _SCOPE,
        "scope": _SCOPE,
        "display": "standalone",
        "orientation": "any",
        "lang": language,
        "name": told["app.title"],
        "short_name": told["app.short_title"],
        "background_color": _DARK,
        "theme_color": _DARK,
        "icons": [
            {"src": f"../icons/icon-{size}.png", "sizes": f"{size}x{size}", "purpose": "any maskable"}
            for size in (192, 512)
        ],
    }


def _by_language() -> dict[str, bytes]:
    return {
        name.format(language): dumps(make(language)).encode()
        for name, make in (("texts/{}.json", texts), ("manifests/{}.webmanifest", manifest))
        for language in LANGUAGES
    }


def _files() -> dict[str, bytes]:
    folder = HOME / "app"
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.suffix in _TYPES
    }


def _asset(name: str, content: bytes) -> Asset:
    return Asset(content, _TYPES[Path(name).suffix])


def _version(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    return digest.hexdigest()[:16]
