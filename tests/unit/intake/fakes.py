"""The store of intake in memory, with the promises of the one in PostgreSQL."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID

from services.intake.domain import geometry
from services.intake.domain.addresses import Address
from services.intake.domain.callbacks import Callback, CallbackState
from services.intake.domain.calls import Call, Figures, Outcome
from services.intake.domain.city import CityImport
from services.intake.domain.judging import Judged
from services.intake.domain.keys import ApiKey
from services.intake.domain.lookup import Place, Wanted
from services.intake.domain.messages import HeldMessage, Message
from services.intake.domain.open311 import Report, Seen
from services.intake.domain.outages import Kind, Outage, OutageFilter
from services.intake.domain.photos import Photo
from services.intake.domain.privacy import Access
from services.intake.domain.registry import Point, Registry
from services.intake.domain.requests import Contact, Request
from services.intake.domain.riders import House, Rider
from services.intake.domain.standing import CrewReport, Standing
from services.intake.errors import DraftChanged
from services.intake.usecases.callbacks import CallFilter
from services.intake.usecases.disclosure import AccessFilter
from shared.clock import Clock
from tests.support.fakes import FakeTransaction
from tests.unit.intake.fakes_partners import FakeCards, FakeDeliveries, FakePartners


class FakeContacts:
    def __init__(self, requests: "FakeRequests", messages: "FakeMessages", calls: "FakeCalls") -> None:
        self.rows: dict[str, Contact] = {}
        self.changed_at: dict[UUID, datetime] = {}
        self._requests, self._messages, self._calls = requests, messages, calls

    def by_phone(self, phone: str) -> Contact | None:
        return self.rows.get(phone)

    def by_ref(self, ref: UUID) -> Contact | None:
        return next((contact for contact in self.rows.values() if contact.ref == ref), None)

    def add(self, contact: Contact, now: datetime) -> Contact:
        self.changed_at.setdefault(contact.ref, now)
        return self.rows.setdefault(contact.phone, contact)

    def save(self, contact: Contact, now: datetime) -> None:
        self.changed_at[contact.ref] = now
        self.rows[contact.phone] = replace(
            self.rows[contact.phone],
            language=contact.language,
            sms_allowed=contact.sms_allowed,
            name=contact.name,
            script=contact.script,
            consent_at=contact.consent_at,
        )

    def forget(self, ref: UUID, now: datetime) -> None:
        [(key, kept)] = [(key, contact) for key, contact in self.rows.items() if contact.ref == ref]
        del self.rows[key]
        self.rows[f"erased {ref}"] = replace(kept, phone="", name="", is_callable=False, sms_allowed=False)
        self.changed_at[ref] = now

    def idle(self, before: datetime, after: UUID, limit: int) -> list[UUID]:
        found = [c.ref for c in self.rows.values() if c.ref > after and not c.is_erased]
        return sorted(ref for ref in found if self._heard_at(ref) < before)[:limit]

    def _heard_at(self, ref: UUID) -> datetime:
        asked = [request.updated_at for request in self._requests.of_contact(ref)]
        wrote: list[datetime] = [
            row["received_at"] for row in self._messages.rows.values() if row.get("sender_ref") == ref
        ]
        called = [call.rang_at for call in self._calls.rows.values() if call.contact_ref == ref]
        return max([self.changed_at[ref], *asked, *wrote, *called])


class FakeMessages:
    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}

    def claim(self, sid: str, body: str, truncated: bool, now: datetime, media: Sequence[str] = ()) -> bool:
        if sid in self.rows:
            return False
        self.rows[sid] = {"body": body, "truncated": truncated, "reply": None, "received_at": now}
        self.rows[sid] |= {"media": list(media), "held": False}
        return True

    def reply_to(self, sid: str) -> str:
        return self.rows[sid]["reply"] or ""

    def answer(
        self, sid: str, reply: str, sender_ref: UUID, request_id: UUID | None, held: bool = False
    ) -> None:
        told = {"reply": reply, "sender_ref": sender_ref, "request_id": request_id, "held": held}
        self.rows[sid] |= told

    def recent(self, sender_ref: UUID, since: datetime, limit: int) -> Sequence[Message]:
        rows = [(sid, row) for sid, row in self.rows.items() if row.get("sender_ref") == sender_ref]
        found = [
            Message(sid, row["body"], row["reply"] or "", row["received_at"])
            for sid, row in rows
            if row["received_at"] > since
        ]
        return sorted(found, key=lambda message: (message.received_at, message.sid))[-limit:]

    def of(self, request_id: UUID) -> Sequence[Message]:
        mine = [(sid, row) for sid, row in self.rows.items() if row.get("request_id") == request_id]
        found = [Message(sid, row["body"], row["reply"] or "", row["received_at"]) for sid, row in mine]
        return sorted(found, key=lambda message: (message.received_at, message.sid))

    def held(self, limit: int) -> Sequence[HeldMessage]:
        found = [self._held(sid) for sid, row in self.rows.items() if row["held"]]
        waiting = [one for one in found if one.request_id is None]
        return sorted(waiting, key=lambda one: (one.message.received_at, one.message.sid))[:limit]

    def held_one(self, sid: str) -> HeldMessage | None:
        row = self.rows.get(sid, {})
        return self._held(sid) if row.get("held") or row.get("request_id") else None

    def release(self, sid: str, request_id: UUID | None) -> None:
        self.rows[sid] |= {"held": False, "request_id": request_id}

    def _held(self, sid: str) -> HeldMessage:
        row = self.rows[sid]
        message = Message(sid, row["body"], row["reply"] or "", row["received_at"])
        return HeldMessage(message, row["sender_ref"], row["request_id"])

    def forget(self, sender_ref: UUID) -> None:
        for row in self.rows.values():
            if row.get("sender_ref") == sender_ref:
                row |= {"body": "", "reply": "", "held": False}


class FakeRequests:
    def __init__(self, standings: "FakeStandings") -> None:
        self._standings = standings
        self.rows: dict[UUID, Request] = {}
        self._last_number = 1000

    def get(self, request_id: UUID, lock: bool = False) -> Request | None:
        return self.rows.get(request_id)

    def latest_of(self, sender_ref: UUID, since: datetime) -> Request | None:
        theirs = [r for r in self.rows.values() if r.sender_ref == sender_ref and not r.is_dropped]
        mine = [request for request in theirs if request.updated_at > since]
        return max(mine, key=lambda request: (request.is_draft, request.updated_at), default=None)

    def last_place_of(self, contact_ref: UUID) -> Address | None:
        mine = [r for r in self.rows.values() if r.contact_ref == contact_ref and not r.is_draft]
        latest = max(mine, key=lambda request: str(request.registered_at), default=None)
        return latest.address if latest is not None else None

    def drafts(self, limit: int) -> Sequence[Request]:
        drafts = [r for r in self.rows.values() if r.is_draft and not r.is_dropped]
        return sorted(drafts, key=lambda r: (not r.needs_operator, r.received_at))[:limit]

    def search(self, wanted: Wanted) -> Sequence[Request]:
        fitting = [request for request in self.rows.values() if self._fits(request, wanted)]
        fitting.sort(key=lambda request: (-request.received_at.timestamp(), request.id))
        return fitting[: wanted.limit]

    def _fits(self, request: Request, wanted: Wanted) -> bool:
        standing = self._standings.get(request.id)
        place, desk = request.address, request.desk
        return (
            wanted.contact_ref in (None, request.contact_ref, request.sender_ref)
            and wanted.building_id in (None, place and place.building_id)
            and wanted.street in (None, place and place.street)
            and wanted.house in (None, place and place.house)
            and wanted.number in (None, str(request.number), desk.paper_number or None)
            and wanted.state in (None, standing.state if standing else request.state.value)
            and (wanted.since is None or request.received_at >= wanted.since)
            and (wanted.until is None or request.received_at < wanted.until)
            and (wanted.after is None or _is_behind(request, wanted.after))
        )

    def of_contact(self, contact_ref: UUID) -> Sequence[Request]:
        theirs = [r for r in self.rows.values() if contact_ref in (r.sender_ref, r.contact_ref)]
        return sorted(theirs, key=lambda request: request.received_at)

    def next_number(self) -> int:
        self._last_number += 1
        return self._last_number

    def add(self, request: Request) -> None:
        assert request.id not in self.rows
        self.rows[request.id] = request

    def save(self, request: Request) -> None:
        if self.rows[request.id].version != request.version:
            raise DraftChanged(version=request.version)
        self.rows[request.id] = replace(request, version=request.version + 1)


def _is_behind(request: Request, place: Place) -> bool:
    if request.received_at == place.received_at:
        return request.id > place.request_id
    return request.received_at < place.received_at


class FakeRegistries:
    def __init__(self) -> None:
        self.cities: dict[str, CityImport] = {}
        self._imports = 0

    def version(self) -> str:
        return str(self._imports) if self._imports else ""

    def load(self) -> Registry:
        kept = [self.cities[city].registry for city in sorted(self.cities)]
        return Registry(
            sorted((s for r in kept for s in r.streets), key=lambda street: street.id),
            sorted((b for r in kept for b in r.buildings), key=lambda building: building.id),
            sorted((d for r in kept for d in r.districts), key=lambda district: district.id),
            self.version(),
        )

    def replace(self, imported: CityImport, now: datetime) -> int:
        self._imports += 1
        self.cities[imported.city] = imported
        return self._imports


class FakeStandings:
    def __init__(self) -> None:
        self.rows: dict[UUID, Standing] = {}
        self.crews: dict[UUID, CrewReport] = {}

    def put(self, standing: Standing) -> None:
        known = self.rows.get(standing.request_id)
        if known is None or known.sequence < standing.sequence:
            self.rows[standing.request_id] = standing

    def put_crew(self, report: CrewReport) -> None:
        known = self.crews.get(report.request_id)
        if known is None or known.at <= report.at:
            self.crews[report.request_id] = report

    def get(self, request_id: UUID) -> Standing | None:
        known = self.rows.get(request_id)
        return replace(known, crew=self.crews.get(request_id)) if known is not None else None

    def of(self, request_ids: Sequence[UUID]) -> Mapping[UUID, Standing]:
        return {id_: self.rows[id_] for id_ in request_ids if id_ in self.rows}


class FakeJudgements:
    def __init__(self) -> None:
        self.rows: dict[UUID, Judged] = {}

    def put(self, judged: Judged) -> None:
        self.rows[judged.request_id] = judged

    def of(self, request_ids: Sequence[UUID]) -> Mapping[UUID, Judged]:
        return {id_: self.rows[id_] for id_ in request_ids if id_ in self.rows}


class FakeKeys:
    def __init__(self) -> None:
        self.rows: dict[UUID, ApiKey] = {}

    def add(self, key: ApiKey) -> None:
        self.rows[key.id] = key

    def revoke(self, id_: UUID, now: datetime) -> bool:
        key = self.rows.get(id_)
        if key is not None:
            self.rows[id_] = replace(key, revoked_at=key.revoked_at or now)
        return key is not None

    def by_digest(self, digest: str) -> ApiKey | None:
        return next((key for key in self.rows.values() if key.digest == digest), None)

    def every(self) -> Sequence[ApiKey]:
        return sorted(self.rows.values(), key=lambda key: (-key.created_at.timestamp(), key.id))


class FakeLinks:
    def __init__(self) -> None:
        self.rows: dict[str, UUID] = {}

    def claim(self, digest: str, request_id: UUID, now: datetime) -> UUID:
        return self.rows.setdefault(digest, request_id)

    def find(self, digest: str) -> UUID | None:
        return self.rows.get(digest)

    def forget(self, request_id: UUID) -> None:
        for digest in [digest for digest, known in self.rows.items() if known == request_id]:
            del self.rows[digest]


class FakeAccessLog:
    def __init__(self) -> None:
        self.rows: dict[int, Access] = {}
        self._last = 0

    def add(self, access: Access) -> None:
        self._last += 1
        self.rows[self._last] = access

    def list(self, wanted: AccessFilter) -> Sequence[tuple[int, Access]]:
        found = [(number, one) for number, one in self.rows.items() if _is_asked(wanted, number, one)]
        return sorted(found, reverse=True, key=lambda pair: pair[0])[: wanted.limit]

    def drop(self, before: datetime) -> int:
        old = [number for number, one in self.rows.items() if one.at < before]
        for number in old:
            del self.rows[number]
        return len(old)


def _is_asked(wanted: AccessFilter, number: int, one: Access) -> bool:
    return (
        wanted.contact_ref in (None, one.contact_ref)
        and wanted.actor_id in (None, one.actor_id)
        and (wanted.since is None or one.at >= wanted.since)
        and (wanted.until is None or one.at < wanted.until)
        and (wanted.before is None or number < wanted.before)
    )


class FakeReports:
    def __init__(
        self,
        requests: FakeRequests,
        standings: FakeStandings,
        expected: Callable[[UUID], datetime | None],
    ) -> None:
        self.rows: dict[UUID, Report] = {}
        self._expected = expected
        self._requests = requests
        self._standings = standings

    def twin(self, key_id: UUID, repeat_key: str, since: datetime) -> Report | None:
        same = [
            report
            for report in self.rows.values()
            if (report.key_id, report.repeat_key) == (key_id, repeat_key) and report.received_at > since
        ]
        return max(same, key=lambda report: report.received_at, default=None)

    def add(self, report: Report) -> None:
        self.rows[report.request_id] = report

    def get(self, request_id: UUID) -> Report | None:
        return self.rows.get(request_id)

    def forget(self, request_id: UUID) -> None:
        if request_id in self.rows:
            report = self.rows[request_id]
            self.rows[request_id] = replace(report, description="", media_url="", account_id="")

    def registered(self, numbers: Sequence[int]) -> Sequence[Seen]:
        found = {seen.request.number: seen for seen in self._seen()}
        return [found[number] for number in dict.fromkeys(numbers) if number in found]

    def search(
        self,
        service_codes: Sequence[str],
        start: datetime,
        end: datetime,
        statuses: frozenset[str],
        limit: int,
    ) -> Sequence[Seen]:
        wanted = [
            seen
            for seen in self._seen()
            if start <= seen.report.received_at <= end
            and (not service_codes or seen.report.service_code in service_codes)
            and (not statuses or ("closed" if seen.is_closed else "open") in statuses)
        ]
        wanted.sort(key=lambda seen: (-seen.report.received_at.timestamp(), seen.request.id))
        return wanted[:limit]

    def _seen(self) -> list[Seen]:
        pairs = [(report, self._requests.rows[id_]) for id_, report in self.rows.items()]
        return [
            Seen(p, r, self._standings.get(r.id), self._expected(r.id)) for p, r in pairs if not r.is_draft
        ]


class FakeOutages:
    def __init__(self) -> None:
        self.rows: dict[UUID, Outage] = {}
        self.fed: dict[tuple[str, str], str] = {}
        self.held: list[str] = []
        self._last_number = 0

    def serialise(self, families: Iterable[str]) -> None:
        self.held += sorted(set(families))

    def next_number(self) -> int:
        self._last_number += 1
        return self._last_number

    def add(self, outage: Outage) -> None:
        assert outage.id not in self.rows
        self.rows[outage.id] = _by_house(outage)

    def save(self, outage: Outage) -> Outage:
        self.rows[outage.id] = _by_house(replace(outage, version=outage.version + 1))
        return self.rows[outage.id]

    def touch(self, outage_id: UUID, now: datetime) -> None:
        self.rows[outage_id] = replace(self.rows[outage_id], last_joined_at=now)

    def get(self, outage_id: UUID, lock: bool = False) -> Outage | None:
        return self.rows.get(outage_id)

    def at_house(self, house: str) -> Sequence[Outage]:
        return self._live(lambda outage: house in outage.house_by_key)

    def near(self, point: Point, metres: float, symptoms: Collection[str]) -> Sequence[Outage]:
        return self._accidents(symptoms, lambda house: geometry.metres(house.point, point) <= metres)

    def on_feed(self, service: str, feed: str, symptoms: Collection[str]) -> Sequence[Outage]:
        return self._accidents(symptoms, lambda house: self.fed.get((service, house.key)) == feed)

    def feeds(self, service: str, houses: Collection[str]) -> Mapping[str, str]:
        return {house: self.fed[service, house] for house in houses if (service, house) in self.fed}

    def put_feeds(self, rows: Iterable[tuple[str, str, str]]) -> int:
        self.fed.clear()
        self.fed.update({(service, house): feed for service, house, feed in rows})
        return len(self.fed)

    def listed(self, wanted: OutageFilter) -> Sequence[Outage]:
        fitting = [
            outage
            for outage in self.rows.values()
            if (not wanted.states or outage.state in wanted.states)
            and wanted.kind in (None, outage.kind)
            and (wanted.symptom is None or wanted.symptom in outage.symptoms)
            and (wanted.house is None or wanted.house in outage.house_by_key)
            and (wanted.before is None or outage.number < wanted.before)
        ]
        return sorted(fitting, key=lambda outage: -outage.number)[: wanted.limit]

    def _accidents(self, symptoms: Collection[str], fits: Callable[[House], bool]) -> list[Outage]:
        return self._live(
            lambda outage: (
                outage.kind is Kind.ACCIDENT
                and bool(set(symptoms) & set(outage.symptoms))
                and any(fits(house) for house in outage.houses)
            )
        )

    def _live(self, fits: Callable[[Outage], bool]) -> list[Outage]:
        found = [outage for outage in self.rows.values() if outage.is_live and fits(outage)]
        return sorted(found, key=lambda outage: outage.number)


def _by_house(outage: Outage) -> Outage:
    return replace(outage, houses=tuple(sorted(outage.houses, key=lambda house: house.key)))


class FakeRiders:
    def __init__(self, outages: FakeOutages) -> None:
        self.rows: dict[UUID, Rider] = {}
        self._outages = outages

    def add(self, rider: Rider) -> None:
        assert rider.request_id not in self.rows
        self.rows[rider.request_id] = rider

    def save(self, rider: Rider) -> None:
        assert rider.request_id in self.rows
        self.rows[rider.request_id] = rider

    def get(self, request_id: UUID, lock: bool = False) -> Rider | None:
        return self.rows.get(request_id)

    def at_house(self, house: str, symptoms: Collection[str], since: datetime) -> Sequence[Rider]:
        return self._open(symptoms, since, lambda rider: rider.house == house)

    def near(
        self, point: Point, metres: float, symptoms: Collection[str], since: datetime
    ) -> Sequence[Rider]:
        return self._open(symptoms, since, lambda rider: geometry.metres(rider.point, point) <= metres)

    def on_feed(self, service: str, feed: str, symptoms: Collection[str], since: datetime) -> Sequence[Rider]:
        fed = self._outages.fed
        return self._open(symptoms, since, lambda rider: fed.get((service, rider.house)) == feed)

    def riding(self, outage_id: UUID, limit: int | None = None) -> Sequence[Rider]:
        riding = [r for r in self.rows.values() if r.outage_id == outage_id and r.ended_at is None]
        return sorted(riding, key=lambda rider: rider.number)[:limit]

    def members(self, outage_id: UUID, after: int, limit: int) -> Sequence[Rider]:
        found = [r for r in self.rows.values() if r.outage_id == outage_id and r.number > after]
        return sorted(found, key=lambda rider: rider.number)[:limit]

    def count(self, outage_ids: Collection[UUID]) -> Mapping[UUID, int]:
        ridden = (rider.outage_id for rider in self.rows.values())
        return Counter(outage_id for outage_id in ridden if outage_id in set(outage_ids))

    def latest_member(self, contact_ref: UUID) -> Rider | None:
        mine = [r for r in self.rows.values() if r.contact_ref == contact_ref and r.is_member]
        return max(mine, key=lambda rider: rider.number, default=None)

    def stranded(self, limit: int) -> Sequence[Rider]:
        found = [
            rider
            for rider in self.rows.values()
            if rider.ended_at is None
            and rider.outage_id is not None
            and not self._outages.rows[rider.outage_id].is_live
        ]
        return sorted(found, key=lambda rider: rider.number)[:limit]

    def _open(self, symptoms: Collection[str], since: datetime, fits: Callable[[Rider], bool]) -> list[Rider]:
        found = [
            rider
            for rider in self.rows.values()
            if rider.ended_at is None and rider.symptom in symptoms and rider.at >= since and fits(rider)
        ]
        return sorted(found, key=lambda rider: (rider.at, rider.number))


class FakeCalls:
    def __init__(self) -> None:
        self.rows: dict[str, Call] = {}
        self.callbacks = FakeCallbacks(self.rows)
        self.replies: dict[tuple[str, str, int], str] = {}

    def get(self, sid: str, lock: bool = False) -> Call | None:
        return self.rows.get(sid)

    def start(self, call: Call) -> Call:
        return self.rows.setdefault(call.sid, call)

    def save(self, call: Call) -> None:
        assert call.sid in self.rows
        self.rows[call.sid] = call

    def reply_to(self, sid: str, step: str, turn: int) -> str | None:
        return self.replies.get((sid, step, turn))

    def keep_reply(self, sid: str, step: str, turn: int, reply: str) -> None:
        assert sid in self.rows
        self.replies[sid, step, turn] = reply

    def silent(self, since: datetime, limit: int) -> Sequence[Call]:
        going_on = [c for c in self.rows.values() if c.answered_at is None and c.ended_at is None]
        return sorted((c for c in going_on if c.heard_at < since), key=lambda call: call.heard_at)[:limit]

    def listed(self, wanted: CallFilter) -> Sequence[Call]:
        found = [
            call
            for call in self.rows.values()
            if wanted.request_id in (None, call.request_id)
            and wanted.contact_ref in (None, call.contact_ref)
            and wanted.outcome in (None, call.outcome)
            and not (wanted.going_on and call.ended_at is not None)
            and (wanted.since is None or call.rang_at >= wanted.since)
            and (wanted.before is None or call.rang_at < wanted.before)
        ]
        return sorted(found, key=lambda call: (-call.rang_at.timestamp(), call.sid))[: wanted.limit]

    def figures(self, since: datetime, now: datetime, norm: timedelta) -> Figures:
        found = [call for call in self.rows.values() if call.rang_at >= since]
        outcomes = Counter(call.outcome for call in found)
        waited = [call.waited.total_seconds() for call in found if call.waited is not None]
        waiting = [callback for callback in self.callbacks.rows.values() if callback.is_open]
        return Figures(
            since,
            calls=len(found),
            answered=outcomes[Outcome.ANSWERED],
            answered_in_norm=sum(
                call.answered_at is not None and call.answered_at - call.rang_at <= norm for call in found
            ),
            messages=outcomes[Outcome.MESSAGE],
            callbacks=outcomes[Outcome.CALLBACK],
            dropped=outcomes[Outcome.DROPPED],
            waited_p50_s=_percentile(waited, 0.5),
            waited_p95_s=_percentile(waited, 0.95),
            to_call_back=len(waiting),
            overdue=sum(callback.due_at < now for callback in waiting),
        )

    def forget(self, contact_ref: UUID) -> None:
        theirs = {sid for sid, call in self.rows.items() if call.contact_ref == contact_ref}
        for sid in theirs:
            self.rows[sid] = replace(self.rows[sid], transcription="", recording=None)
        for key in [key for key in self.replies if key[0] in theirs]:
            del self.replies[key]


def _percentile(values: list[float], part: float) -> float | None:
    """Between neighbours, as PostgreSQL's percentile_cont."""
    if not values:
        return None
    ordered, at = sorted(values), part * (len(values) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


class FakeCallbacks:
    def __init__(self, calls: dict[str, Call]) -> None:
        self._calls = calls
        self.rows: dict[UUID, Callback] = {}

    def listed(
        self, states: frozenset[CallbackState], now: datetime, limit: int
    ) -> Sequence[tuple[Callback, Call]]:
        found = sorted(
            (callback for callback in self.rows.values() if callback.state in states),
            key=lambda one: (
                one.not_before is not None and one.not_before > now,
                one.alarm is None,
                one.due_at,
                one.id,
            ),
        )
        return [(callback, self._calls[callback.call_sid]) for callback in found[:limit]]

    def get(self, id_: UUID, lock: bool = False) -> Callback | None:
        return self.rows.get(id_)

    def open_of(self, contact_ref: UUID) -> Callback | None:
        mine = (c for c in self.rows.values() if c.is_open and c.contact_ref == contact_ref)
        return next(mine, None)

    def add(self, callback: Callback) -> None:
        assert callback.contact_ref is None or self.open_of(callback.contact_ref) is None
        self.rows[callback.id] = callback

    def save(self, callback: Callback) -> None:
        assert callback.id in self.rows
        self.rows[callback.id] = callback


class FakePhotos:
    def __init__(self) -> None:
        self.rows: dict[UUID, tuple[Photo, bytes]] = {}

    def add(self, photo: Photo, jpeg: bytes) -> bool:
        if any(known.digest == photo.digest for known in self.of(photo.request_id)):
            return False
        self.rows[photo.id] = (photo, jpeg)
        return True

    def of(self, request_id: UUID) -> Sequence[Photo]:
        found = [photo for photo, _ in self.rows.values() if photo.request_id == request_id]
        return sorted(found, key=lambda photo: (photo.added_at, photo.id))

    def get(self, photo_id: UUID) -> tuple[Photo, bytes] | None:
        return self.rows.get(photo_id)

    def forget(self, request_id: UUID) -> None:
        for photo in self.of(request_id):
            del self.rows[photo.id]


class FakeUnitOfWork(FakeTransaction):
    """What was written before a rollback is gone, as in the real one."""

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.messages = FakeMessages()
        self.standings = FakeStandings()
        self.judgements = FakeJudgements()
        self.requests = FakeRequests(self.standings)
        self.calls = FakeCalls()
        self.contacts = FakeContacts(self.requests, self.messages, self.calls)
        self.access_log = FakeAccessLog()
        self.registries = FakeRegistries()
        self.outages = FakeOutages()
        self.riders = FakeRiders(self.outages)
        self.keys = FakeKeys()
        self.links = FakeLinks()
        self.reports = FakeReports(self.requests, self.standings, self._expected)
        self.photos = FakePhotos()
        self.callbacks = self.calls.callbacks
        self.partners = FakePartners()
        self.cards = FakeCards()
        self.deliveries = FakeDeliveries()
        self._tables: tuple[dict[Any, Any], ...] = ()
        self._before: tuple[dict[Any, Any], ...] = ()

    def __enter__(self) -> Self:
        super().__enter__()
        self._tables = (
            self.contacts.rows,
            self.contacts.changed_at,
            self.access_log.rows,
            self.messages.rows,
            self.requests.rows,
            self.registries.cities,
            self.standings.rows,
            self.judgements.rows,
            self.outages.rows,
            self.outages.fed,
            self.riders.rows,
            self.standings.crews,
            self.keys.rows,
            self.links.rows,
            self.reports.rows,
            self.calls.rows,
            self.calls.replies,
            self.callbacks.rows,
            self.photos.rows,
            self.partners.rows,
            self.cards.rows,
            self.deliveries.rows,
            self.idempotency._kept,
        )
        self._keep()
        return self

    def __exit__(self, *error: Any) -> None:
        for table, before in zip(self._tables, self._before, strict=True):
            table.clear()
            table.update(before)
        super().__exit__(*error)

    def commit(self) -> None:
        super().commit()
        self._keep()

    def _expected(self, request_id: UUID) -> datetime | None:
        """When the outage on which a request rides is expected to end."""
        rider = self.riders.get(request_id)
        if rider is None or not rider.rides or rider.outage_id is None:
            return None
        outage = self.outages.get(rider.outage_id)
        return outage.ends_by if outage is not None and outage.is_live else None

    def _keep(self) -> None:
        self._before = tuple(dict(table) for table in self._tables)
