"""Taking and completing requests that somebody types into a form, and looking them up."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

from services.intake.domain import conversation
from services.intake.domain.addresses import Address, Candidate, Resolution
from services.intake.domain.desk import Desk, Paper, check_paper_time
from services.intake.domain.hearing import Listener
from services.intake.domain.language import RUSSIAN
from services.intake.domain.places import address_at, address_of, nearest_choice
from services.intake.domain.registry import Point, Registry
from services.intake.domain.requests import Applicant, Channel, Details, Request
from services.intake.errors import AlreadyRegistered, DraftChanged, DraftDropped, RequestNotFound
from services.intake.usecases.facts import after_people, contact_at, finish
from services.intake.usecases.ports import Phone, UnitOfWork


@dataclass(frozen=True)
class Form:
    """What was typed; everything may be absent, a field left out leaves a draft as it is.

    ``offered`` are places to choose from when no address was typed. ``building_id`` and ``point`` tell the
    place as another system knows it. ``fallback_ref`` is the contact if the applicant left no number.
    ``as_is`` hands to an operator what is still missing instead of asking on. Without ``register`` it is kept
    as typed so far, complete or not. ``desk`` are changes of the request's :class:`Desk` by name; ``paper``
    makes it a late entry.
    """

    phone: Phone | None = None
    text: str | None = None
    address_text: str | None = None
    details: Details = field(default_factory=Details)
    choice: int | None = None
    language: str | None = None
    applicant: Applicant | None = None
    channel: Channel = Channel.PHONE
    name: str = ""
    offered: tuple[Candidate, ...] = ()
    building_id: str | None = None
    point: Point | None = None
    fallback_ref: UUID | None = None
    as_is: bool = False
    register: bool = True
    desk: Mapping[str, Any] = field(default_factory=dict)
    paper: Paper | None = None


@dataclass(frozen=True)
class Command:
    """Who asks, and under which key the same command would come again."""

    actor_id: str
    key: str | None = None
    fingerprint: str = ""
    version: int | None = None
    """Which version of the request the change was made from; None when that does not matter."""


Encode = Callable[[Request], Any]
"""Turns a request into what was answered, to be kept for a repeat of the command."""


def take_form(uow: UnitOfWork, listener: Listener, form: Form, command: Command, encode: Encode) -> Any:
    """A request from an operator's form, registered if it is complete, else a draft; returns the answer."""

    def take() -> Request:
        language = form.language or listener.hear(form.text or "", RUSSIAN).language.language
        return begin(uow, listener, form, language, author=command.actor_id)

    return _once(uow, command, take, encode)


def complete_draft(
    uow: UnitOfWork, listener: Listener, request_id: UUID, form: Form, command: Command, encode: Encode
) -> Any:
    """A draft with what an operator found out, registered if that completes it; returns the answer."""

    def complete() -> Request:
        known = uow.requests.get(request_id)
        draft = after_people(uow, request_id, [_phone(known, form)]) if known is not None else None
        if draft is None:
            raise RequestNotFound
        if command.version not in (None, draft.version) and draft.is_draft:
            raise DraftChanged(version=draft.version)
        return go_on(uow, listener, draft, form)

    return _once(uow, command, complete, encode)


def copy_request(
    uow: UnitOfWork, listener: Listener, request_id: UUID, command: Command, encode: Encode
) -> Any:
    """A draft for another trouble at the same place, by the same person; returns the answer."""

    def copy() -> Request:
        source = uow.requests.get(request_id)
        if source is None:
            raise RequestNotFound
        copied = source.copied(uuid4(), command.actor_id, uow.now)
        finish(uow, listener, None, copied)
        return copied

    return _once(uow, command, copy, encode)


def begin(
    uow: UnitOfWork,
    listener: Listener,
    form: Form,
    language: str,
    author: str | None = None,
    request_id: UUID | None = None,
) -> Request:
    """A new request from a form, inside the caller's transaction."""
    if form.paper is not None:
        check_paper_time(form.paper.written_at, uow.now)
    request = Request(
        id=request_id or uuid4(),
        channel=form.channel,
        language=language,
        received_at=form.paper.written_at if form.paper else uow.now,
        updated_at=uow.now,
        author=author,
        desk=Desk(paper_number=form.paper.number, entered_at=uow.now) if form.paper else Desk(),
    )
    return _filled(uow, listener, None, request, form)


