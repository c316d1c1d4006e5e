"""What the stream of crews' devices tells, and to whom."""

from collections.abc import Collection, Mapping
from uuid import UUID

from services.crews.schemas.live import Devices
from shared.changes import Change, News
from tests.unit.crews.examples import CREW

OTHER = UUID(int=8)


class FewChanges:
    """Remembers these changes, from number 5 on."""

    def latest(self) -> int:
        return 7

    def after(self, position: int) -> News | None:
        changes = [Change("feed", str(CREW), 6), Change("feed", str(OTHER), 7)]
        return News(7, [change for change in changes if change.number > position]) if position >= 4 else None


def cursors(crew_ids: Collection[UUID]) -> Mapping[UUID, int]:
    return {crew_id: 40 + crew_id.int % 10 for crew_id in crew_ids}


def test_each_crew_hears_of_its_own_feed_only() -> None:
    devices = Devices(FewChanges(), cursors)  # type: ignore[arg-type]
    batch = devices.after(5)
    assert batch is not None
    assert [(message.number, message.tags) for message in batch.messages] == [
        (6, frozenset({str(CREW)})),
        (7, frozenset({str(OTHER)})),
    ]
    assert batch.messages[1].body("ru") == {"cursor": 48}
    assert (batch.position, devices.latest()) == (7, 7)


def nobody_asks(crew_ids: Collection[UUID]) -> Mapping[UUID, int]:
    raise AssertionError(crew_ids)


def test_nothing_new_asks_nobody_and_what_is_forgotten_says_so() -> None:
    devices = Devices(FewChanges(), nobody_asks)  # type: ignore[arg-type]
    quiet = devices.after(7)
    assert quiet is not None
    assert (quiet.position, quiet.messages) == (7, [])
    assert devices.after(0) is None
