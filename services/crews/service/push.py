"""Web Push: phones that want to be woken."""

from uuid import uuid4

from services.crews.clients.push import is_push_service
from services.crews.domain.push import Subscription
from services.crews.errors import UnknownPushService
from services.crews.schemas import push as shapes
from services.crews.service.base import CREWS, CrewPoints, crew_id_of
from services.crews.usecases import push
from shared.http import Call, Reply, api


class PushPoints(CrewPoints):
    """Subscriptions of phones."""

    @api(
        "GET",
        "/v1/push/key",
        returns={200: shapes.PushKeyShape},
        roles=CREWS,
        summary="The key to subscribe with; null where no push is configured",
    )
    def show_push_key(self, call: Call) -> Reply:  # noqa: ARG002
        return Reply(200, {"public_key": self.wiring.pusher.public_key})

    @api(
        "POST",
        "/v1/me/push-subscriptions",
        body=shapes.NewSubscription,
        returns={201: shapes.SubscriptionShape},
        roles=CREWS,
        summary="Wake this phone for offers, withdrawals, messages and answers",
    )
    def subscribe_to_push(self, call: Call) -> Reply:
        told = shapes.keys(call.body)
        if not is_push_service(told["endpoint"], self.wiring.policies.push_hosts):
            raise UnknownPushService
        phone = Subscription(uuid4(), crew_id_of(call), **told)
        return Reply(201, {"id": push.subscribe(self.wiring.uow(), phone)})

    @api(
        "DELETE",
        "/v1/me/push-subscriptions/<uuid:subscription_id>",
        roles=CREWS,
        returns={204: None},
        summary="Wake it no more",
    )
    def unsubscribe_from_push(self, call: Call) -> Reply:
        push.unsubscribe(self.wiring.uow(), crew_id_of(call), call.path["subscription_id"])
        return Reply(204)
