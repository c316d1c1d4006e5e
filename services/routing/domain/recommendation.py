"""What a dispatcher is recommended: every crew that can come, and what that does to the work it has."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from services.routing.domain import planning
from services.routing.domain.crews import Crew
from services.routing.domain.desk import Desk
from services.routing.domain.options import Effect, Option, Options, weigh
from services.routing.domain.picture import Picture, Waiting, rules_of, situation_of
from services.routing.domain.words import Way

Numbers = Mapping[UUID, str]


@dataclass(frozen=True)
class Wanted:
    """The request in question; ``numbers`` are those of the requests that might have to wait for it."""

    waiting: Waiting
    numbers: Numbers


def advise(picture: Picture, wanted: Wanted, desk: Desk) -> Options:
    """Every crew of the picture for this request: ranked with times and effects, or refused with reasons.

    A crew that has the request already is weighed as if it were free.
    """
    asked_for = wanted.waiting.job
    seen = _without_it(picture, wanted.waiting)
    found = weigh(asked_for, seen.crews, desk, seen.now, wanted.waiting.asked)
    situation = situation_of(seen, desk, asked_for.category)
    places = {
        place.crew_id: place for place in planning.options(situation, asked_for.request_id, rules_of(desk))
    }
    ranked = tuple(
        _shown(option, places.get(option.candidate.crew.crew_id), wanted, seen.now) for option in found.ranked
    )
    return replace(found, ranked=ranked)


def _without_it(picture: Picture, waiting: Waiting) -> Picture:
    """The picture in which nobody has the request, and it waits."""
    request_id = waiting.job.request_id
    others = [other for other in picture.waiting if other.job.request_id != request_id]
    turns = [turn for turn in picture.turns if turn.request_id != request_id]
    crews = [_free_of(crew, request_id) for crew in picture.crews]
    return replace(picture, crews=crews, waiting=[*others, waiting], turns=turns)


def _free_of(crew: Crew, request_id: UUID) -> Crew:
    return replace(crew, busy_with=None, holding=None) if crew.busy_with == request_id else crew


def _shown(option: Option, place: planning.Option | None, wanted: Wanted, now: datetime) -> Option:
    due_at = wanted.waiting.job.due_at
    in_norm = None if due_at is None else now + option.candidate.eta <= due_at
    delayed = _delayed(place, wanted.numbers) if place is not None and _is_the_same(option, place) else ()
    return replace(option, effects=(*option.effects, *delayed), in_norm=in_norm)


def _is_the_same(option: Option, place: planning.Option) -> bool:
    """Whether the planner means the same: at once, or after the present work."""
    if option.candidate.way is Way.INSTEAD:
        return place.interrupts is not None
    in_hand = 0 if option.candidate.way is Way.NOW else 1
    return place.interrupts is None and place.position == in_hand


def _delayed(place: planning.Option, numbers: Numbers) -> Iterable[Effect]:
    """Who waits longer, and who has to wait for another crew; the job in hand is told of elsewhere."""
    effects: dict[UUID, timedelta | None] = {effect.request_id: effect.later_by for effect in place.effects}
    effects |= dict.fromkeys(place.displaced)
    return tuple(
        Effect(request_id, numbers.get(request_id, ""), later_by)
        for request_id, later_by in effects.items()
        if request_id != place.interrupts
    )
