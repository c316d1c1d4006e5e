"""A device synchronises: what waited on it goes in, what it must learn comes out."""

from typing import Any
from uuid import UUID

from services.crews.schemas import feed as shapes
from services.crews.service.base import CREWS, CrewPoints, crew_id_of
from services.crews.service.commands import Sent, queued
from services.crews.usecases.commands import perform_or_keep
from services.crews.usecases.feed import changes_since
from shared.http import Call, Reply, api
from shared.logs import get_logger

_LARGEST_QUEUE_BYTES = 1024 * 1024
_log = get_logger(__name__)


class SyncPoints(CrewPoints):
    """The two ways of a device that was without network."""

    @api(
        "GET",
        "/v1/sync",
        query=shapes.ChangesQuery,
        returns={200: shapes.ChangesShape},
        roles=CREWS,
        summary="What changed for the crew since a cursor; without one, everything that is not over",
    )
    def show_changes(self, call: Call) -> Reply:
        return Reply(200, self._changes(call, call.query))

    @api(
        "POST",
        "/v1/sync",
        body=shapes.NewSync,
        returns={200: shapes.Synced},
        roles=CREWS,
        max_body_bytes=_LARGEST_QUEUE_BYTES,
        summary="Send what waited on the device, in order; each command is answered, none is lost",
    )
    def synchronise(self, call: Call) -> Reply:
        now = self.wiring.clock.now()
        skew_s = (call.body["sent_at"] - now).total_seconds()
        answers = [self._replay(call, told) for told in call.body["commands"]]
        _log.info("device_synchronised", commands=len(answers), skew_s=round(skew_s, 1))
        return Reply(
            200,
            {
                "clock": {"server_at": now, "skew_s": skew_s},
                "answers": answers,
                "changes": self._changes(call, call.body),
            },
        )

    def _replay(self, call: Call, told: dict[str, Any]) -> dict[str, Any]:
        assignment_id, body = _order_of(told)
        crew_id, sent_at = crew_id_of(call), call.body["sent_at"]
        sent = Sent(told["command"], told["key"], crew_id, call.actor.id, assignment_id, sent_at)
        command, work = queued(sent, body, self.wiring.policies)
        outcome = perform_or_keep(self.wiring.uow, command, work)
        return shapes.answer(sent.key, outcome, self.wiring.catalog, call.language)

    def _changes(self, call: Call, wanted: Any) -> dict[str, Any]:
        found = changes_since(self.wiring.uow(), crew_id_of(call), wanted["after"], wanted["limit"])
        return shapes.changes(found)


def _order_of(told: dict[str, Any]) -> tuple[UUID | None, dict[str, Any]]:
    """The order that a command is about; an id that is none stays among what was entered."""
    given, body = told["assignment_id"], told["body"]
    try:
        return (None if given is None else UUID(given)), body
    except ValueError:
        return None, {**body, "assignment_id": given}
