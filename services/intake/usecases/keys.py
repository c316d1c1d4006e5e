"""API keys: given out, taken back, recognised."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from services.intake.domain.keys import Allowance, ApiKey, Scope, digest, new_key
from services.intake.domain.language import RUSSIAN
from services.intake.errors import KeyNotFound, KeyRefused, PartnerNotFound, TooManyCalls
from services.intake.usecases.facts import contact_at
from services.intake.usecases.ports import Phone, UnitOfWork


@dataclass(frozen=True)
class Grant:
    """What a new key shall open; ``phone`` is whom to call when an applicant leaves no number."""

    name: str
    scopes: frozenset[Scope]
    per_minute: int
    partner: str | None = None
    phone: Phone | None = None


def add_key(uow: UnitOfWork, grant: Grant) -> tuple[ApiKey, str]:
    """A new key and its text, which is seen here and never again. Raises PartnerNotFound."""
    text = new_key()
    with uow:
        if grant.partner is not None and uow.partners.get(grant.partner) is None:
            raise PartnerNotFound
        contact = contact_at(uow, grant.phone, RUSSIAN) if grant.phone is not None else None
        key = ApiKey(
            id=uuid4(),
            name=grant.name,
            digest=digest(text),
            scopes=grant.scopes,
            per_minute=grant.per_minute,
            created_at=uow.now,
            partner=grant.partner,
            contact_ref=contact.ref if contact is not None else None,
        )
        uow.keys.add(key)
        uow.commit()
    return key, text


def revoke_key(uow: UnitOfWork, id_: UUID) -> None:
    """The key opens nothing from now on; what came by it stays. Raises KeyNotFound."""
    with uow:
        if not uow.keys.revoke(id_, uow.now):
            raise KeyNotFound
        uow.commit()


def list_keys(uow: UnitOfWork) -> Sequence[ApiKey]:
    """Every key that was ever given out, the newest first."""
    with uow:
        return uow.keys.every()


def recognise(uow: UnitOfWork, allowance: Allowance, text: str, scope: Scope) -> ApiKey:
    """Whose key this is; raises KeyRefused, or TooManyCalls."""
    with uow:
        key = uow.keys.by_digest(digest(text)) if text else None
    if key is None or not key.opens(scope):
        raise KeyRefused
    wait = allowance.take(key.id, key.per_minute)
    if wait:
        raise TooManyCalls(retry_after_s=round(wait) + 1)
    return key
