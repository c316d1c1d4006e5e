"""The self-audit (design §9): is any step of any open request later than its allowance, is anything stuck
between the services? Pure: looks at what it is given, says what is wrong."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.journal.domain.states import FINISHED, State


@dataclass(frozen=True)
class Finding:
    """One thing that a person must look at. ``subject``: a request id or the name of a service."""

    code: str
    subject: str
    since: datetime
    detail: str


@dataclass(frozen=True)
class Allowances:
    """How long each step may take before it is raised. Chosen with the audit's period (20 s) so that a stuck
    step is raised within a minute of getting stuck."""

    draft: timedelta = timedelta(hours=1)
    classify: timedelta = timedelta(seconds=30)
    transfer: timedelta = timedelta(seconds=30)
    unroutable: timedelta = timedelta(minutes=10)
    returned: timedelta = timedelta(minutes=10)
    close: timedelta = timedelta(hours=12)
    unapplied: timedelta = timedelta(seconds=30)
    unapplied_after_end: timedelta = timedelta(days=1)
    """How long facts that do not fit a finished request stay raised."""
    outbox: timedelta = timedelta(seconds=30)
    message: timedelta = timedelta(seconds=30)
    untold: timedelta = timedelta(minutes=5)
    """How long a resident in danger whom no message reached may wait for a call."""
    silence: timedelta = timedelta(seconds=30)

    def for_state(self, state: State) -> timedelta | None:
        """The allowance of the step that follows ``state``; None where clocks or promises watch instead."""
        return {
            State.DRAFT: self.draft,
            State.REGISTERED: self.classify,
            State.CLASSIFIED: self.transfer,
            State.RETURNED: self.returned,
            State.DONE: self.close,
        }.get(state)


_STEP_CODES: Mapping[State, tuple[str, str]] = {
    State.DRAFT: ("stale_draft", "a draft that nobody completed"),
    State.REGISTERED: ("unclassified", "registered, but not classified"),
    State.CLASSIFIED: ("unrouted", "classified, but not transferred"),
    State.RETURNED: ("return_unhandled", "returned to the dispatcher, but not taken up"),
    State.DONE: ("unclosed", "done, but not closed"),
}

WATCHED = frozenset({*_STEP_CODES, State.TRANSFERRED})
"""The states whose next step the audit watches; deadlines of the others are the clocks' work."""


@dataclass(frozen=True)
class OpenStep:
    """Where one unfinished request stands, as far as the audit asks."""

    request_id: str
    state: State | None
    state_at: datetime
    acknowledge_by: datetime | None = None
    unroutable_at: datetime | None = None
    waiting_facts: int = 0
    waiting_since: datetime | None = None


@dataclass(frozen=True)
class MissedCall:
    """A caller whom nobody answered and nobody called back yet: late from then on, of an alarm at once."""

    request_id: str
    late_from: datetime


@dataclass(frozen=True)
class Vitals:
    """What one service says about itself; ``age`` fields in seconds."""

    ready: bool
    outbox_pending: int = 0
    outbox_age_s: float = 0.0
    unsent_messages: int = 0
    message_age_s: float = 0.0
    untold: int = 0
    untold_age_s: float = 0.0


@dataclass(frozen=True)
class Silence:
    """No answer; ``since``: when it last answered, or when the asking began."""

    since: datetime


@dataclass(frozen=True)
class Surroundings:
    """What the audit sees outside its own database."""

    peers: Mapping[str, Vitals | Silence]
    dead_letters: Mapping[str, int] | Silence


def audit(
    steps: Iterable[OpenStep],
    around: Surroundings,
    allowed: Allowances,
    now: datetime,
    missed: Iterable[MissedCall] = (),
) -> tuple[Finding, ...]:
    """Everything that is wrong now, in a stable order."""
    findings = [
        Finding("call_not_returned", call.request_id, call.late_from, "a caller waits to be called back")
        for call in missed
        if now > call.late_from
    ]
    for step in steps:
        findings += late_steps(step, allowed, now)
    for name, vitals in around.peers.items():
        findings += sick_peer(name, vitals, allowed, now)
    findings += sick_broker(around.dead_letters, allowed, now)
    return tuple(sorted(findings, key=lambda finding: (finding.code, finding.subject)))


def late_steps(step: OpenStep, allowed: Allowances, now: datetime) -> list[Finding]:
    """What is late in one request."""
    checks = (_late_state(step, allowed, now), _unacknowledged(step, now), _unapplied(step, allowed, now))
    return [finding for finding in checks if finding is not None]


def _late_state(step: OpenStep, allowed: Allowances, now: datetime) -> Finding | None:
    if step.state is None or step.state not in _STEP_CODES:
        return None
    code, words = _STEP_CODES[step.state]
    limit, since = allowed.for_state(step.state), step.state_at
    if step.state is State.CLASSIFIED and step.unroutable_at is not None:
        # Routing has said that a person must look: the person gets time before it is raised again.
        code, words = "unroutable", "no crew or organisation can take it, and nobody has decided yet"
        limit, since = allowed.unroutable, step.unroutable_at
    late = limit is not None and now - since > limit
    return Finding(code, step.request_id, since, words) if late else None


def _unacknowledged(step: OpenStep, now: datetime) -> Finding | None:
    due = step.acknowledge_by
    if step.state is not State.TRANSFERRED or due is None or now <= due:
        return None
    return Finding("unacknowledged", step.request_id, due, "transferred, but nobody has confirmed receipt")


def _unapplied(step: OpenStep, allowed: Allowances, now: datetime) -> Finding | None:
    since = step.waiting_since
    if since is None or now - since <= allowed.unapplied:
        return None
    if step.state in FINISHED and now - since > allowed.unapplied_after_end:
        return None
    detail = f"{step.waiting_facts} events do not fit the state of the request"
    return Finding("unapplied", step.request_id, since, detail)


def sick_peer(name: str, vitals: Vitals | Silence, allowed: Allowances, now: datetime) -> list[Finding]:
    """What is wrong with one service."""
    if isinstance(vitals, Silence):
        return _silent("peer_silent", name, vitals, allowed, now)
    findings = []
    if not vitals.ready:
        findings.append(Finding("peer_unready", name, now, "answers, but cannot do its work"))
    queues: Sequence[tuple[str, int, float, timedelta, str]] = (
        ("outbox_stuck", vitals.outbox_pending, vitals.outbox_age_s, allowed.outbox, "events not on the bus"),
        ("resident_untold", vitals.untold, vitals.untold_age_s, allowed.untold, "residents in danger untold"),
        ("messages_unsent", vitals.unsent_messages, vitals.message_age_s, allowed.message, "messages unsent"),
    )
    for code, count, age_s, limit, words in queues:
        if count and age_s > limit.total_seconds():
            findings.append(Finding(code, name, now - timedelta(seconds=age_s), f"{count} {words}"))
    return findings


def sick_broker(letters: Mapping[str, int] | Silence, allowed: Allowances, now: datetime) -> list[Finding]:
    """Events that a service gave up on, or a broker that cannot be asked."""
    if isinstance(letters, Silence):
        return _silent("broker_silent", "broker", letters, allowed, now)
    return [
        Finding("dead_letters", service, now, f"{count} events were given up")
        for service, count in letters.items()
        if count
    ]


def _silent(code: str, name: str, silence: Silence, allowed: Allowances, now: datetime) -> list[Finding]:
    if now - silence.since <= allowed.silence:
        return []
    return [Finding(code, name, silence.since, "does not answer")]
