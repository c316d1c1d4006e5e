"""Which organisation answers for a request, by which rule, and why not the others."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.routing.domain.case import Case
from services.routing.domain.competence import Competence, Objection, Question, Weighed, alike
from services.routing.domain.desk import Desk
from services.routing.domain.job import has_low_confidence
from services.routing.domain.networks import Basis, Side
from services.routing.domain.organisations import Organisation
from services.routing.domain.words import OTHER, Unroutable
from services.routing.errors import CaseIncomplete, RequestNotFound
from services.routing.usecases.ports import Work


@dataclass(frozen=True)
class Answer:
    """The organisation that answers, and what of the rule and the request made it so."""

    organisation: Organisation
    basis: Mapping[str, Any]


@dataclass(frozen=True)
class Explained:
    """Every rule for the request's system, weighed; the organisations by their id."""

    question: Question
    rules: Sequence[Weighed]
    organisations: Mapping[UUID, Organisation]


def question_of(case: Case, desk: Desk) -> Question:
    """What the competence table is asked for this request; raises CaseIncomplete while it has no address.

    What nobody recognised goes to whoever answers for everything else.
    """
    if case.address is None:
        raise CaseIncomplete
    system = OTHER if has_low_confidence(case, desk.policy) else case.system or OTHER
    said = None if case.network is None else Side(case.network, Basis.SAID)
    return Question(
        system=system,
        lat=float(case.address["lat"]) if case.has_place else None,
        lon=float(case.address["lon"]) if case.has_place else None,
        side=said or desk.networks.side(system, case.fault or OTHER, case.place or OTHER),
        manager=alike(case.address.get("manager") or "") or None,
    )


def find_answering(work: Work, desk: Desk, case: Case) -> Answer | tuple[Unroutable, str]:
    """The active organisation that answers by the most specific rule and has not given the request back; else
    why a person must decide."""
    question = question_of(case, desk)
    rules = desk.matrix.holding(question, work.now)
    known = work.organisations.find({rule.organisation_id for rule in rules}) if rules else {}
    able = [rule for rule in rules if (one := known.get(rule.organisation_id)) and one.active]
    refused = work.transfers.refusals([case.request_id]).get(case.request_id, ()) if able else ()
    for rule in able:
        if rule.organisation_id not in refused:
            return Answer(known[rule.organisation_id], _basis(rule, question))
    return _nobody(desk, case, question, bool(able))


def explain_request(work: Work, desk: Desk, request_id: UUID) -> Explained:
    """Which rule decides for this request now, and why every other one does not.

    Raises RequestNotFound, CaseIncomplete.
    """
    with work:
        case = work.cases.get(request_id)
        if case is None or case.registered_at is None:
            raise RequestNotFound
        question = question_of(case, desk)
        known = work.organisations.every()
        refused = work.transfers.refusals([request_id]).get(request_id, ())
        every = {entry.rule.organisation_id for entry in desk.matrix.explain(question, work.now)}
        out = {id_: why for id_ in every if (why := _unable(known.get(id_), refused)) is not None}
        return Explained(question, desk.matrix.explain(question, work.now, out), known)


def _unable(organisation: Organisation | None, refused: Collection[UUID]) -> Objection | None:
    if organisation is None:
        return Objection.UNKNOWN_ORGANISATION
    if not organisation.active:
        return Objection.INACTIVE
    return Objection.REFUSED if organisation.organisation_id in refused else None


def _basis(rule: Competence, question: Question) -> dict[str, Any]:
    side = question.side
    return {
        "zone": rule.zone,
        "houses_of": rule.houses_of,
        "hours": str(rule.hours),
        "network": side.network,
        "network_by": side.basis if side.network is not None else None,
    }


def _nobody(desk: Desk, case: Case, question: Question, gave_back: bool) -> tuple[Unroutable, str]:
    side = question.side.network
    what = question.system if side is None else f"{question.system} ({side})"
    if gave_back:
        return Unroutable.REFUSED, f"whoever answers for {what} at this place has given it back"
    if has_low_confidence(case, desk.policy):
        return Unroutable.LOW_CONFIDENCE, "nothing recognised, and no general dispatch organisation"
    return Unroutable.NO_COMPETENT_ORGANISATION, f"nobody answers for {what} at this place now"
