"""Taking what a resident sends from the web form, once however often it is sent."""

from dataclasses import dataclass, replace
from uuid import uuid4

from services.intake.domain.addresses import MOST_CHOICES, Candidate
from services.intake.domain.hearing import Listener
from services.intake.domain.language import KAZAKH, RUSSIAN
from services.intake.domain.links import digest_of
from services.intake.domain.photos import Picture
from services.intake.domain.places import AT_BUILDING_M, address_of
from services.intake.domain.registry import Building, Registry
from services.intake.domain.requests import Request
from services.intake.usecases.facts import after_people
from services.intake.usecases.forms import Form, begin, go_on
from services.intake.usecases.photos import attach
from services.intake.usecases.ports import UnitOfWork


@dataclass(frozen=True)
class Submission:
    """One press of the button. ``secret`` was issued with the empty form and stays the same while the form
    comes back: it makes all presses one request and becomes the link to its status page."""

    secret: str
    form: Form
    page_language: str
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True)
class Taken:
    """What became of a submission; ``is_repeat`` if its request had been registered or called off before.
    ``photos`` are those that its request has now, ``attached`` how many of this submission are among them."""

    request: Request
    is_repeat: bool = False
    attached: int = 0
    photos: int = 0


def submit(uow: UnitOfWork, listener: Listener, sent: Submission) -> Taken:
    """The request of this form: begun, gone on with, or as it is if it was registered already."""
    with uow:
        request_id = uow.links.claim(digest_of(sent.secret), uuid4(), uow.now)
        known = after_people(uow, request_id, [sent.form.phone])
        if known is not None and (not known.is_draft or known.is_dropped):
            return Taken(known, is_repeat=True, attached=len(sent.pictures))
        form = _with_photographed_places(sent, listener.resolver.registry)
        if known is None:
            request = begin(uow, listener, form, _language(listener, sent), request_id=request_id)
        else:
            request = go_on(uow, listener, known, _with_choice(known, form))
        attached = attach(uow, request.id, sent.pictures)
        photos = len(uow.photos.of(request.id))
        uow.commit()
    return Taken(request, attached=attached, photos=photos)


def _language(listener: Listener, sent: Submission) -> str:
    """The language they wrote in; the page's if the text shows none."""
    return listener.hear(sent.form.text or "", sent.page_language).language.language


def _with_choice(draft: Request, form: Form) -> Form:
    """A choice counts while the address is still the one for which it was offered."""
    is_same_place = (form.address_text or "") == draft.address_text
    if form.choice is None or not is_same_place or form.choice > len(draft.candidates):
        return replace(form, choice=None)
    return replace(form, address_text=None)


def _with_photographed_places(sent: Submission, registry: Registry) -> Form:
    """The form, with the buildings where the photos were taken to choose from if no address was typed."""
    if sent.form.address_text is not None:
        return sent.form
    points = {picture.point for picture in sent.pictures if picture.point is not None}
    near = (registry.nearest_building(point, AT_BUILDING_M) for point in points)
    buildings = {building.id: building for building in near if building is not None}
    offered = [_candidate(registry, building) for building in buildings.values()]
    return replace(sent.form, offered=tuple(offered[:MOST_CHOICES]))


def _candidate(registry: Registry, building: Building) -> Candidate:
    ru_kk = (registry.district_label(building.district, language) for language in (RUSSIAN, KAZAKH))
    return Candidate(address_of(registry, building), 1.0, ("photographed_here",), (0, 0), *ru_kk)
