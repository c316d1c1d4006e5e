"""Finding out, while the resident is on the line, whether this trouble is one that is worked on already.

One decision per family of symptoms at a time: however many replicas take messages, one incident gets one lead
and one outage. Nothing here waits for another service, and a request with any danger never comes here at all.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID, uuid4

from services.intake.domain.outages import SOLVING, WITH_CREW, Kind, Outage, State
from services.intake.domain.requests import Request
from services.intake.domain.riders import HouseState, Left, Part, Rider, rider_of
from services.intake.domain.spreading import FURTHEST, crowd, is_near, lead_of, reaches
from services.intake.domain.standing import Standing
from services.intake.domain.troubles import Level, Symptom, Trouble, TroubleBook
from services.intake.usecases import rides
from services.intake.usecases.ports import UnitOfWork

MOST_ABSORBED = 200
"""How many riders one opening takes along at most; the next message of the outage takes the rest."""


def take_in(uow: UnitOfWork, book: TroubleBook, request: Request, trouble: Trouble) -> Outage | None:
    """Note a request that is being registered; the outage it rides on from its first moment, if any."""
    address = request.full_address
    assert address is not None
    assert request.number is not None
    rider = rider_of(request.id, request.number, request.contact_ref, address, trouble, uow.now)
    uow.riders.add(rider)
    if not rider.may_join:
        return None
    uow.outages.serialise([book.family(rider.symptom)])
    return _Incident(uow, book, rider, is_new=True).find()


def refine(uow: UnitOfWork, book: TroubleBook, request_id: UUID, fault: str, hazards: frozenset[str]) -> None:
    """What triage found: dangers that its outage does not have split a request off at once (rule 6.8), and a
    trouble that our words could not read may turn out to be one that is worked on."""
    with uow:
        known = uow.riders.get(request_id)
        if known is None:
            return
        symptoms = known.symptoms or tuple(name for name in [book.of_fault(fault)] if name)
        uow.outages.serialise(_families(uow, book, known, symptoms))
        rider = uow.riders.get(request_id, lock=True)
        assert rider is not None
        level = book.symptom(symptoms[0]).level if symptoms and not rider.symptoms else rider.level
        read = replace(rider, symptoms=symptoms, level=level, hazards=rider.hazards | hazards)
        if read != rider:
            uow.riders.save(read)
        _follow_reading(uow, book, rider, read, hazards)
        uow.commit()


def follow(uow: UnitOfWork, book: TroubleBook, standing: Standing) -> None:
    """What the official state of a request means for its outage: a solved lead closes it, a lost one is
    replaced. Inside the caller's transaction."""
    known = uow.riders.get(standing.request_id)
    if known is None or not (standing.is_finished or standing.state == "consulted"):
        return
    uow.outages.serialise(_families(uow, book, known, known.symptoms))
    rider = uow.riders.get(standing.request_id, lock=True)
    assert rider is not None
    if rider.ended_at is not None:
        return
    uow.riders.save(rider.ended(Left.FINISHED, uow.now))
    outage = uow.outages.get(rider.outage_id, lock=True) if rider.outage_id else None
    if outage is None or not outage.is_live or rider.part is not Part.LEAD:
        return
    solved = standing.state == "closed" and standing.result in SOLVING
    after = (
        outage.moved(State.CLOSED, uow.now, standing.result)
        if solved
        else rides.hand_over(uow, outage, f"lead_{standing.state}")
    )
    rides.store(uow, after)


def ride_of(uow: UnitOfWork, request_id: UUID) -> Outage | None:
    """The outage whose crew works for this request, or for which its own crew works. Inside the caller's
    transaction, which it does not hold up."""
    rider = uow.riders.get(request_id)
    if rider is None or not rider.rides or rider.outage_id is None:
        return None
    return uow.outages.get(rider.outage_id)


