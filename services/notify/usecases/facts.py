"""Facts from the other services become messages that wait for their turn."""

from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from uuid import UUID, uuid4

from services.notify.domain import outages
from services.notify.domain import telling as tellings
from services.notify.domain.announcements import Home
from services.notify.domain.hours import MAY_WAIT
from services.notify.domain.messages import Message
from services.notify.domain.outages import Ride
from services.notify.domain.plans import Plan
from services.notify.domain.telling import Progress, Telling, Verdict
from services.notify.errors import MessageOnItsWay
from services.notify.usecases import alerting
from services.notify.usecases.alert_ports import Place, Shipped
from services.notify.usecases.ports import Contact, Request, Transaction, Urgency

OUTAGE_OVER = "outage_over"
"""Journal's result of a request that ended with the outage it rode on."""


def note_contact(uow: Transaction, contact: Contact) -> None:
    with uow:
        uow.contacts.put(contact)
        uow.commit()


def forget_contact(uow: Transaction, contact_id: UUID, at: datetime) -> None:
    """What waits for them is then suppressed: nobody is left to write to. Raises MessageOnItsWay."""
    with uow:
        if uow.messages.is_sending_to(contact_id):
            raise MessageOnItsWay
        uow.messages.forget(contact_id)
        uow.homes.forget(contact_id)
        uow.contacts.forget(contact_id, at)
        uow.commit()


def note_request(
    uow: Transaction,
    request: Request,
    channel: str,
    registered_at: datetime,
    ride: Ride | None = None,
    zone: tzinfo = UTC,
    home: Home | None = None,
    place: Place | None = None,
) -> None:
    """Whose request rides on an outage from the first hears that instead of a bare number."""
    with uow:
        uow.requests.put(request)
        if place is not None:
            uow.places.put(place)
        if home is not None:
            uow.homes.put(home)
        if ride is not None:
            rides_now = uow.rides.put(ride)
            if channel != tellings.SMS and rides_now:
                _queue(uow, request.id, [outages.of_joining(ride, zone)])
            uow.commit()
            return
        _queue(uow, request.id, tellings.of_registration(str(request.id), channel, registered_at))
        uow.commit()


def note_urgency(uow: Transaction, urgency: Urgency) -> None:
    """A dispatcher's word: news of what may not wait is told at once, whatever the hour."""
    with uow:
        uow.urgencies.put(urgency)
        if urgency.category not in MAY_WAIT:
            uow.messages.let_go(urgency.request_id, uow.now)
        uow.commit()


def tell_verdict(uow: Transaction, verdict: Verdict, shipped: Shipped | None = None) -> None:
    """Advice to the resident; alerts to those who must know of the danger."""
    with uow:
        uow.urgencies.put(Urgency(UUID(verdict.request_id), verdict.category, verdict.decided_at))
        _queue(uow, UUID(verdict.request_id), tellings.of_verdict(verdict))
        alerting.on_verdict(uow, shipped or {}, verdict)
        uow.commit()


def tell_progress(uow: Transaction, progress: Progress, zone: tzinfo, *, asks: bool = False) -> None:
    """That a crew has taken the request is told once, whatever crew and whatever plan."""
    request_id = UUID(progress.request_id)
    with uow:
        again = progress.stage == "accepted" and uow.messages.has_any(request_id, tellings.ACCEPTED)
        news = tellings.of_progress(progress, zone, uow.plans.get(request_id), asks=asks)
        _queue(uow, request_id, [] if again else news)
        uow.commit()


def tell_withdrawal(
    uow: Transaction, request_id: UUID, assignment_id: UUID, reason: str, at: datetime
) -> None:
    """That the crew does not come after all, to those who have been told that it would."""
    with uow:
        said = [(message.occurred_at, message.template) for message in uow.messages.of_request(request_id)]
        expected = tellings.is_crew_expected(said)
        _queue(uow, request_id, tellings.of_withdrawal(str(assignment_id), reason, at) if expected else [])
        uow.commit()


def tell_state(
    uow: Transaction,
    request_id: UUID,
    to_state: str,
    at: datetime,
    result: str | None = None,
    channel: str | None = None,
    plan: Plan | None = None,
) -> None:
    """Closing is not news to someone who has been told that the work is done, or will be: the crew's report
    may come after the journal's word (``result``). Nor is what somebody asked for by SMS (``channel``) and
    had the answer to there: calling off, «не исправлено»."""
    with uow:
        if plan is not None:
            uow.plans.put(plan)
        if result == OUTAGE_OVER and _tell_outage_over(uow, request_id, at):
            uow.commit()
            return
        reported = result in tellings.COMPLETED or uow.messages.has_any(request_id, tellings.ENDINGS)
        repeats = to_state == "closed" and reported
        answered = to_state in ("cancelled", "returned") and channel == tellings.SMS
        _queue(
            uow, request_id, [] if repeats or answered else tellings.of_state(str(request_id), to_state, at)
        )
        uow.commit()


def _tell_outage_over(uow: Transaction, request_id: UUID, at: datetime) -> bool:
    """The request ended with its outage: told once to each number. False if the outage is not known here."""
    ride = uow.rides.get(request_id)
    if ride is None:
        return False
    if uow.rides.is_first_to_hear(request_id, outages.OVER, str(ride.outage_id)):
        _queue(uow, request_id, [outages.of_end(ride, at)])
    return True


def _queue(uow: Transaction, request_id: UUID, news: Iterable[Telling]) -> None:
    """Rows may wait here for their request or contact to become known: events come in any order."""
    for told in news:
        uow.messages.add(Message.queued(uuid4(), request_id, told, uow.now))
