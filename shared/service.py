"""What every service answers beside its own work: is it alive, is it ready, its figures, its API document."""

import importlib
from typing import Any

import prometheus_client
from marshmallow import Schema, fields
from werkzeug.wrappers import Response

from shared.http import Call, Reply, api, raw
from shared.openapi import document
from shared.wiring import BaseWiring


class Live(Schema):
    status = fields.String(required=True)


class Outbox(Schema):
    pending = fields.Integer(required=True)
    oldest_age_s = fields.Float(required=True)


class BaseService:
    """Base of the six services; each sets ``name`` and ``wiring``."""

    name: str
    wiring: BaseWiring

    @api("GET", "/live", returns={200: Live}, summary="Is the process alive")
    def live(self, call: Call) -> Reply:  # noqa: ARG002
        return Reply(200, {"status": "live"})

    @api("GET", "/ready", summary="Can it do its work: database, broker, unsent events")
    def ready(self, call: Call) -> Reply:  # noqa: ARG002
        able, facts = self.wiring.ready()
        return Reply(200 if able else 503, {"service": self.name, **facts})

    @raw("GET", "/metrics", summary="Figures for Prometheus")
    def metrics(self, call: Call) -> Response:  # noqa: ARG002
        return Response(
            prometheus_client.generate_latest(), content_type=prometheus_client.CONTENT_TYPE_LATEST
        )

    @api("GET", "/openapi.json", summary="This document")
    def openapi(self, call: Call) -> Reply:  # noqa: ARG002
        return Reply(200, _document(type(self)))


def service_class_of(service: str) -> type[BaseService]:
    """The class of one of our services; importing it starts nothing and patches nothing."""
    module = importlib.import_module(f"services.{service}.service")
    found: type[BaseService] = getattr(module, f"{service.capitalize()}Service")
    return found


_documents: dict[type, dict[str, Any]] = {}


def _document(service_class: type) -> dict[str, Any]:
    if service_class not in _documents:
        _documents[service_class] = document(service_class)
    return _documents[service_class]
