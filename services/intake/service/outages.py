"""The dispatchers' API of outages: look, open, change, join, split, close, call off, copy."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from nameko.rpc import rpc

from services.intake.errors import VersionRequired
from services.intake.schemas import outages as wire
from services.intake.service.base import OPERATORS, IntakePoints, command_of
from services.intake.usecases import outages
from services.intake.usecases.forms import Command
from services.intake.usecases.outages import Plan, Seen
from services.intake.usecases.ports import UnitOfWork
from shared.errors import AvariykaError, Invalid
from shared.http import Call, Reply, api
from shared.idempotency import fingerprint

DISPATCHERS = frozenset({"dispatcher", "senior_dispatcher", "master", "administrator"})
_READERS = OPERATORS | DISPATCHERS
_read = partial(api, "GET", roles=_READERS)
_command = partial(api, "POST", roles=DISPATCHERS, returns={200: wire.OutageShape}, idempotent=True)
_MOVES = {"join": outages.join_request, "split": outages.split_request}
_Work = Callable[[UnitOfWork], Seen]


class OutagePoints(IntakePoints):
    """Mass incidents as dispatchers see and lead them."""

    @_read(
        "/v1/outages",
        query=wire.OutageQuery,
        returns={200: wire.OutageList},
        summary="Outages, filtered, the newest first",
    )
    def list_outages(self, call: Call) -> Reply:
        found = outages.list_outages(self.wiring.uow(), call.query["wanted"])
        return Reply(200, {"outages": [wire.outage_card(seen) for seen in found]})

    @_read(
        "/v1/outages/<uuid:outage_id>",
        returns={200: wire.OutageShape},
        summary="One outage; its version is in the ETag",
    )
    def show_outage(self, call: Call) -> Reply:
        card = wire.outage_card(outages.show_outage(self.wiring.uow(), wire.id_of(call.path)))
        return Reply(200, card, wire.etag(card))

    @_read(
        "/v1/outages/<uuid:outage_id>/members",
        query=wire.MembersQuery,
        returns={200: wire.MemberList},
        summary="The requests of an outage, page by page",
    )
    def list_members(self, call: Call) -> Reply:
        found = outages.list_members(self.wiring.uow(), wire.id_of(call.path), **call.query)
        return Reply(200, {"members": [wire.member_card(rider) for rider in found]})

    @api(
        "POST",
        "/v1/outages",
        body=wire.NewOutage,
        returns={201: wire.OutageShape},
        roles=DISPATCHERS,
        summary="Open an accident, or enter a planned outage ahead of its time",
        idempotent=True,
    )
    def open_outage(self, call: Call) -> Reply:
        plan = wire.plan_of(call.body, self.wiring.listener.resolver)
        return self._once(
            call, 201, lambda uow: outages.open_outage(uow, self.wiring.book, plan, call.actor.id)
        )

    @api(
        "PATCH",
        "/v1/outages/<uuid:outage_id>",
        body=wire.OutageChanges,
        returns={200: wire.OutageShape},
        roles=DISPATCHERS,
        summary="Change scope, times, cause, course or words; If-Match names the version that was read",
        idempotent=True,
    )
    def change_outage(self, call: Call) -> Reply:
        changes = wire.changes_of(call.body, self.wiring.listener.resolver)
        version = _version(call)
        return self._once(
            call,
            200,
            lambda uow: outages.change_outage(uow, self.wiring.book, wire.id_of(call.path), version, changes),
        )

    @_command(
        "/v1/outages/<uuid:outage_id>/close",
        body=wire.Closing,
        summary="It is over: its requests end with it (If-Match)",
    )
    def close_outage(self, call: Call) -> Reply:
        version = _version(call)
        return self._do(call, outages.close_outage, version=version, result=call.body["result"])

    @_command(
        "/v1/outages/<uuid:outage_id>/call-off",
        body=wire.CallingOff,
        summary="It was none: its requests are worked on one by one (If-Match)",
    )
    def call_off_outage(self, call: Call) -> Reply:
        version = _version(call)
        return self._do(call, outages.call_off_outage, version=version, reason=call.body["reason"])

    @_command("/v1/outages/<uuid:outage_id>/join", body=wire.OneRequest, summary="This request belongs to it")
    def join_request(self, call: Call) -> Reply:
        return self._do(call, outages.join_request, by=call.actor.id, **call.body)

    @_command(
        "/v1/outages/<uuid:outage_id>/split", body=wire.OneRequest, summary="This request is another trouble"
    )
    def split_request(self, call: Call) -> Reply:
        return self._do(call, outages.split_request, by=call.actor.id, **call.body)

    @api(
        "POST",
        "/v1/outages/<uuid:outage_id>/copy",
        body=wire.CopyInput,
        returns={201: wire.OutageShape},
        roles=DISPATCHERS,
        summary="A new outage like this one, with times of its own",
        idempotent=True,
    )
    def copy_outage(self, call: Call) -> Reply:
        changes = Plan(symptoms=(), houses=(), **call.body)
        outage_id, by = wire.id_of(call.path), call.actor.id
        return self._once(
            call, 201, lambda uow: outages.copy_outage(uow, self.wiring.book, outage_id, changes, by)
        )

    @rpc
    def move_request(
        self, move: str, outage_id: str, request_id: str, by: str, key: str | None = None
    ) -> Mapping[str, Any]:
        """``join`` a request to an outage or ``split`` it off for a dispatcher of another service: the outage
        as HTTP gives it, or ``{"error": code}``."""
        command = Command(by, key, fingerprint("move_request", move, outage_id, request_id))
        try:
            verb, ids = _MOVES[move], (UUID(outage_id), UUID(request_id))
            work = partial(verb, book=self.wiring.book, outage_id=ids[0], request_id=ids[1], by=by)
            return dict(outages.once(self.wiring.uow(), command, work, wire.outage_card))
        except (KeyError, ValueError):
            return {"error": Invalid.code}
        except AvariykaError as refused:
            return {"error": refused.code}

    def _do(self, call: Call, verb: Callable[..., Seen], **wish: Any) -> Reply:
        outage_id = wire.id_of(call.path)
        return self._once(call, 200, lambda uow: verb(uow, self.wiring.book, outage_id=outage_id, **wish))

    def _once(self, call: Call, status: int, work: _Work) -> Reply:
        card = outages.once(self.wiring.uow(), command_of(call), work, wire.outage_card)
        return Reply(status, card, wire.etag(card))


def _version(call: Call) -> int:
    version = wire.version_of(call.request.headers.get("If-Match"))
    if version is None:
        raise VersionRequired
    return version