def split_by_resident(uow: UnitOfWork, book: TroubleBook, contact_ref: UUID) -> UUID | None:
    """«Mine is different»: the request that this person last had joined to an outage, on its own from now on.

    None if they have none. Inside the caller's transaction.
    """
    known = uow.riders.latest_member(contact_ref)
    return known.request_id if known is not None and split_request(uow, book, known.request_id) else None


def split_request(uow: UnitOfWork, book: TroubleBook, request_id: UUID) -> bool:
    """The same of one request; False if it rides on nothing."""
    known = uow.riders.get(request_id)
    if known is None or not known.is_member:
        return False
    uow.outages.serialise(_families(uow, book, known, known.symptoms))
    current = uow.riders.get(request_id, lock=True)
    if current is None or not current.is_member:
        return False
    rides.split(uow, current, Left.RESIDENT, by="resident")
    return True


def end_rides(uow: UnitOfWork, limit: int) -> int:
    """Let the next ``limit`` requests go whose outage is over; returns how many there were."""
    with uow:
        stranded = uow.riders.stranded(limit)
        outages = {id_: uow.outages.get(id_) for id_ in {r.outage_id for r in stranded} if id_ is not None}
        for rider in stranded:
            outage = outages[rider.outage_id] if rider.outage_id else None
            assert outage is not None
            _let_go(uow, rider, outage)
        uow.commit()
    return len(stranded)


def _let_go(uow: UnitOfWork, rider: Rider, outage: Outage) -> None:
    if rider.part is Part.LEAD:  # it has a crew and a life of its own
        uow.riders.save(rider.ended(Left.FINISHED, uow.now))
    elif outage.state is State.CLOSED:
        rides.end_ride(uow, rider, outage)
    else:
        rides.split(uow, rider, Left.CALLED_OFF)


def _families(uow: UnitOfWork, book: TroubleBook, rider: Rider, symptoms: Iterable[str]) -> set[str]:
    """Every family that a change of this rider may concern."""
    outage = uow.outages.get(rider.outage_id) if rider.outage_id else None
    return {book.family(name) for name in (*symptoms, *(outage.symptoms if outage else ()))}


def _follow_reading(
    uow: UnitOfWork, book: TroubleBook, before: Rider, read: Rider, hazards: frozenset[str]
) -> None:
    if read.rides:
        outage = uow.outages.get(read.outage_id, lock=True) if read.outage_id else None
        assert outage is not None
        if read.part is Part.LEAD and not read.hazards <= outage.hazards and outage.is_live:
            rides.store(uow, replace(outage, hazards=outage.hazards | read.hazards))
        elif read.is_member and hazards - outage.hazards:
            rides.split(uow, read, Left.HAZARD, hazards=hazards - outage.hazards)
    elif not before.symptoms and read.may_join and not has_crew(uow, read):
        _Incident(uow, book, read, is_new=False).find()


def has_crew(uow: UnitOfWork, rider: Rider) -> bool:
    """Whether somebody is on the request already (or nobody will be any more)."""
    standing = uow.standings.get(rider.request_id)
    return standing is not None and (standing.state in WITH_CREW or standing.state == "consulted")


def merge(uow: UnitOfWork, outage: Outage, other_id: UUID) -> Outage | None:
    """The outage with everybody from an incident that the machine found; its lead leads on, comes along, or
    goes on alone with the crew it has. None for an incident that a person entered: that one stands."""
    other = uow.outages.get(other_id, lock=True)
    if other is None or not other.is_live or other.kind is Kind.PLANNED or other.author != rides.SYSTEM:
        return None
    for rider in uow.riders.riding(other.id):
        alone = replace(rider, outage_id=None, part=None, joined_at=None)
        if rider.part is Part.LEAD and outage.wants_lead:
            outage = rides.put_in_front(uow, outage, alone)
        elif rider.part is Part.MEMBER or (alone.may_join and not has_crew(uow, rider)):
            rides.join(uow, outage, alone)
        else:
            uow.riders.save(alone)
    rides.store(uow, other.moved(State.CALLED_OFF, uow.now, f"merged:{outage.number}"))
    return outage


