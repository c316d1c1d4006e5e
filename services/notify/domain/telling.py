"""What residents are told, and when (checklist D-2.B-U4). The catalogues have the texts, ``sms.<template>``.

A telling has a ``fact``: one request hears one template once per fact, however often the news comes.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from types import MappingProxyType

from services.notify.domain.plans import TOLD, Plan

CONSULTATION = "consultation"
SMS = "sms"
MAX_ADVICE = 2

_LIFT = "lift"
_ADVICE_BY_FAULT: Mapping[str, str] = MappingProxyType(
    {
        "fire": "fire",
        "carbon_monoxide": "carbon_monoxide",
        "lift_trapped": "lift",
        "wire_down": "wire",
        "wire_sparking": "wire",
    }
)
_ADVICE_BY_HAZARD: Mapping[str, str] = MappingProxyType(
    {
        "gas": "gas",
        "people_trapped": "person",
        "electric_shock": "electric",
        "flooding_live": "flood",
        "hot_water": "hot_water",
        "collapse": "collapse",
        "frost_no_heat": "cold",
        "open_manhole": "manhole",
        "health": "health",
    }
)
# The gravest first: what kills soonest if nothing is said.
_GRAVITY = (
    "gas",
    "carbon_monoxide",
    "fire",
    "electric",
    "wire",
    "collapse",
    "person",
    "lift",
    "hot_water",
    "flood",
    "manhole",
    "health",
    "cold",
)
# Special advice says all that the general one would.
_COVERS: Mapping[str, frozenset[str]] = MappingProxyType(
    {"lift": frozenset({"person"}), "wire": frozenset({"electric"}), "carbon_monoxide": frozenset({"gas"})}
)
_STAGES: Mapping[str, str] = MappingProxyType(
    {
        "accepted": "crew_accepted",
        "departed": "crew_departed_no_time",
        "arrived": "crew_arrived",
        "localised": "localised",
        "suspended": "work_suspended",
    }
)
_CONSULTATIONS: Mapping[str, str] = MappingProxyType({"question_billing": "consultation_billing"})
_STATES: Mapping[str, str] = MappingProxyType(
    {
        "closed": "closed",
        "cancelled": "cancelled",
        "rejected": "rejected",
        "deferred": "deferred",
        "returned": "reopened",
    }
)
_REPEATABLE_STATES = frozenset({"deferred", "returned"})
_TAKEN_BACK: Mapping[str, str] = MappingProxyType(
    {
        "preempted": "crew_called_away",
        "crew_silent": "crew_replaced",
        "crew_unavailable": "crew_replaced",
        "replanned": "crew_replaced",
    }
)
COMPLETED: Mapping[str, str] = MappingProxyType(
    {
        "fixed": "completed_fixed",
        "temporary_fix": "completed_temporary_fix",
        "no_fault_found": "completed_no_fault_found",
        "no_access": "completed_no_access",
        "handed_over": "completed_handed_over",
    }
)
ASKED = "completed_asked"
"""The work is fixed, says the crew; is it, asks the message. Intake understands the answer."""
# Their words are in ``domain.outages``.
OF_OUTAGES = ("joined", "joined_planned", "split", "outage_time", "outage_news", "outage_over")
# After one of these a bare "closed" would only repeat that the work is over.
ENDINGS = frozenset({*COMPLETED.values(), ASKED, CONSULTATION, *_CONSULTATIONS.values()})
ADVICE = tuple(f"advice_{topic}" for topic in _GRAVITY)
ACCEPTED = ("crew_accepted", *(f"crew_accepted_{clock}" for clock in TOLD))
PROMISED = (*ACCEPTED, "crew_departed", "crew_departed_no_time")
"""After one of these the resident expects a crew."""
TEMPLATES = (
    "registered",
    *ACCEPTED[1:],
    "crew_departed",
    *_STAGES.values(),
    *COMPLETED.values(),
    ASKED,
    *_STATES.values(),
    *dict.fromkeys(_TAKEN_BACK.values()),
    CONSULTATION,
    *_CONSULTATIONS.values(),
    *ADVICE,
    *OF_OUTAGES,
)


@dataclass(frozen=True)
class Telling:
    """One thing to say about one request. ``urgent`` is safety advice: it waits for nothing."""

    template: str
    fact: str
    occurred_at: datetime
    params: Mapping[str, str] = field(default_factory=dict)
    urgent: bool = False


@dataclass(frozen=True)
class Progress:
    """A crew's stage report."""

    request_id: str
    assignment_id: str
    stage: str
    at: datetime
    result: str | None = None
    eta_minutes: int | None = None


@dataclass(frozen=True)
class Verdict:
    """What triage decided."""

    request_id: str
    category: str
    system: str
    fault: str
    hazards: Sequence[str]
    needs_person: bool
    decided_at: datetime


def of_registration(request_id: str, channel: str, registered_at: datetime) -> list[Telling]:
    """The number of the request; who wrote by SMS has had it in the answer."""
    return [] if channel == SMS else [Telling("registered", request_id, registered_at)]


