"""What anybody may read: the feed of active outages and each as a CAP alert."""

from werkzeug.wrappers import Response

from services.notify.schemas.cap import ATOM_TYPE, CAP_TYPE, atom_feed, cap_alert
from services.notify.service.base import NotifyBase
from services.notify.usecases import publishing
from shared.http import Call, raw

_MOST = 500
_FOR_A_MINUTE = {"Cache-Control": "public, max-age=60"}


class PublicPoints(NotifyBase):
    """Open data: no names, no flats, no numbers of telephones but the contact centre's."""

    @raw("GET", "/public/outages.atom", summary="Active outages (Atom), each linked to its CAP alert")
    def outages_feed(self, call: Call) -> Response:  # noqa: ARG002 - whoever asks
        wiring = self.wiring
        found = publishing.active_bulletins(wiring.uow(), _MOST)
        feed = atom_feed(found, wiring.publisher, wiring.clock.now())
        return Response(feed, content_type=f"{ATOM_TYPE}; charset=utf-8", headers=_FOR_A_MINUTE)

    @raw(
        "GET",
        "/public/outages/<uuid:outage_id>.cap",
        summary="One outage as a CAP 1.2 alert in Russian and Kazakh",
    )
    def outage_alert(self, call: Call) -> Response:
        bulletin = publishing.show_bulletin(self.wiring.uow(), call.path["outage_id"])
        alert = cap_alert(bulletin, self.wiring.publisher)
        return Response(alert, content_type=f"{CAP_TYPE}; charset=utf-8", headers=_FOR_A_MINUTE)
