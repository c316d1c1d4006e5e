"""Web Push: what a phone sends so that it can be woken."""

from typing import Any

from marshmallow import Schema, fields

from services.crews.schemas.checks import text


class PushKeys(Schema):
    """The keys of a browser's subscription, as it gives them."""

    p256dh = fields.String(required=True, validate=text(200))
    auth = fields.String(required=True, validate=text(100))


class NewSubscription(Schema):
    """A browser's ``PushSubscription`` as its ``toJSON`` gives it."""

    endpoint = fields.URL(required=True, schemes={"https"}, require_tld=True, validate=text(1000))
    keys = fields.Nested(PushKeys, required=True)
    expirationTime = fields.Raw(load_default=None, allow_none=True)  # noqa: N815 - the browser's word


class SubscriptionShape(Schema):
    """The subscription that was kept."""

    id = fields.UUID(required=True)


class PushKeyShape(Schema):
    """The application server's key for ``pushManager.subscribe``; null: this service pushes nothing."""

    public_key = fields.String(required=True, allow_none=True)


def keys(body: dict[str, Any]) -> dict[str, str]:
    return {"endpoint": body["endpoint"], **body["keys"]}
