"""Logins and passwords: kept by administrators, changed by their owners."""

import secrets

from services.crews.schemas import people as shapes
from services.crews.service.base import ADMINISTRATORS, ANYBODY, CrewPoints
from services.crews.usecases import logins
from shared.http import Call, Reply, api

_NO_STORE = {"Cache-Control": "no-store"}
_PASSWORD_BYTES = 12


class LoginPoints(CrewPoints):
    """Who may log in as what."""

    @api("GET", "/v1/logins", roles=ADMINISTRATORS, returns={200: shapes.LoginList}, summary="Logins by name")
    def list_logins(self, call: Call) -> Reply:  # noqa: ARG002 - an administrator sees all
        found = logins.list_logins(self.wiring.uow())
        return Reply(200, {"logins": [shapes.login_entry(login) for login in found]})

    @api(
        "PUT",
        "/v1/logins/<name>",
        roles=ADMINISTRATORS,
        body=shapes.LoginBody,
        returns=dict.fromkeys((200, 201), shapes.LoginEntry),
        summary="Add or change a login; a new one has no password until one is made",
    )
    def put_login(self, call: Call) -> Reply:
        login = shapes.login(call.path["name"], call.body)
        is_new = logins.put_login(self.wiring.uow(), login, call.actor.id)
        return Reply(201 if is_new else 200, shapes.login_entry(login))

    @api(
        "POST",
        "/v1/logins/<name>/password",
        roles=ADMINISTRATORS,
        returns={200: shapes.MadePassword},
        summary="Make a new password, shown this once; every session of the login ends",
    )
    def make_password(self, call: Call) -> Reply:
        made = logins.make_password(
            self.wiring.door,
            call.path["name"],
            call.actor.id,
            lambda: secrets.token_urlsafe(_PASSWORD_BYTES),
        )
        return Reply(200, {"password": made}, _NO_STORE)

    @api(
        "PUT",
        "/v1/me/password",
        roles=ANYBODY,
        body=shapes.OwnPassword,
        returns={204: None},
        summary="Change one's own password; every session ends, log in anew",
    )
    def change_own_password(self, call: Call) -> Reply:
        caller = self.caller(call)
        logins.change_own_password(
            self.wiring.door, call.actor.id, call.body["old"], call.body["new"], caller
        )
        return Reply(204)
