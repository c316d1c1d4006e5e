"""Who answers for a request and why, as dispatchers read it in their language."""

from typing import Any

from marshmallow import Schema, fields

from services.routing.domain.competence import Weighed
from services.routing.domain.organisations import Organisation
from services.routing.schemas.answers import Words
from services.routing.usecases.answering import Explained


class RuleShape(Schema):
    """One rule; ``objection`` is why it does not decide, null for the one that does."""

    organisation_id = fields.UUID(required=True)
    name = fields.String(required=True, allow_none=True)
    zone = fields.String(required=True, allow_none=True)
    houses_of = fields.String(required=True, allow_none=True)
    network = fields.String(required=True, allow_none=True)
    hours = fields.String(required=True)
    valid_from = fields.Date(required=True, allow_none=True)
    valid_until = fields.Date(required=True, allow_none=True)
    objection = fields.String(required=True, allow_none=True)
    text = fields.String(required=True)


class CompetenceShape(Schema):
    """What was asked of the table of competences, and every rule for that system, the deciding one first."""

    system = fields.String(required=True)
    network = fields.String(required=True, allow_none=True)
    network_by = fields.String(required=True, allow_none=True)
    text = fields.String(required=True)
    manager = fields.String(required=True, allow_none=True)
    rules = fields.List(fields.Nested(RuleShape), required=True)


class OrganisationShape(Schema):
    """One to hand a request to; without crews here it is told by voice."""

    organisation_id = fields.UUID(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    has_crews = fields.Boolean(required=True)


class Organisations(Schema):
    organisations = fields.List(fields.Nested(OrganisationShape), required=True)


def explained(found: Explained, words: Words) -> dict[str, Any]:
    """As :class:`CompetenceShape` shows it."""
    asked, side = found.question, found.question.side
    has_side = side.network is not None
    return {
        "system": asked.system,
        "network": side.network,
        "network_by": side.basis if has_side else None,
        "text": words(f"network.{side.network}.{side.basis}") if has_side else words("network.none"),
        "manager": asked.manager,
        "rules": [
            _rule(entry, found.organisations.get(entry.rule.organisation_id), words) for entry in found.rules
        ],
    }


def _rule(entry: Weighed, organisation: Organisation | None, words: Words) -> dict[str, Any]:
    rule = entry.rule
    return {
        "organisation_id": rule.organisation_id,
        "name": None if organisation is None else organisation.name,
        "zone": rule.zone,
        "houses_of": rule.houses_of,
        "network": rule.network,
        "hours": str(rule.hours),
        "valid_from": rule.term.begins,
        "valid_until": rule.term.ends,
        "objection": entry.objection,
        "text": words("competence.decides" if entry.objection is None else f"objection.{entry.objection}"),
    }
