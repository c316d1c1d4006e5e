"""What an applicant says of finished work: kept, told to the journal, never lost.

A «нет» that may mean several requests sends each of them back to a dispatcher, who asks: a call too many
costs less than a trouble forgotten. A «да» that may mean several is asked about.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.intake.domain.conversation import Answer
from services.intake.domain.judging import JUDGED_WITHIN, Judged, Judgement, work_ended_at
from services.intake.domain.requests import Channel, Request, State
from services.intake.errors import NothingToJudge, RequestNotFound
from services.intake.usecases.links import seen
from services.intake.usecases.ports import UnitOfWork

Outcome = tuple[Request, Answer]


class Judging:
    """The requests of one person, inside one transaction. ``ended`` has those whose work is over, ``judged``
    what was said of each before."""

    def __init__(self, uow: UnitOfWork, requests: Sequence[Request], channel: Channel = Channel.SMS) -> None:
        self._uow = uow
        self._channel = channel
        self._own = [request for request in requests if request.state is State.REGISTERED]
        ends = {request.id: work_ended_at(uow.standings.get(request.id)) for request in self._own}
        self._ended = {request_id: at for request_id, at in ends.items() if at is not None}
        self._judged = uow.judgements.of([request.id for request in self._own])

    @property
    def latest_end(self) -> datetime | None:
        """When the work ended that was asked about last and not judged since."""
        return max((self._ended[request.id] for request in self._open()), default=None)

    def take(self, said: Judgement) -> Outcome | None:
        """What to answer; None if it is about nothing that was asked."""
        meant = self._meant(said)
        if not meant:
            return None
        if said.fixed and len(meant) > 1:
            return meant[-1], Answer("sms.judged_which", _named(meant))
        for request in meant:
            self._keep(request, said.fixed)
        name = "sms.judged_fixed" if said.fixed else "sms.judged_not_fixed"
        return meant[-1], Answer(name if len(meant) == 1 else f"{name}_all", _named(meant))

    def _meant(self, said: Judgement) -> list[Request]:
        """The request named, else those not judged yet, else the one judged last: a repeat."""
        if said.number is not None:
            known = self._ended.keys() | self._judged.keys()
            return [one for one in self._own if one.number == said.number and one.id in known]
        return self._open() or self._judged_last()

    def _open(self) -> list[Request]:
        return [one for one in self._own if self._is_recent(self._ended.get(one.id)) and self._is_news(one)]

    def _judged_last(self) -> list[Request]:
        judged = [
            one for one in self._own if one.id in self._judged and self._is_recent(self._judged[one.id].at)
        ]
        return [max(judged, key=lambda one: self._judged[one.id].at)] if judged else []

    def _is_recent(self, at: datetime | None) -> bool:
        return at is not None and at > self._uow.now - JUDGED_WITHIN

    def _is_news(self, request: Request) -> bool:
        """Whether work has ended since the applicant spoke of it."""
        known = self._judged.get(request.id)
        return known is None or known.at < self._ended.get(request.id, known.at)

    def _keep(self, request: Request, fixed: bool) -> None:
        known = self._judged.get(request.id)
        if known is not None and known.fixed is fixed and not self._is_news(request):
            return
        self._uow.judgements.put(Judged(request.id, fixed, self._uow.now))
        told = {"request_id": request.id, "fixed": fixed, "channel": self._channel, "at": self._uow.now}
        self._uow.emit("request.result_judged", str(request.id), told)


def judge_by_phone(uow: UnitOfWork, request_id: UUID, fixed: bool) -> Judged:
    """What the applicant told an operator. Again it is no news. Raises RequestNotFound, NothingToJudge."""
    with uow:
        request = uow.requests.get(request_id, lock=True)
        if request is None:
            raise RequestNotFound
        judging = Judging(uow, [request], Channel.PHONE)
        if request.number is None or judging.take(Judgement(fixed, request.number)) is None:
            raise NothingToJudge
        judged = uow.judgements.of([request_id])[request_id]
        uow.commit()
    return judged


def judge_by_link(uow: UnitOfWork, secret: str, fixed: bool) -> str:
    """What the holder of a link says on the page; what they are told: ``fixed``, ``not_fixed``, or
    ``judged_late`` if there is nothing (more) to judge. Again it is no news. Raises LinkUnknown.

    Nobody else can make a browser say it: the page's address is the secret, and there is no cookie to borrow.
    """
    with uow:
        known = seen(uow, secret, lock=True)
        if fixed not in known.open_to_judge(uow.now) and not known.has_said(fixed):
            return "judged_late"
        Judging(uow, [known.request], Channel.WEB).take(Judgement(fixed, known.request.number))
        uow.commit()
    return "fixed" if fixed else "not_fixed"


def _named(requests: Sequence[Request]) -> dict[str, Any]:
    numbers = ", ".join(str(request.number) for request in requests)
    return {"numbers": numbers, "number": requests[-1].number}
