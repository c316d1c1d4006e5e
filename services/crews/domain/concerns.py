"""What a master should see to: permits and checks that ran out or soon will, crews that lack somebody.

Experience by grade: 07117-TRUD-003 (S008), grades 2 to 5; grade 6 leads and has no card of its own there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from services.crews.domain.fitness import Moment
from services.crews.domain.people import Crew, Person, Staff

EXPERIENCE_DAYS: Mapping[int, int] = {3: 182, 4: 365, 5: 3 * 365, 6: 3 * 365}
"""Least days in the trade for a grade: 6 months, 1 year, 3 years (source 003; for 6 as for 5)."""
LEADER_GRADE = 5
FEWEST_IN_CREW = 2


class Concern(StrEnum):
    """What is wrong, or soon will be."""

    PERMIT_EXPIRED = "permit_expired"
    PERMIT_EXPIRES = "permit_expires"
    CHECK_OVERDUE = "check_overdue"
    CHECK_DUE = "check_due"
    EXPERIENCE_SHORT = "experience_short"
    CREW_TOO_SMALL = "crew_too_small"
    CREW_WITHOUT_LEADER = "crew_without_leader"
    PERSON_ABSENT = "person_absent"


@dataclass(frozen=True)
class Finding:
    """One concern: whose it is (a person's, a thing's or a crew's id), by when, about what."""

    concern: Concern
    organisation_id: UUID
    subject_id: UUID
    name: str
    day: date | None = None
    what: str | None = None


def find_concerns(staff: Staff, moment: Moment, ahead: timedelta) -> list[Finding]:
    """Everything worth a master's look now, what runs out within ``ahead`` included; earliest day first."""
    people, things = _of_people(staff, moment, ahead), _of_equipment(staff, moment, ahead)
    return sorted([*people, *things, *_of_crews(staff, moment)], key=_urgency)


def has_experience(person: Person, day: date) -> bool:
    """Whether the time in the trade, where it is known, is enough for the grade."""
    if person.works_since is None or person.grade is None:
        return True
    return (day - person.works_since).days >= EXPERIENCE_DAYS.get(person.grade, 0)


def lacks_leader(staff: Staff, crew: Crew, members: tuple[UUID, ...]) -> bool:
    """Whether nobody of grade 5 or 6 leads the others (design §6.5: grades 2-3 never go without one)."""
    grades = [grade for id_ in members if (grade := staff.people[id_].grade) is not None]
    return crew.leader not in members or max(grades, default=0) < LEADER_GRADE


def _urgency(finding: Finding) -> tuple[date, str, str]:
    return finding.day or date.min, finding.concern.value, str(finding.subject_id)


def _of_people(staff: Staff, moment: Moment, ahead: timedelta) -> Iterator[Finding]:
    for person in staff.people.values():
        if not person.active:
            continue
        owner = (person.organisation_id, person.id, person.name)
        for permit in person.permits:
            if permit.expires_on is not None and permit.expires_on < moment.today + ahead:
                expired = permit.expires_on < moment.today
                concern = Concern.PERMIT_EXPIRED if expired else Concern.PERMIT_EXPIRES
                yield Finding(concern, *owner, permit.expires_on, permit.kind)
        if not has_experience(person, moment.today):
            yield Finding(Concern.EXPERIENCE_SHORT, *owner, what=str(person.grade))
        if staff.is_absent(person.id, moment.now):
            yield Finding(Concern.PERSON_ABSENT, *owner)


def _of_equipment(staff: Staff, moment: Moment, ahead: timedelta) -> Iterator[Finding]:
    for thing in staff.equipment.values():
        if thing.active and thing.check_due is not None and thing.check_due < moment.today + ahead:
            concern = Concern.CHECK_OVERDUE if thing.check_due < moment.today else Concern.CHECK_DUE
            yield Finding(concern, thing.organisation_id, thing.id, thing.name, thing.check_due, thing.kind)


def _of_crews(staff: Staff, moment: Moment) -> Iterator[Finding]:
    for crew in staff.crews.values():
        if not crew.active:
            continue
        there = staff.present(crew.members, moment.now)
        if len(there) < FEWEST_IN_CREW:
            yield Finding(Concern.CREW_TOO_SMALL, crew.organisation_id, crew.id, crew.name)
        if lacks_leader(staff, crew, there):
            yield Finding(Concern.CREW_WITHOUT_LEADER, crew.organisation_id, crew.id, crew.name)
