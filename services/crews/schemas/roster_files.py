"""Rosters as files that people already work with: iCalendar (RFC 5545) and tables (CSV), out and in.

What goes out comes in again as it was. What people wrote themselves is read with patience: names for ids,
times without an offset as on the wall's clock, semicolons for commas; everything wrong is told at once.
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vText

from services.crews.domain.people import Crew, Person, Staff
from services.crews.domain.rosters import PlannedShift, Roster
from services.crews.errors import BadRoster, BadRosterFile

COLUMNS = ("id", "starts_at", "ends_at", "crew", "leader", "people", "post", "note")
_NEEDED = frozenset({"starts_at", "ends_at", "people"})
_RISKY = ("=", "+", "-", "@", "\t", "\r", "'")
_URN = "urn:uuid:"
_TIME_FORMS = ("%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S")
Entry = Person | Crew


class Unreadable(ValueError):
    """What is wrong with one place of a file: the end of a catalogue key."""


@dataclass
class Names:
    """People and crews of one organisation by id, and by name where the name is one's own."""

    staff: Staff
    organisation_id: UUID
    zone: ZoneInfo
    _people: Mapping[str, UUID] = field(init=False)
    _crews: Mapping[str, UUID] = field(init=False)

    def __post_init__(self) -> None:
        self._people = self._unique(self.staff.people.values())
        self._crews = self._unique(self.staff.crews.values())

    def person(self, text: str) -> UUID:
        return self._find(text, self._people, "unknown_person")

    def crew(self, text: str) -> UUID:
        return self._find(text, self._crews, "unknown_crew")

    def of_person(self, id_: UUID) -> str:
        """The name if it leads back to the same one, else the id."""
        return self._back(id_, self.staff.people, self._people)

    def of_crew(self, id_: UUID) -> str:
        return self._back(id_, self.staff.crews, self._crews)

    def _unique(self, entries: Iterable[Entry]) -> dict[str, UUID]:
        own = [entry for entry in entries if entry.organisation_id == self.organisation_id and entry.active]
        keys = [_key(entry.name) for entry in own]
        return {key: entry.id for key, entry in zip(keys, own, strict=True) if keys.count(key) == 1}

    def _find(self, text: str, known: Mapping[str, UUID], otherwise: str) -> UUID:
        found = known.get(_key(text)) or _id(text)
        if found is None:
            raise Unreadable(otherwise)
        return found

    def _back(self, id_: UUID, entries: Mapping[UUID, Any], known: Mapping[str, UUID]) -> str:
        name = entries[id_].name if id_ in entries else ""
        plain = name == " ".join(name.split()) and ";" not in name and not name.startswith("'")
        return name if plain and known.get(_key(name)) == id_ else str(id_)


def write_calendar(roster: Roster, names: Names) -> bytes:
    """A roster as an iCalendar file, one event a shift."""
    calendar = Calendar()
    calendar.add("prodid", "-//Avariyka//rosters//EN")
    calendar.add("version", "2.0")
    for shift in roster.shifts:
        calendar.add_component(_event(shift, names, roster.changed_at))
    return bytes(calendar.to_ical())


def read_calendar(content: bytes, roster: Roster, names: Names) -> tuple[PlannedShift, ...]:
    """The shifts of an iCalendar file; raises BadRosterFile with everything that is wrong, by event."""
    try:
        calendar = Calendar.from_ical(content)
        events = list(calendar.walk("VEVENT"))
    except (ValueError, KeyError, IndexError, AttributeError, TypeError) as broken:
        raise BadRosterFile(problems={"file": "not_a_calendar"}) from broken
    places = [str(event.get("uid") or f"event {n}") for n, event in enumerate(events, start=1)]
    return _all_or_none(places, events, lambda event: _from_event(event, roster, names))


def write_table(roster: Roster, names: Names) -> str:
    """A roster as a table, for spreadsheets (with the mark by which they see UTF-8)."""
    out = io.StringIO()
    table = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    table.writeheader()
    for shift in roster.shifts:
        table.writerow({name: _guarded(cell) for name, cell in _cells(shift, names).items()})
    return "\ufeff" + out.getvalue()


def read_table(content: bytes, roster: Roster, names: Names) -> tuple[PlannedShift, ...]:
    """The shifts of a table; raises BadRosterFile with everything that is wrong, by row."""
    rows = _rows(content)
    places = [f"row {number}" for number in range(2, len(rows) + 2)]
    return _all_or_none(places, rows, lambda row: _from_row(row, roster, names))


def _all_or_none(
    places: Sequence[str], items: Sequence[Any], read: Callable[[Any], PlannedShift]
) -> tuple[PlannedShift, ...]:
    shifts, problems = [], {}
    for place, item in zip(places, items, strict=True):
        try:
            shifts.append(read(item))
        except Unreadable as wrong:
            problems[place] = str(wrong)
        except BadRoster:
            problems[place] = "bad_shift"
    if problems:
        raise BadRosterFile(problems=problems)
    return tuple(shifts)


class _Words(vText):
    """A text as RFC 5545 writes it (3.3.11): the library would take ``\\N`` in it for a line break."""

    def to_ical(self) -> bytes:
        escaped = str(self).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
        return escaped.replace("\n", "\\n").encode()


