"""Announcements to whole areas: made, started, paused, called off, watched."""

from functools import partial

from services.notify.domain.announcements import Stage
from services.notify.schemas.announcements import (
    AnnouncementList,
    AnnouncementQuery,
    AnnouncementShape,
    NewAnnouncement,
    announcement_card,
    announcement_of,
)
from services.notify.service.base import NotifyBase
from services.notify.usecases import announcing
from services.notify.usecases.announcing import Tally
from shared.http import Call, Reply, api
from shared.logs import get_logger

_READERS = frozenset({"operator", "dispatcher", "senior_dispatcher", "master", "administrator"})
_ANNOUNCERS = frozenset({"senior_dispatcher", "master", "administrator"})
_ONE = "/v1/announcements/<uuid:announcement_id>"
_read = partial(api, "GET", roles=_READERS)
_command = partial(api, "POST", roles=_ANNOUNCERS, returns={200: AnnouncementShape})
_log = get_logger(__name__)


class AnnouncementPoints(NotifyBase):
    """One text for thousands, at a pace that lets emergencies pass."""

    @api(
        "PUT",
        _ONE,
        body=NewAnnouncement,
        returns={200: AnnouncementShape},
        roles=_ANNOUNCERS,
        summary="Announce to houses or a polygon; the id is the caller's, again is the same as once",
    )
    def announce(self, call: Call) -> Reply:
        wanted = announcement_of(
            call.path["announcement_id"],
            call.body,
            call.actor.id,
            self.wiring.choices.announcements_per_second,
            self.wiring.clock.now(),
        )
        return self._done(announcing.announce(self.wiring.uow(), wanted))

    @_read(
        "/v1/announcements",
        query=AnnouncementQuery,
        returns={200: AnnouncementList},
        summary="The newest first",
    )
    def list_announcements(self, call: Call) -> Reply:
        found = announcing.list_announcements(self.wiring.uow(), call.query["limit"])
        return Reply(200, {"announcements": [announcement_card(one) for one in found]})

    @_read(_ONE, returns={200: AnnouncementShape}, summary="How far it has come")
    def show_announcement(self, call: Call) -> Reply:
        return Reply(200, announcement_card(announcing.show(self.wiring.uow(), call.path["announcement_id"])))

    @_command(f"{_ONE}/start", summary="Begin, or go on after a pause")
    def start_announcement(self, call: Call) -> Reply:
        return self._move(call, Stage.RUNNING)

    @_command(f"{_ONE}/pause", summary="Release nothing more; what waits for the sender (seconds) still goes")
    def pause_announcement(self, call: Call) -> Reply:
        return self._move(call, Stage.PAUSED)

    @_command(f"{_ONE}/cancel", summary="Call off, with what still waits for the sender")
    def cancel_announcement(self, call: Call) -> Reply:
        return self._move(call, Stage.CANCELLED)

    def _move(self, call: Call, to: Stage) -> Reply:
        return self._done(announcing.move(self.wiring.uow(), call.path["announcement_id"], to))

    def _done(self, tally: Tally) -> Reply:
        known = tally.announcement
        _log.info("announcement_moved", announcement_id=str(known.id), stage=known.stage.value, by=known.by)
        self.wiring.wake_announcements()
        return Reply(200, announcement_card(tally))
