"""Who exchanges cards with us: data that a person enters at the command line."""

from collections.abc import Sequence
from dataclasses import replace

from services.intake.domain.keys import ApiKey
from services.intake.domain.partners import Partner, new_secret
from services.intake.errors import CardSignatureInvalid, PartnerExists, PartnerNotFound
from services.intake.usecases.ports import UnitOfWork


def add_partner(uow: UnitOfWork, id_: str, name: str, url: str, their_key: str) -> Partner:
    """A new partner with a secret for signing; raises PartnerExists."""
    with uow:
        if uow.partners.get(id_) is not None:
            raise PartnerExists
        partner = Partner(id_, name, new_secret(), uow.now, url, their_key)
        uow.partners.put(partner)
        uow.commit()
    return partner


def change_partner(
    uow: UnitOfWork,
    id_: str,
    url: str | None = None,
    their_key: str | None = None,
    renew_secret: bool = False,
) -> Partner:
    """Another address, key or secret; what is not told stays. Raises PartnerNotFound."""
    with uow:
        known = _known(uow, id_)
        changed = replace(
            known,
            url=known.url if url is None else url,
            their_key=known.their_key if their_key is None else their_key,
            secret=new_secret() if renew_secret else known.secret,
        )
        uow.partners.put(changed)
        uow.commit()
    return changed


def retire_partner(uow: UnitOfWork, id_: str) -> None:
    """No more cards either way; what was exchanged stays. Raises PartnerNotFound."""
    with uow:
        known = _known(uow, id_)
        uow.partners.put(replace(known, retired_at=known.retired_at or uow.now))
        uow.commit()


def list_partners(uow: UnitOfWork) -> Sequence[Partner]:
    with uow:
        return uow.partners.every()


def partner_of(uow: UnitOfWork, key: ApiKey) -> Partner:
    """The partner whose key this is; raises CardSignatureInvalid if it is nobody's who may send cards."""
    with uow:
        partner = uow.partners.get(key.partner or "")
    if partner is None or not partner.is_active:
        raise CardSignatureInvalid
    return partner


def _known(uow: UnitOfWork, id_: str) -> Partner:
    partner = uow.partners.get(id_)
    if partner is None:
        raise PartnerNotFound
    return partner
