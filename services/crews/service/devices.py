"""Phones of crews: paired by a one-time code, listed, revoked."""

from services.crews.errors import PairingCodeInvalid, TooManyAttempts
from services.crews.schemas import access as shapes
from services.crews.service.base import ISSUERS, CrewPoints, official_of
from services.crews.usecases import devices
from shared.http import Call, Reply, api
from shared.logs import get_logger

_NO_STORE = {"Cache-Control": "no-store"}
_log = get_logger(__name__)


class DevicePoints(CrewPoints):
    """Dispatchers and masters let phones in and out; a phone brings its code."""

    @api(
        "POST",
        "/v1/pairing-codes",
        body=shapes.NewPairingCode,
        returns={201: shapes.PairingCodeShape},
        roles=ISSUERS,
        summary="A one-time code that lets one phone speak for a crew",
    )
    def create_pairing_code(self, call: Call) -> Reply:
        issued = devices.issue_code(self.wiring.door, official_of(call), call.body["crew_id"])
        stored = issued.stored
        shown = {"code": issued.code, "crew_id": stored.crew_id, "expires_at": stored.expires_at}
        return Reply(201, shown, _NO_STORE)

    @api(
        "POST",
        "/v1/devices",
        body=shapes.NewDevice,
        returns={201: shapes.AccessToken},
        summary="Pair this phone with its crew by a one-time code",
    )
    def pair_device(self, call: Call) -> Reply:
        try:
            admission = devices.pair(
                self.wiring.door, call.body["code"], self.caller(call, call.body["name"])
            )
        except (PairingCodeInvalid, TooManyAttempts) as refused:
            _log.warning("pairing_refused", code=refused.code)
            raise
        return Reply(201, shapes.admission(admission), _NO_STORE)

    @api(
        "GET",
        "/v1/devices",
        query=shapes.DevicesQuery,
        returns={200: shapes.Devices},
        roles=ISSUERS,
        summary="The phones that are paired",
    )
    def list_devices(self, call: Call) -> Reply:
        found = devices.list_devices(self.wiring.uow(), official_of(call), call.query["crew_id"])
        return Reply(200, {"devices": found})

    @api(
        "DELETE",
        "/v1/devices/<uuid:device_id>",
        roles=ISSUERS,
        returns={204: None},
        summary="Put a phone out",
    )
    def revoke_device(self, call: Call) -> Reply:
        devices.revoke_device(self.wiring.uow(), official_of(call), call.path["device_id"])
        return Reply(204)
