"""The HTTP endpoints of a toy service, one for each thing that the edge must do right."""

import os
import time
from pathlib import Path
from typing import Any

from marshmallow import Schema, fields, validate
from werkzeug.wrappers import Response

from shared import logs
from shared.http import Call, Reply, api, raw


class NewThing(Schema):
    text = fields.String(required=True)
    count = fields.Integer(load_default=1, validate=validate.Range(1, 17))


class Window(Schema):
    limit = fields.Integer(load_default=50)
    after = fields.String(load_default="")


class Thing(NewThing):
    thing_id = fields.UUID(required=True)
    actor_id = fields.String(required=True)
    limit = fields.Integer(required=True)


class Gate(Schema):
    gate = fields.String(required=True)


class EdgeToy:
    """Mixed into a toy service."""

    @api(
        "POST",
        "/things/<uuid:thing_id>",
        body=NewThing,
        query=Window,
        returns={200: Thing},
        roles={"dispatcher", "master"},
        summary="A guarded command",
    )
    def change_thing(self, call: Call) -> Reply:
        known: dict[str, Any] = {"actor_id": call.actor.id, "limit": call.query["limit"], **call.path}
        return Reply(200, {**call.body, **known})

    @api("GET", "/hold", query=Gate, summary="Answers when the file GATE is removed")
    def hold(self, call: Call) -> Reply:
        gate = Path(call.query["gate"])
        gate.with_suffix(".inside").touch()
        while gate.exists():
            time.sleep(0.02)
        return Reply(200, {"pid": os.getpid()})

    @api("GET", "/bug", summary="A handler with a bug")
    def bug(self, call: Call) -> Reply:
        raise RuntimeError("the password of +77011234567 is hunter2")

    @api("GET", "/story", summary="The story that the handler works under")
    def story(self, call: Call) -> Reply:
        return Reply(200, {"correlation_id": logs.correlation.get()})

    @raw(
        "POST",
        "/upload",
        max_body_bytes=300 * 1024,
        on_error=lambda _edge, _request, error: Response(f"page: {error.code}", status=error.status),
        summary="Files of a form, and a page for each error",
    )
    def upload(self, call: Call) -> Response:
        sizes = [len(file.read()) for file in call.request.files.getlist("file")]
        return Response(f"{sizes} {len(call.request.form.get('text', ''))}", content_type="text/plain")

    @raw("POST", "/form", summary="An edge that is not JSON")
    def form(self, call: Call) -> Response:
        return Response(str(len(call.request.form.get("text", ""))), content_type="text/plain")
