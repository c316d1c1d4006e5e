"""What the timeline says for a document: nobody types again what the suite knows already."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from services.crews.domain.gate import Checked
from services.crews.domain.media import Media
from services.crews.domain.orders import Stage, Step, WorkOrder
from services.crews.domain.people import Staff, Team
from services.crews.domain.records import Kind, Record, of_kind, standing
from services.crews.domain.rosters import PlannedShift
from shared.encoding import plain

_TOLD = (
    "number",
    "text",
    "category",
    "priority",
    "system",
    "place",
    "hazards",
)


@dataclass(frozen=True)
class Job:
    """Everything known of one job when a document is drafted or revised."""

    order: WorkOrder
    steps: Sequence[Step]
    records: Sequence[Record]
    media: Sequence[Media]
    checklist: Sequence[Checked]
    safety_version: str
    staff: Staff
    lineup: PlannedShift | None = None


def facts(job: Job) -> dict[str, Any]:
    """The facts as plain JSON, frozen with the document."""
    card, records = job.order.card, standing(job.records)
    return dict(
        plain(
            {
                **{name: getattr(card, name) for name in _TOLD},
                "address": card.address.get("text"),
                "flat": card.address.get("flat"),
                **_who(job),
                "times": _times(job.steps),
                "result": next((step.result for step in reversed(job.steps) if step.result), None),
                "notes": [step.note for step in job.steps if step.note],
                "safety": _safety(job),
                "media": [_media(media) for media in job.media if media.finished is not None],
                **{f"{kind}s": _contents(records, kind) for kind in _LISTED},
            }
        )
    )


_LISTED = (
    Kind.WORK,
    Kind.MATERIAL,
    Kind.READING,
    Kind.DEFECT,
    Kind.DIAGNOSTIC,
    Kind.BRIEFING,
    Kind.DANGER,
)


def _who(job: Job) -> dict[str, Any]:
    """Organisation, crew and people by name; what this service does not know is left open."""
    staff, card = job.staff, job.order.card
    crew = staff.crews.get(card.crew_id)
    organisation = staff.organisations.get(card.organisation_id)
    team = staff.team(crew.id, job.order.stage_at, job.lineup) if crew else Team((), None)
    return {
        "organisation": organisation.name if organisation else None,
        "crew": crew.name if crew else None,
        "people": [
            {"name": person.name, "grade": person.grade, "leader": person.id == team.leader}
            for person in (staff.people[id_] for id_ in team.members)
        ],
    }


def _times(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """Each stage with both times: the server's, and the device's where it reported it."""
    return [
        {"stage": step.stage, "at": step.device_at or step.at, "recorded_at": step.at, "reason": step.reason}
        for step in steps
        if step.stage is not Stage.OFFERED
    ]


def _safety(job: Job) -> dict[str, Any]:
    items = [
        {
            "id": checked.item.id,
            "done": checked.done,
            "source": checked.item.source,
            "answers": [_answer(asdict(answer)) for answer in checked.answers],
        }
        for checked in job.checklist
    ]
    return {"version": job.safety_version, "items": items}


def _answer(answer: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("at", "place", "reading", "amount", "told", "absent", "note")
    return {name: answer[name] for name in kept}


def _media(media: Media) -> dict[str, Any]:
    shot = media.shot
    return {
        "id": media.id,
        "kind": media.kind,
        "purpose": shot.purpose,
        "taken_at": shot.taken_at,
        "lat": shot.lat,
        "lon": shot.lon,
        "note": shot.note,
        "sha256": media.finished.sha256 if media.finished else None,
    }


def _contents(records: Sequence[Record], kind: Kind) -> list[dict[str, Any]]:
    return [{**record.data, "at": record.device_at} for record in of_kind(records, kind)]