def of_verdict(verdict: Verdict) -> list[Telling]:
    """Safety advice for each danger, or the answer to a question that needs no crew.

    A question that a person must look at is not answered by a template.
    """
    topics = advice_topics(verdict.system, verdict.fault, verdict.hazards)
    if topics:
        return [_advice(topic, verdict) for topic in topics]
    if verdict.category != CONSULTATION or verdict.needs_person:
        return []
    template = _CONSULTATIONS.get(verdict.fault, CONSULTATION)
    return [Telling(template, verdict.request_id, verdict.decided_at)]


def _advice(topic: str, verdict: Verdict) -> Telling:
    return Telling(f"advice_{topic}", verdict.request_id, verdict.decided_at, urgent=True)


def advice_topics(system: str, fault: str, hazards: Iterable[str]) -> list[str]:
    """At most two topics, the gravest first: more would not be read by someone in danger."""
    found = {topic for hazard in hazards if (topic := _ADVICE_BY_HAZARD.get(hazard))}
    if "person" in found and system == _LIFT:
        found.add(_LIFT)
    if fault in _ADVICE_BY_FAULT:
        found.add(_ADVICE_BY_FAULT[fault])
    covered = {general for topic in found for general in _COVERS.get(topic, ())}
    return [topic for topic in _GRAVITY if topic in found - covered][:MAX_ADVICE]


def of_progress(
    progress: Progress, zone: tzinfo, plan: Plan | None = None, *, asks: bool = False
) -> list[Telling]:
    """What the resident hears of a stage; offers and refusals are the dispatchers' business.

    That a crew has taken the request is told with the ``plan``, if there is one that still lies ahead.
    ``asks``: residents can answer, so they are asked whether the trouble is gone.
    """
    fact = _FACTS.get(progress.stage)
    if fact is None:
        return []
    template, params = _words(progress, zone)
    if progress.stage == "accepted" and plan is not None and plan.due_at > progress.at:
        template, params = f"{template}_{plan.clock}", {"time": clock_time(plan.due_at, progress.at, zone)}
    if asks and template == COMPLETED["fixed"]:
        template = ASKED
    return [Telling(template, fact(progress), progress.at, params)]


def is_crew_expected(said: Iterable[tuple[datetime, str]]) -> bool:
    """Whether the last word to the resident (moment and template of each) was that a crew comes: that it does
    not is no news to someone who has heard so already and of no other crew since."""
    about_crews = {*PROMISED, *_TAKEN_BACK.values()}
    last = max((word for word in said if word[1] in about_crews), default=None)
    return last is not None and last[1] in PROMISED


def of_withdrawal(assignment_id: str, reason: str, at: datetime) -> list[Telling]:
    """Why the crew that was promised does not come: whoever waits for it must not be left believing so."""
    template = _TAKEN_BACK.get(reason)
    return [Telling(template, assignment_id, at)] if template else []


def _words(progress: Progress, zone: tzinfo) -> tuple[str, Mapping[str, str]]:
    if progress.stage == "completed":
        return COMPLETED[progress.result or "fixed"], {}
    if progress.stage == "departed" and progress.eta_minutes is not None:
        return "crew_departed", {"time": arrival_time(progress.at, progress.eta_minutes, zone)}
    return _STAGES[progress.stage], {}


def _of_request(progress: Progress) -> str:
    """Told once per request: that another crew took over is told by its departure."""
    return progress.request_id


def _of_assignment(progress: Progress) -> str:
    return progress.assignment_id


def _of_moment(progress: Progress) -> str:
    """A stage that one work order can reach again after a pause is a new fact each time."""
    return f"{progress.assignment_id}@{progress.at.isoformat()}"


_FACTS: Mapping[str, Callable[[Progress], str]] = MappingProxyType(
    {
        "accepted": _of_request,
        "departed": _of_moment,
        "arrived": _of_assignment,
        "localised": _of_assignment,
        "suspended": _of_moment,
        "completed": _of_assignment,
    }
)


def arrival_time(departed_at: datetime, minutes: int, zone: tzinfo) -> str:
    """The clock time of arrival in the city, ``HH:MM`` rounded up: it stays true when the message is late."""
    arrival = departed_at + timedelta(minutes=minutes, seconds=59)
    return arrival.astimezone(zone).strftime("%H:%M")


def clock_time(moment: datetime | None, now: datetime, zone: tzinfo) -> str:
    """The time of a moment in the city, with the date unless it is today; empty for none."""
    if moment is None:
        return ""
    local = moment.astimezone(zone)
    same_day = local.date() == now.astimezone(zone).date()
    return local.strftime("%H:%M" if same_day else "%d.%m %H:%M")


def of_state(request_id: str, to_state: str, at: datetime) -> list[Telling]:
    """Official states that no crew reports. Others are told by what caused them."""
    template = _STATES.get(to_state)
    fact = f"{request_id}@{at.isoformat()}" if to_state in _REPEATABLE_STATES else request_id
    return [Telling(template, fact, at)] if template else []