class _Incident:
    """One rider looking for the incident it belongs to, inside one transaction."""

    def __init__(self, uow: UnitOfWork, book: TroubleBook, rider: Rider, is_new: bool) -> None:
        self._uow = uow
        self._book = book
        self._rider = rider
        self._is_new = is_new
        self._symptom: Symptom = book.symptom(rider.symptom)
        self._kin = book.accounted_for_by(rider.symptom)
        self._twins = {name for name in self._kin if self._symptom.accounts_for(name)}

    def find(self) -> Outage | None:
        """The outage that the rider rides on from now on."""
        outage = self._covering() or self._repeated() or self._spreading()
        if outage is None or outage.state is State.SUSPECTED:
            outage = self._crowded() or outage
        if outage is None:
            return None
        if self._is_new:
            rides.board(self._uow, outage, self._rider)
        else:
            rides.join(self._uow, outage, self._rider)
        return outage

    def _covering(self) -> Outage | None:
        """What is known at this house: an outage rather than a mere repeat, the older one first."""
        here = [
            outage
            for outage in self._uow.outages.at_house(self._rider.house)
            if outage.accounts_for(self._rider, self._book, self._uow.now)
        ]
        found = min(here, key=lambda outage: (outage.state is State.SUSPECTED, outage.number), default=None)
        if found is None or found.kind is Kind.PLANNED or found.state is State.SUSPECTED:
            return found
        return self._confirmed(found)

    def _repeated(self) -> Outage | None:
        since = self._uow.now - FURTHEST
        earlier = self._uow.riders.at_house(self._rider.house, self._kin, since)
        leading = lead_of(self._rider, [one for one in earlier if self._is_open(one)], self._book)
        if leading is None:
            return None
        if leading.outage_id is not None:
            return self._joinable(leading.outage_id)
        return self._begin(leading, State.SUSPECTED, leading.level, [leading, self._rider])

    def _is_open(self, rider: Rider) -> bool:
        """Whether the work on it is still to be done: what was repaired and broke again is a new trouble."""
        standing = self._uow.standings.get(rider.request_id)
        return standing is None or standing.state not in ("done", "consulted", "closed")

    def _crowded(self) -> Outage | None:
        """An outage opened because enough flats report the same, with everybody who reported it."""
        limit = self._symptom.outage
        if limit is None:
            return None
        others = self._nearby(self._rider, limit.spread_m)
        group = crowd(self._rider, others, self._symptom, self._feeds_of([self._rider, *others]))
        if not group:
            return None
        ridden = next((one.outage_id for one in group if one.outage_id is not None), None)
        if ridden is None:
            return self._absorbing(self._begin(group[0], State.OPEN, Level.HOUSE, group), group)
        outage = self._joinable(ridden)
        if outage is None:
            return None
        houses = [one.at_house(Level.HOUSE) for one in group]
        opened = rides.store(self._uow, outage.opened(Level.HOUSE, houses, self._uow.now))
        return self._absorbing(opened, group)

    def _joinable(self, outage_id: UUID) -> Outage | None:
        """An outage that earlier riders ride on, unless it is over, altogether or at this house."""
        outage = self._uow.outages.get(outage_id, lock=True)
        if outage is None or not outage.is_live:
            return None
        here = outage.house_by_key.get(self._rider.house)
        return outage if here is None or here.state is not HouseState.RESTORED else None

    def _spreading(self) -> Outage | None:
        """An open outage next door, or on the same feed, which has come to this house too."""
        limit = self._symptom.outage
        if limit is None:
            return None
        near = [*self._uow.outages.near(self._rider.point, limit.spread_m, self._kin), *self._fed_alike()]
        feeds = self._feeds_of([self._rider], near)
        found = next((one for one in near if reaches(one, self._rider, self._symptom, feeds)), None)
        if found is None:
            return None
        wider = found.with_house(self._rider.at_house(Level.HOUSE, HouseState.PRESUMED))
        return rides.store(self._uow, wider) if wider != found else found

    def _confirmed(self, outage: Outage) -> Outage:
        """The outage with this house no longer only presumed: a second household there says so."""
        known = outage.house_by_key[self._rider.house]
        if known.state is not HouseState.PRESUMED:
            return outage
        return rides.store(self._uow, outage.with_house(replace(known, state=HouseState.OFF)))

    def _begin(self, leading: Rider, state: State, level: Level, riders: Sequence[Rider]) -> Outage:
        """A new incident with this rider in front."""
        outage = Outage(
            id=uuid4(),
            number=self._uow.outages.next_number(),
            kind=Kind.ACCIDENT,
            state=state,
            symptoms=leading.symptoms[:1],
            level=level,
            started_at=leading.at,
            created_at=self._uow.now,
            updated_at=self._uow.now,
            lead_request_id=leading.request_id,
            hazards=leading.hazards,
        )
        for rider in riders:
            outage = outage.with_house(rider.at_house(level))
        outage = rides.store(self._uow, outage, is_new=True)
        self._uow.riders.save(leading.joined(outage.id, Part.LEAD, self._uow.now))
        return outage

    def _absorbing(self, outage: Outage, group: Sequence[Rider]) -> Outage:
        """The outage with everything around it that is the same: single riders, smaller outages."""
        taken = 0
        wider, queue, seen = outage, list(group), {self._rider.request_id, outage.lead_request_id}
        while queue and taken < MOST_ABSORBED:
            rider = queue.pop(0)
            if rider.request_id in seen:
                continue
            seen.add(rider.request_id)
            if not self._takes(wider, rider):
                continue
            taken += 1
            wider = wider.with_house(rider.at_house(Level.HOUSE))
            queue += self._recent_around(rider)
        return rides.store(self._uow, wider) if wider != outage else wider

    def _recent_around(self, rider: Rider) -> list[Rider]:
        limit = self._symptom.outage
        assert limit is not None
        others = self._nearby(rider, limit.spread_m)
        feeds = self._feeds_of([rider, *others])
        return [
            one
            for one in others
            if one.house and not one.only_ours and is_near(rider, one.house, one.point, limit.spread_m, feeds)
        ]

    def _takes(self, outage: Outage, rider: Rider) -> bool:
        """Make the rider ride on the outage if it may; whether its house belongs to the outage now."""
        if rider.outage_id == outage.id:
            return True
        if rider.outage_id is not None:
            return merge(self._uow, outage, rider.outage_id) is not None
        if rider.may_join and not has_crew(self._uow, rider):
            rides.join(self._uow, outage, rider)
            return True
        return False

    def _nearby(self, rider: Rider, spread_m: float) -> list[Rider]:
        """Recent open riders of the same kind at this house and within reach of it."""
        limit = self._symptom.outage
        assert limit is not None
        since = self._uow.now - limit.within
        riders = self._uow.riders
        found = [
            *riders.at_house(rider.house, self._twins, since),
            *riders.near(rider.point, spread_m, self._twins, since),
        ]
        feed = self._uow.outages.feeds(self._symptom.service, [rider.house]).get(rider.house)
        if feed is not None:
            found += riders.on_feed(self._symptom.service, feed, self._twins, since)
        return list({one.request_id: one for one in found}.values())

    def _fed_alike(self) -> Sequence[Outage]:
        service = self._symptom.service
        feed = self._uow.outages.feeds(service, [self._rider.house]).get(self._rider.house)
        return self._uow.outages.on_feed(service, feed, self._kin) if feed is not None else ()

    def _feeds_of(self, riders: Iterable[Rider], outages: Iterable[Outage] = ()) -> dict[str, str]:
        houses = {rider.house for rider in riders if rider.house}
        houses |= {house.key for outage in outages for house in outage.houses}
        return dict(self._uow.outages.feeds(self._symptom.service, houses))