def _event(shift: PlannedShift, names: Names, stamp: datetime) -> Event:
    event = Event()
    event.add("uid", str(shift.id))
    event.add("dtstamp", stamp.astimezone(UTC))
    event.add("dtstart", shift.starts_at.astimezone(UTC))
    event.add("dtend", shift.ends_at.astimezone(UTC))
    summary = names.of_crew(shift.crew_id) if shift.crew_id else shift.post or ""
    event.add("summary", _Words(summary), encode=False)
    if shift.crew_id is not None:
        event.add("x-avariyka-crew", vText(str(shift.crew_id)))
    if shift.post is not None:
        event.add("location", _Words(shift.post), encode=False)
    if shift.note is not None:
        event.add("description", _Words(shift.note), encode=False)
    for person in shift.people:
        event.add("attendee", _attendee(person, shift, names), encode=False)
    return event


def _attendee(person: UUID, shift: PlannedShift, names: Names) -> vCalAddress:
    address = vCalAddress(f"{_URN}{person}")
    known = names.staff.people.get(person)
    address.params["CN"] = vText(known.name if known else str(person))
    address.params["ROLE"] = vText("CHAIR" if person == shift.leader else "REQ-PARTICIPANT")
    return address


def _from_event(event: Event, roster: Roster, names: Names) -> PlannedShift:
    if "rrule" in event or "rdate" in event:
        raise Unreadable("recurring")
    attendees = event.get("attendee") or []
    listed = attendees if isinstance(attendees, list) else [attendees]
    people = [_invited(attendee, names) for attendee in listed]
    leaders = [
        who for who, a in zip(people, listed, strict=True) if str(a.params.get("ROLE", "")).upper() == "CHAIR"
    ]
    crew = event.get("x-avariyka-crew")
    post = event.get("location")
    return _planned(
        roster,
        str(event.get("uid") or ""),
        starts_at=_event_time(event, "dtstart", names.zone),
        ends_at=_event_time(event, "dtend", names.zone),
        people=tuple(people),
        crew_id=names.crew(str(crew)) if crew is not None else None,
        leader=leaders[0] if leaders else None,
        post=str(post) if post is not None else None,
        note=str(event["description"]) if "description" in event else None,
    )


def _invited(attendee: Any, names: Names) -> UUID:
    address = str(attendee)
    by_id = _id(address[len(_URN) :]) if address.lower().startswith(_URN) else None
    return by_id or names.person(str(getattr(attendee, "params", {}).get("CN", "")))


def _event_time(event: Event, name: str, zone: ZoneInfo) -> datetime:
    moment = getattr(event.get(name), "dt", None)
    if not isinstance(moment, datetime):
        raise Unreadable("no_time")
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _cells(shift: PlannedShift, names: Names) -> dict[str, str]:
    return {
        "id": str(shift.id),
        "starts_at": shift.starts_at.astimezone(names.zone).isoformat(),
        "ends_at": shift.ends_at.astimezone(names.zone).isoformat(),
        "crew": names.of_crew(shift.crew_id) if shift.crew_id else "",
        "leader": names.of_person(shift.leader) if shift.leader else "",
        "people": "; ".join(map(names.of_person, shift.people)),
        "post": shift.post or "",
        "note": shift.note or "",
    }


def _rows(content: bytes) -> list[dict[str, str]]:
    try:
        text = content.decode("utf-8-sig")
        header = text.partition("\n")[0]
        delimiter = ";" if header.count(";") > header.count(",") else ","
        rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except (UnicodeDecodeError, csv.Error) as broken:
        raise BadRosterFile(problems={"file": "not_a_table"}) from broken
    named = {str(name).strip().casefold() for name in (rows[0] if rows else header.split(delimiter))}
    if not named >= _NEEDED:
        raise BadRosterFile(problems={"row 1": "missing_column"})
    return [_cleaned(row) for row in rows]


def _cleaned(row: Mapping[Any, Any]) -> dict[str, str]:
    if None in row:
        return {}
    return {str(name).strip().casefold(): _unguarded(cell or "") for name, cell in row.items()}


def _from_row(row: Mapping[str, str], roster: Roster, names: Names) -> PlannedShift:
    if not row:
        raise Unreadable("too_many_cells")
    crew, leader = row.get("crew", "").strip(), row.get("leader", "").strip()
    people = tuple(names.person(name) for name in row["people"].split(";") if name.strip())
    return _planned(
        roster,
        row.get("id", "").strip(),
        starts_at=_written_time(row["starts_at"], names.zone),
        ends_at=_written_time(row["ends_at"], names.zone),
        people=people,
        crew_id=names.crew(crew) if crew else None,
        leader=names.person(leader) if leader else None,
        post=row.get("post") or None,
        note=row.get("note") or None,
    )


def _planned(roster: Roster, name: str, **values: Any) -> PlannedShift:
    """A shift; one without an id of ours gets one that follows from what it says, so that reading the same
    file again gives the same shifts."""
    parts = (name, values["starts_at"].isoformat(), values["crew_id"], values["post"], *values["people"])
    made = uuid5(roster.id, "|".join(map(str, parts)))
    return PlannedShift(id=_id(name) or made, **values)


def _written_time(text: str, zone: ZoneInfo) -> datetime:
    for read in (datetime.fromisoformat, *(_reader(form) for form in _TIME_FORMS)):
        try:
            moment = read(text.strip())
        except ValueError:
            continue
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    raise Unreadable("no_time")


def _reader(form: str) -> Callable[[str], datetime]:
    return lambda text: datetime.strptime(text, form)  # noqa: DTZ007 - the caller adds the zone


def _guarded(cell: str) -> str:
    """A cell that a spreadsheet takes for text, never for a formula."""
    return f"'{cell}" if cell.startswith(_RISKY) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_RISKY) else cell


def _id(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()
