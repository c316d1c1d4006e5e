"""The residents' form as a browser sends it: nothing typed is lost, each mistake belongs to a field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import IO, Any

from werkzeug.datastructures import FileStorage

from services.intake.domain.links import is_secret, new_secret
from services.intake.domain.photos import MOST_PHOTOS
from services.intake.domain.requests import Channel, Details, Missing, Request
from services.intake.schemas.phones import read_phone
from services.intake.usecases.additions import Addition
from services.intake.usecases.forms import Form
from services.intake.usecases.ports import Phone

LONGEST = {"text": 4000, "address": 300, "entrance": 10, "floor": 10, "flat": 10, "phone": 40, "name": 100}
"""The fields of the form and how many characters each may have."""
DANGERS = ("gas", "electric", "trapped", "collapse")
"""Dangers to tick. Each stands for a sentence that is added to the words of the resident, so that whoever and
whatever reads the request understands it."""
TRAP = "website"
"""A field that people do not see: whoever fills it in is asked once more."""
_FIELD_OF = {Missing.ADDRESS: "address", Missing.PROBLEM: "text", Missing.CONTACT: "phone"}


@dataclass(frozen=True)
class Complaint:
    """What is wrong with a field, as a text of the catalogue."""

    msgid: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Typed:
    """One press of a button on the form. ``values`` are the fields as they go back onto the page."""

    secret: str
    values: Mapping[str, str]
    complaints: Mapping[str, Complaint]
    phone: Phone | None = None
    choice: int | None = None
    dangers: tuple[str, ...] = ()
    as_is: bool = False
    only_language: bool = False
    is_trapped: bool = False

    @property
    def can_be_kept(self) -> bool:
        """Whether there is enough to help with: the trouble, and where or whom to ask."""
        is_readable = not any(
            complaint.msgid == "web.error.too_long" for complaint in self.complaints.values()
        )
        is_trouble_told = bool(self.values["text"] or self.dangers)
        return is_readable and is_trouble_told and bool(self.values["address"] or self.phone)

    def form(self, dangers: Sequence[str]) -> Form:
        """The contract of all channels; ``dangers`` are the sentences that the ticks stand for."""
        return Form(
            phone=self.phone,
            text="\n".join(part for part in (self.values["text"], *dangers) if part),
            address_text=self.values["address"] or None,
            details=Details(*(self.values[name] or None for name in ("entrance", "floor", "flat"))),
            choice=self.choice,
            channel=Channel.WEB,
            name=self.values["name"],
            as_is=self.as_is and self.phone is not None,
        )


def blank() -> Typed:
    """A form that nobody has touched."""
    return Typed(new_secret(), dict.fromkeys(LONGEST, ""), {})


def read_form(sent: Mapping[str, str]) -> Typed:
    """What was sent, whatever it is; a form without its secret gets a new one."""
    values = {name: _clean(sent.get(name, "")) for name in LONGEST}
    phone = read_phone(values["phone"][: LONGEST["phone"]])
    secret, choice = sent.get("key", ""), sent.get("choice", "")
    return Typed(
        secret=secret if is_secret(secret) else new_secret(),
        values=values,
        complaints=_complaints(values, phone, has_danger=bool(_ticked(sent))),
        phone=phone,
        choice=int(choice) if choice in ("1", "2", "3") else None,
        dangers=_ticked(sent),
        as_is="as_is" in sent,
        only_language="only_language" in sent,
        is_trapped=bool(sent.get(TRAP)),
    )


def read_addition(sent: Mapping[str, str]) -> Addition:
    """What was written under a request; longer than anybody writes, it is cut. A lost key gets a new one."""
    key = sent.get("key", "")
    text = _clean(sent.get("text", ""))[: LONGEST["text"]]
    return Addition(key if is_secret(key) else new_secret(), text, dangers=_ticked(sent))


def renewed(typed: Typed) -> Typed:
    """The same, to be sent as another request."""
    return replace(typed, secret=new_secret(), complaints={}, choice=None)


def asked(typed: Typed, draft: Request, left_out: int) -> Typed:
    """The same with what its draft still needs, and how many photos could not be taken."""
    complaints = {**typed.complaints, **_needs(draft)}
    if left_out:
        complaints["photos"] = Complaint("web.error.left_out", {"count": left_out, "most": MOST_PHOTOS})
    in_order = {name: complaints[name] for name in (*LONGEST, "photos") if name in complaints}
    return replace(typed, complaints=in_order)


def without_photos(typed: Typed, files: Sequence[IO[bytes]]) -> Typed:
    """The same, its photos not kept: a browser does not send them again by itself."""
    if not files:
        return typed
    return replace(typed, complaints={**typed.complaints, "photos": Complaint("web.error.photos_again")})


def chosen_files(files: Sequence[FileStorage]) -> list[IO[bytes]]:
    """The files that were chosen; a browser sends an empty one without a name if none was."""
    return [file.stream for file in files if file.filename]


def _needs(request: Request) -> Mapping[str, Complaint]:
    """What a draft still needs, by the field that asks for it."""
    found = {_FIELD_OF[missing]: Complaint(f"web.error.{_FIELD_OF[missing]}") for missing in request.missing}
    if "address" in found and request.candidates:
        found["address"] = Complaint("web.error.choose" if request.address_text else "web.error.photographed")
    elif "address" in found and request.address_text:
        found["address"] = Complaint("web.error.address_unknown")
    return found


def _ticked(sent: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(name for name in DANGERS if f"danger_{name}" in sent)


def _clean(text: str) -> str:
    """Without what a database cannot keep, lines ended as everywhere else."""
    kept = text.replace("\0", "").replace("\r\n", "\n").encode("utf-8", "ignore")
    return kept.decode().strip()


def _complaints(values: Mapping[str, str], phone: Phone | None, has_danger: bool) -> dict[str, Complaint]:
    found = {
        name: Complaint("web.error.too_long", {"limit": limit})
        for name, limit in LONGEST.items()
        if len(values[name]) > limit
    }
    needed = {"text": values["text"] or has_danger, "address": values["address"], "phone": phone}
    for name, there in needed.items():
        if not there:
            found.setdefault(name, Complaint(f"web.error.{name}"))
    return found
