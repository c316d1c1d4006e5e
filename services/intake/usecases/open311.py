"""Reports of other systems by Open311: taken once, listed for the public."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.intake.domain.desk import door_code
from services.intake.domain.hearing import Listener
from services.intake.domain.keys import ApiKey
from services.intake.domain.open311 import Report, Seen, Service
from services.intake.domain.outages import Outage
from services.intake.domain.registry import Point
from services.intake.domain.requests import Channel, Details, Request
from services.intake.errors import (
    RepeatKeyReused,
    RequestNotFound,
    ServiceNotFound,
    SpanTooLong,
    TokenNotFound,
)
from services.intake.usecases import incidents
from services.intake.usecases.forms import Form, begin
from services.intake.usecases.ports import Phone, UnitOfWork

REPEAT_WITHIN = timedelta(minutes=10)
"""The same content from the same sender within this time is a repeat of a lost answer, not a new trouble."""
KEY_LASTS = timedelta(days=14)
"""How long an ``Idempotency-Key`` is remembered."""
LONGEST_SPAN = timedelta(days=90)
_IN_DETAILS = ("entrance", "floor", "flat")


@dataclass(frozen=True)
class Submission:
    """One report as it came. ``other_contacts`` are ways to reach the applicant that no machine can call."""

    service_code: str
    fingerprint: str
    point: Point | None = None
    address_text: str = ""
    building_id: str = ""
    description: str = ""
    phone: Phone | None = None
    other_contacts: tuple[str, ...] = ()
    name: str = ""
    attributes: Mapping[str, tuple[str, ...]] | None = None
    media_url: str = ""
    account_id: str = ""
    repeat_key: str | None = None


@dataclass(frozen=True)
class Taken:
    """What became of a report: its request, and the outage that it rides on from its first moment."""

    request: Request
    outage: Outage | None = None


@dataclass(frozen=True)
class Query:
    """Which requests are asked for; ``numbers`` override everything else."""

    numbers: tuple[int, ...] | None = None
    service_codes: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    statuses: frozenset[str] = frozenset()
    limit: int = 1000


def service_of(services: Mapping[str, Service], code: str) -> Service:
    """The service with this code; raises ServiceNotFound."""
    if code not in services:
        raise ServiceNotFound(service_code=code)
    return services[code]


def submit_report(
    uow: UnitOfWork,
    listener: Listener,
    service: Service,
    sent: Submission,
    key: ApiKey,
    language: str,
) -> Taken:
    """The request of a report: registered, or a draft that a person completes. A repeat gives the same one.

    ``language`` is the caller's, used when the description shows none.
    """
    heard = listener.hear(sent.description, language).language.language if sent.description else language
    with uow:
        earlier = _earlier(uow, sent, key)
        if earlier is not None:
            return Taken(earlier, incidents.ride_of(uow, earlier.id))
        form = _form(service, sent, key, heard)
        request = begin(uow, listener, form, heard, author=f"api-key:{key.id}")
        uow.reports.add(_report(request, sent, key))
        taken = Taken(request, incidents.ride_of(uow, request.id))
        uow.commit()
    return taken


def find_request(uow: UnitOfWork, token: UUID) -> Request:
    """The request behind a token; raises TokenNotFound. Tokens of other channels' requests are none."""
    with uow:
        request = uow.requests.get(token) if uow.reports.get(token) is not None else None
    if request is None:
        raise TokenNotFound
    return request


def show_report(uow: UnitOfWork, query: Query) -> Sequence[Seen]:
    """The one registered request that was asked for; raises RequestNotFound."""
    found = list_reports(uow, query)
    if not found:
        raise RequestNotFound
    return found


def list_reports(uow: UnitOfWork, query: Query) -> Sequence[Seen]:
    """Registered requests that came by Open311, the newest first; raises SpanTooLong."""
    with uow:
        if query.numbers is not None:
            return uow.reports.registered(query.numbers[: query.limit])
        start, end = _span(query, uow.now)
        return uow.reports.search(query.service_codes, start, end, query.statuses, query.limit)


def _span(query: Query, now: datetime) -> tuple[datetime, datetime]:
    """From and until when; 90 days if only one end is told, the last 90 days if none is."""
    end = query.end or (min(query.start + LONGEST_SPAN, now) if query.start else now)
    start = query.start or end - LONGEST_SPAN
    if end - start > LONGEST_SPAN:
        raise SpanTooLong(days=LONGEST_SPAN.days)
    return start, end


def _earlier(uow: UnitOfWork, sent: Submission, key: ApiKey) -> Request | None:
    remembered = KEY_LASTS if sent.repeat_key else REPEAT_WITHIN
    twin = uow.reports.twin(key.id, _repeat_key(sent), uow.now - remembered)
    if twin is None:
        return None
    if twin.fingerprint != sent.fingerprint:
        raise RepeatKeyReused
    return uow.requests.get(twin.request_id)


def _repeat_key(sent: Submission) -> str:
    return f"header:{sent.repeat_key}" if sent.repeat_key else f"content:{sent.fingerprint}"


def _form(service: Service, sent: Submission, key: ApiKey, language: str) -> Form:
    given = dict(sent.attributes or {})
    details = Details(*((given.pop(name, ("",))[0])[:10] or None for name in _IN_DETAILS))
    intercom = given.pop("intercom", ("",))[0][:50]
    return Form(
        phone=sent.phone,
        name=sent.name,
        text="\n".join(_words(service, sent, given, language)),
        address_text=sent.address_text or None,
        building_id=sent.building_id or None,
        point=sent.point,
        details=details,
        language=language,
        channel=Channel.PARTNER,
        fallback_ref=key.contact_ref,
        desk=door_code(intercom),
        as_is=True,
    )


def _words(
    service: Service, sent: Submission, given: Mapping[str, tuple[str, ...]], language: str
) -> list[str]:
    """The request's text: the service's name, then the applicant's own words, then what was answered."""
    known = {attribute.code: attribute for attribute in service.attributes}
    lines = [f"{service.wordings[language].name}. {sent.description}".strip()]
    for code, values in given.items():
        attribute = known.get(code)
        lines.append(attribute.told(values, language) if attribute else f"{code}: {', '.join(values)}")
    return [*lines, *sent.other_contacts, *([sent.media_url] if sent.media_url else [])]


def _report(request: Request, sent: Submission, key: ApiKey) -> Report:
    return Report(
        request_id=request.id,
        service_code=sent.service_code,
        key_id=key.id,
        repeat_key=_repeat_key(sent),
        fingerprint=sent.fingerprint,
        received_at=request.received_at,
        description=sent.description,
        media_url=sent.media_url,
        account_id=sent.account_id,
    )