def go_on(uow: UnitOfWork, listener: Listener, draft: Request, form: Form) -> Request:
    """A draft with what a form adds, inside the caller's transaction; raises AlreadyRegistered or
    DraftDropped."""
    if draft.is_dropped:
        raise DraftDropped
    if not draft.is_draft:
        raise AlreadyRegistered
    renewed = replace(draft, language=form.language or draft.language, updated_at=uow.now)
    return _filled(uow, listener, draft, renewed, form)


def _once(uow: UnitOfWork, command: Command, work: Callable[[], Request], encode: Encode) -> Any:
    with uow:
        if command.key is not None:
            earlier = uow.idempotency.claim(command.key, command.actor_id, command.fingerprint)
            if earlier is not None:
                return earlier.body
        answer = encode(work())
        if command.key is not None:
            uow.idempotency.answer(command.key, command.actor_id, 200, answer)
        uow.commit()
    return answer


def list_drafts(uow: UnitOfWork, limit: int) -> Sequence[Request]:
    """What residents began and nobody completed yet, those that need an operator first."""
    with uow:
        return uow.requests.drafts(limit)


def fill(
    uow: UnitOfWork, listener: Listener, before: Request | None, request: Request, form: Form
) -> Request:
    """The request with the form's fields, stored and announced; for channels that own the transaction."""
    return _filled(uow, listener, before, request, form)


def _filled(
    uow: UnitOfWork, listener: Listener, before: Request | None, request: Request, form: Form
) -> Request:
    """The request with the form's fields, stored and announced."""
    request = replace(
        request,
        applicant=form.applicant or request.applicant,
        desk=replace(request.desk, **form.desk),
        problem=form.text if form.text is not None else request.problem,
        details=form.details.or_else(request.details),
    )
    request = _placed(request, listener, form)
    if form.choice is not None:
        request = conversation.choose(request, form.choice)
    if form.register:
        request = _registered_if_complete(uow, _with_contact(uow, request, form), form)
    finish(uow, listener, before, request)
    return replace(request, version=before.version + 1 if before is not None else request.version)


def _registered_if_complete(uow: UnitOfWork, request: Request, form: Form) -> Request:
    if not request.missing:
        return request.registered(uow.requests.next_number(), uow.now)
    return replace(request, needs_operator=True) if form.as_is else request


def _with_contact(uow: UnitOfWork, request: Request, form: Form) -> Request:
    """The request with the person whose number was typed, now or while the draft was kept."""
    phone = _phone(request, form)
    if phone is None:
        return replace(request, contact_ref=request.contact_ref or form.fallback_ref)
    contact = contact_at(uow, phone, request.language, form.name or request.desk.name)
    return replace(request, contact_ref=contact.ref, desk=replace(request.desk, phone_text="", phone=""))


def _phone(request: Request, form: Form) -> Phone | None:
    kept = request.desk.phone
    return form.phone or (Phone(kept, is_callable=True) if kept else None)


def _placed(request: Request, listener: Listener, form: Form) -> Request:
    """The request at the place that the form tells: in words, by its building, by a point if words fail."""
    registry = listener.resolver.registry
    if form.address_text is not None:
        request = _at_address(request, listener.resolver.resolve(form.address_text), form.address_text)
    elif form.offered and request.address is None:
        request = replace(request, candidates=form.offered)
    building = registry.building_by_id.get(form.building_id or "")
    if building is not None:
        return _at(request, address_of(registry, building))
    if form.point is not None and request.address is None:
        return _at_point(request, registry, form.point)
    return request


def _at_point(request: Request, registry: Registry, point: Point) -> Request:
    """The request at the reading of its address that is here, else at the building or street that is."""
    meant = nearest_choice(request.candidates, point)
    address = meant.address if meant is not None and meant.is_complete else address_at(registry, point)
    if address is not None:
        return _at(request, address)
    return replace(request, address_text=request.address_text or f"{point[0]}, {point[1]}")


def _at(request: Request, address: Address) -> Request:
    return replace(request, address=address, candidates=(), needs_operator=False)


def _at_address(request: Request, resolution: Resolution, text: str) -> Request:
    """The request at the address typed if that is clear, otherwise with the candidates to choose from."""
    details = request.details.or_else(Details(resolution.entrance, resolution.floor, resolution.flat))
    request = replace(request, address_text=text, details=details)
    best = resolution.best
    if best is None or not best.is_complete:
        return replace(request, address=None, candidates=resolution.choices)
    return replace(request, address=best.address, candidates=(), needs_operator=False)
