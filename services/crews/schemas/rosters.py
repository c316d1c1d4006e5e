"""Rosters and duty: what masters, contractors and crews send and get."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from marshmallow import Schema, fields, post_load, validate

from services.crews.domain.people import Staff
from services.crews.domain.roster_rules import Objection, Reason, RosterPolicy, hours_of
from services.crews.domain.rosters import (
    DutyShift,
    PlannedShift,
    Roster,
    RosterKind,
    RosterState,
    RosterStep,
    Side,
)
from services.crews.schemas.checks import plausible, text
from services.crews.schemas.paper_words import figure


class PlannedShiftShape(Schema):
    """Who is on duty until before ``ends_at``: a crew (``people``: who of it), or people at a ``post``."""

    id = fields.UUID(required=True)
    starts_at = fields.AwareDateTime(required=True, validate=plausible)
    ends_at = fields.AwareDateTime(required=True, validate=plausible)
    crew_id = fields.UUID(load_default=None, allow_none=True)
    people = fields.List(fields.UUID(), required=True, validate=validate.Length(max=50))
    leader = fields.UUID(load_default=None, allow_none=True)
    post = fields.String(load_default=None, allow_none=True, validate=text(100))
    note = fields.String(load_default=None, allow_none=True, validate=text(1000))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> PlannedShift:
        return PlannedShift(**{**data, "people": tuple(data["people"])})


class RosterBody(Schema):
    """Shifts over the days from ``starts_on`` to ``ends_on``, both included, at most 93."""

    organisation_id = fields.UUID(required=True)
    kind = fields.Enum(RosterKind, by_value=True, required=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True)
    shifts = fields.List(fields.Nested(PlannedShiftShape), required=True, validate=validate.Length(max=2000))


class ObjectionShape(Schema):
    """One thing wrong; what ``refuses`` cannot be published. ``text`` says it in the caller's language."""

    reason = fields.Enum(Reason, by_value=True, required=True)
    refuses = fields.Boolean(required=True)
    shift_id = fields.UUID(required=True, allow_none=True)
    person_id = fields.UUID(required=True, allow_none=True)
    crew_id = fields.UUID(required=True, allow_none=True)
    details = fields.Dict(required=True)
    text = fields.String(required=True)


class HoursShape(Schema):
    """Hours planned for a person, and those of them at night."""

    person_id = fields.UUID(required=True)
    hours = fields.Float(required=True)
    night_hours = fields.Float(required=True)


class RosterSummary(Schema):
    """A roster without its shifts; ``version`` is its ETag, ``agreed`` says who agreed for which side."""

    id = fields.UUID(required=True)
    organisation_id = fields.UUID(required=True)
    kind = fields.Enum(RosterKind, by_value=True, required=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True)
    state = fields.Enum(RosterState, by_value=True, required=True)
    version = fields.Integer(required=True)
    published_version = fields.Integer(required=True, allow_none=True)
    changed_by = fields.String(required=True)
    changed_at = fields.AwareDateTime(required=True)
    agreed = fields.Dict(required=True)


class RosterShape(RosterSummary):
    """A roster with what is wrong with it and the hours it gives everybody."""

    shifts = fields.List(fields.Nested(PlannedShiftShape), required=True)
    objections = fields.List(fields.Nested(ObjectionShape), required=True)
    hours = fields.List(fields.Nested(HoursShape), required=True)


class Rosters(Schema):
    """Rosters, the earliest first."""

    rosters = fields.List(fields.Nested(RosterSummary), required=True)


class PeriodQuery(Schema):
    """Days, both included."""

    since = fields.Date(required=True, data_key="from")
    until = fields.Date(required=True, data_key="to")


class DutyQuery(Schema):
    """A stretch of time; without it: now. ``from`` alone: that moment."""

    since = fields.AwareDateTime(load_default=None, data_key="from", validate=plausible)
    until = fields.AwareDateTime(load_default=None, data_key="to", validate=plausible)


class DutyShiftShape(Schema):
    """A published shift and what became of it."""

    id = fields.UUID(required=True)
    roster_id = fields.UUID(required=True)
    organisation_id = fields.UUID(required=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    crew_id = fields.UUID(required=True, allow_none=True)
    people = fields.List(fields.UUID(), required=True)
    leader = fields.UUID(required=True, allow_none=True)
    post = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    begun_at = fields.AwareDateTime(required=True, allow_none=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)
    confirmed_at = fields.AwareDateTime(required=True, allow_none=True)
    confirmed_by = fields.String(required=True, allow_none=True)


class DutyShifts(Schema):
    """Published shifts, the earliest first."""

    shifts = fields.List(fields.Nested(DutyShiftShape), required=True)


class ShiftChangesShape(Schema):
    """Ids of shifts."""

    added = fields.List(fields.UUID(), required=True)
    removed = fields.List(fields.UUID(), required=True)
    changed = fields.List(fields.UUID(), required=True)


class RosterActShape(Schema):
    """Who did what to which version; ``changes`` from what was saved or published before."""

    version = fields.Integer(required=True)
    step = fields.Enum(RosterStep, by_value=True, required=True)
    by = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    changes = fields.Nested(ShiftChangesShape, required=True)


class RosterHistory(Schema):
    """What was done to a roster, the earliest first."""

    acts = fields.List(fields.Nested(RosterActShape), required=True)


def roster(id_: UUID, body: dict[str, Any], by: str, now: datetime) -> Roster:
    return Roster(id=id_, changed_by=by, changed_at=now, **{**body, "shifts": tuple(body["shifts"])})


def summary(given: Roster) -> dict[str, Any]:
    agreed = {side.value: given.agreed[side] for side in Side if side in given.agreed}
    return {**vars(given), "agreed": agreed}


def hours(given: Roster, policy: RosterPolicy) -> list[dict[str, Any]]:
    """The time sheet of a roster."""
    sheet = hours_of(given.shifts, policy)
    return [{"person_id": id_, "hours": h, "night_hours": n} for id_, (h, n) in sheet.items()]


def duty(given: DutyShift) -> dict[str, Any]:
    return {**vars(given.shift), **{name: value for name, value in vars(given).items() if name != "shift"}}


@dataclass(frozen=True)
class Words:
    """What the texts of objections name: people and crews by name, times as on the wall's clock."""

    staff: Staff
    roster: Roster
    zone: ZoneInfo

    def figures(self, objection: Objection) -> dict[str, Any]:
        """The figures of an objection, with the names of its person and crew; a dash for nobody."""
        person = self.staff.people.get(objection.person_id) if objection.person_id else None
        crew = self.staff.crews.get(objection.crew_id) if objection.crew_id else None
        shown = {name: self._shown(value) for name, value in objection.details.items()}
        return {**shown, "person": person.name if person else "—", "crew": crew.name if crew else "—"}

    def when(self, objection: Objection) -> str:
        """The shift that is meant, by its times, before the text; nothing where no shift is."""
        meant = [shift for shift in self.roster.shifts if shift.id == objection.shift_id]
        return "".join(f"{self._shown(s.starts_at)} – {self._shown(s.ends_at)}. " for s in meant)

    def _shown(self, value: Any) -> Any:
        if isinstance(value, float):
            return figure(value)
        if not isinstance(value, datetime):
            return value
        return value.astimezone(self.zone).strftime("%d.%m.%Y %H:%M")
