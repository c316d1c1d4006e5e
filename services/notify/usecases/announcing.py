"""One text to everybody in an area: listed page by page, released at a rate, paused, resumed, called off.

Each page and each release is one transaction that moves a cursor, so a crash loses nothing and repeats
nothing; a number that several contacts share is told once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from services.notify.domain.announcements import Announcement, Home, Stage
from services.notify.domain.hours import NEVER_QUIET, QuietHours
from services.notify.domain.messages import Message
from services.notify.errors import NobodyThere, UnknownAnnouncement
from services.notify.usecases.ports import Contact, Transaction

_MOST_AHEAD = 500  # and so many at most: each look at the queue reads them all
_MOST_AHEAD_S = 5.0  # seconds' worth of messages that wait for the sender: a pause is felt this soon


@dataclass(frozen=True)
class Subscriber:
    """One line of a list of residents, kept by their house's manager."""

    contact: Contact
    home: Home


@dataclass(frozen=True)
class Tally:
    """An announcement, and how many of its messages are in each state."""

    announcement: Announcement
    fates: Mapping[str, int]


def announce(uow: Transaction, announcement: Announcement) -> Tally:
    """Keep it; its recipients are listed in the background. One that is known already stays as it is."""
    with uow:
        known = uow.announcements.lock(announcement.id)
        if known is None:
            uow.announcements.put(announcement)
        fates = uow.announcements.fates(announcement.id)
        uow.commit()
    return Tally(known or announcement, fates)


def subscribe(uow: Transaction, subscribers: Sequence[Subscriber]) -> None:
    """Take residents over from a list; who is known already keeps what is newer."""
    with uow:
        uow.contacts.put_all([one.contact for one in subscribers])
        uow.homes.put_all([one.home for one in subscribers])
        uow.commit()


def list_recipients(uow: Transaction, page: int) -> int:
    """Look at the next ``page`` homes of the announcement that has waited longest; returns how many."""
    with uow:
        announcement = uow.announcements.claim(Stage.PLANNING)
        if announcement is None:
            return 0
        seen = uow.homes.page(announcement.area, announcement.cursor, page)
        meant = announcement.area.among([home for _, home in seen])
        found = uow.announcements.enlist(announcement.id, meant)
        cursor = seen[-1][0] if len(seen) == page else None
        uow.announcements.put(announcement.listed(found, cursor, uow.now))
        uow.commit()
    return max(len(seen), 1)


def release(uow: Transaction, most: int, quiet: QuietHours = NEVER_QUIET) -> int:
    """Queue the next messages of the announcement that has waited longest; returns how many. In the quiet
    hours only emergencies are announced; the others go on in the morning."""
    with uow:
        at_night = quiet.until(uow.now) is not None
        announcement = uow.announcements.claim(Stage.RUNNING, only_emergencies=at_night)
        if announcement is None:
            return 0
        most_ahead = min(int(_MOST_AHEAD_S * announcement.rate) + 1, _MOST_AHEAD)
        ahead = most_ahead - uow.announcements.waiting(announcement.id)
        if ahead <= 0:
            # Ahead of the sender: the others' turn, and no arrears to catch up with.
            uow.announcements.put(replace(announcement, stirred_at=uow.now))
            uow.commit()
            return 0
        count = announcement.may_release(uow.now, min(most, ahead))
        if count == 0:
            return 0
        heard = uow.announcements.next_recipients(announcement.id, announcement.cursor, count)
        told = [Message.announced(uuid4(), announcement.id, contact_id, uow.now) for _, contact_id in heard]
        uow.messages.announce(told)
        cursor = heard[-1][0] if heard else ""
        uow.announcements.put(announcement.released(len(heard), cursor, uow.now))
        uow.commit()
    return len(heard)


def move(uow: Transaction, announcement_id: UUID, to: Stage) -> Tally:
    """Start, pause, resume or call off; again is the same as once.

    Raises UnknownAnnouncement, NobodyThere (start), AnnouncementMoveNotAllowed.
    """
    with uow:
        announcement = _known(uow.announcements.lock(announcement_id))
        moved = announcement.moved(to, uow.now)
        if to is Stage.RUNNING and not moved.recipients:
            raise NobodyThere
        if to is Stage.CANCELLED:
            uow.announcements.call_off(announcement_id, uow.now)
        uow.announcements.put(moved)
        fates = uow.announcements.fates(announcement_id)
        uow.commit()
    return Tally(moved, fates)


def show(uow: Transaction, announcement_id: UUID) -> Tally:
    """Raises UnknownAnnouncement. Holds nothing up: the loops go on meanwhile."""
    with uow:
        known = _known(uow.announcements.get(announcement_id))
        return Tally(known, uow.announcements.fates(announcement_id))


def list_announcements(uow: Transaction, limit: int) -> list[Tally]:
    with uow:
        return [Tally(one, uow.announcements.fates(one.id)) for one in uow.announcements.recent(limit)]


def _known(announcement: Announcement | None) -> Announcement:
    if announcement is None:
        raise UnknownAnnouncement
    return announcement
