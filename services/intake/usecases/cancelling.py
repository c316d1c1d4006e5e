"""Calling a request off at its applicant's word, on whatever channel it comes."""

from collections.abc import Callable
from dataclasses import replace

from services.intake.domain.requests import Channel, Request
from services.intake.domain.standing import Standing
from services.intake.usecases.ports import UnitOfWork

IsGrave = Callable[[str], bool]
"""Whether words tell of danger."""


def call_off(
    uow: UnitOfWork, is_grave: IsGrave, request: Request, standing: Standing | None, channel: Channel
) -> bool:
    """Whether only a person may do that: danger or a crew on site leave the decision to a dispatcher; the
    journal looks once more. Inside the caller's transaction."""
    risky = standing is not None and (bool(standing.hazards) or standing.is_crew_on_site)
    unjudged = standing is None or standing.category is None
    needs_person = risky or (unjudged and is_grave(request.problem))
    _announce(uow, request, needs_person, channel)
    return needs_person


def drop(uow: UnitOfWork, is_grave: IsGrave, draft: Request, channel: Channel) -> Request:
    """A draft that tells of danger stays for a person to look at; any other is dropped at a word."""
    if is_grave(draft.problem):
        kept = replace(draft, needs_operator=True, updated_at=uow.now)
        _announce(uow, kept, True, channel)
        return kept
    dropped = replace(draft, question=None, candidates=(), needs_operator=False)
    _announce(uow, dropped, False, channel)
    return dropped


def _announce(uow: UnitOfWork, request: Request, needs_person: bool, channel: Channel) -> None:
    """Told once: said again, it is no news."""
    if request.cancelled_at is not None:
        return
    present = uow.requests.get(request.id, lock=True) or request
    changed = request if request.is_draft else present
    uow.requests.save(replace(changed, cancelled_at=uow.now, updated_at=uow.now))
    uow.emit(
        "request.cancelled",
        str(request.id),
        {"request_id": request.id, "channel": channel, "needs_person": needs_person, "at": uow.now},
    )
