"""Cards of partners: taken once each, corrected by later revisions, followed until the end."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from services.intake.domain.cards import KeptCard
from services.intake.domain.hearing import Listener
from services.intake.domain.keys import ApiKey
from services.intake.domain.partners import Casualties, Danger, Partner, Urgency
from services.intake.domain.registry import Point
from services.intake.domain.replies import Texts
from services.intake.domain.requests import Applicant, Channel, Details, Request
from services.intake.errors import CardNotFound, RevisionReused
from services.intake.usecases.facts import contact_at
from services.intake.usecases.forms import Form, begin, go_on
from services.intake.usecases.ports import Phone, UnitOfWork


@dataclass(frozen=True)
class Card:
    """One revision of a card. ``content`` is its text as it came; ``other_contacts`` are ways to reach the
    applicant that no machine can call; ``desk`` is the telephone of the partner's dispatcher."""

    external_id: str
    revision: int
    text: str
    content: str
    fingerprint: str
    language: str | None = None
    urgency: Urgency = Urgency.UNKNOWN
    dangers: tuple[Danger, ...] = ()
    casualties: Casualties = field(default_factory=Casualties)
    address_text: str = ""
    building_id: str = ""
    point: Point | None = None
    details: Details = field(default_factory=Details)
    intercom: str = ""
    applicant: Applicant = Applicant.PERSON
    name: str = ""
    phone: Phone | None = None
    other_contacts: tuple[str, ...] = ()
    desk: Phone | None = None


@dataclass(frozen=True)
class Followed:
    """A card with what became of it: its newest revision, the request, and the state in journal's word."""

    card: KeptCard
    request: Request
    state: str


def take_card(
    uow: UnitOfWork, listener: Listener, texts: Texts, partner: Partner, key: ApiKey, card: Card
) -> Followed:
    """The request of a card: begun, gone on with, or as it is. A revision that came before changes nothing.

    A registered request is in others' hands and is not edited: the revision is kept beside it and seen by
    the dispatcher. Raises RevisionReused if a revision comes again with other content.
    """
    with uow:
        known = uow.cards.revisions(partner.id, card.external_id, lock=True)
        same = next((kept for kept in known if kept.revision == card.revision), None)
        if same is not None and same.fingerprint != card.fingerprint:
            raise RevisionReused(revision=card.revision)
        if same is not None:
            return _followed(uow, known)
        request = _request(uow, listener, texts, partner, key, card, known)
        kept = _kept(uow, partner, card, request)
        uow.cards.add(kept)
        answer = _followed(uow, [*known, kept])
        uow.commit()
    return answer


def follow_card(uow: UnitOfWork, partner: Partner, external_id: str) -> Followed:
    """What became of a partner's card; raises CardNotFound."""
    with uow:
        known = uow.cards.revisions(partner.id, external_id)
        if not known:
            raise CardNotFound
        return _followed(uow, known)


def _request(
    uow: UnitOfWork,
    listener: Listener,
    texts: Texts,
    partner: Partner,
    key: ApiKey,
    card: Card,
    known: Sequence[KeptCard],
) -> Request:
    earlier = uow.requests.get(known[0].request_id, lock=True) if known else None
    is_older = any(kept.revision > card.revision for kept in known)
    if earlier is not None and (is_older or not earlier.is_draft):
        return earlier
    language = card.language or listener.hear(card.text, "ru").language.language
    form = _form(uow, texts, partner, key, card, language)
    if earlier is not None:
        return go_on(uow, listener, earlier, form)
    return begin(uow, listener, form, language, author=f"partner:{partner.id}")


def _form(uow: UnitOfWork, texts: Texts, partner: Partner, key: ApiKey, card: Card, language: str) -> Form:
    desk = contact_at(uow, card.desk, language).ref if card.desk is not None else key.contact_ref
    return Form(
        phone=card.phone,
        name=card.name,
        text="\n".join(words(texts, partner.name, card, language)),
        address_text=card.address_text or None,
        building_id=card.building_id or None,
        point=card.point,
        details=card.details,
        language=language,
        applicant=card.applicant,
        channel=Channel.PARTNER,
        fallback_ref=desk,
        as_is=True,
    )


def words(texts: Texts, partner_name: str, card: Card, language: str) -> list[str]:
    """The request's text: what the card tells, then ticks and counts in words, so that triage hears them."""
    people = card.casualties
    counts = {"injured": people.injured, "dead": people.dead, "trapped": people.trapped}
    lines = [card.text]
    lines += [texts.text(language, f"card.danger.{danger}") for danger in card.dangers]
    lines += [texts.text(language, f"card.{what}", count=count) for what, count in counts.items() if count]
    if card.urgency is not Urgency.UNKNOWN:
        lines.append(texts.text(language, f"card.urgency.{card.urgency}", partner=partner_name))
    if card.intercom:
        lines.append(texts.text(language, "card.intercom", code=card.intercom))
    return [line for line in (*lines, *card.other_contacts) if line.strip()]


def _kept(uow: UnitOfWork, partner: Partner, card: Card, request: Request) -> KeptCard:
    return KeptCard(
        partner_id=partner.id,
        external_id=card.external_id,
        revision=card.revision,
        request_id=request.id,
        fingerprint=card.fingerprint,
        content=card.content,
        received_at=uow.now,
    )


def _followed(uow: UnitOfWork, known: Sequence[KeptCard]) -> Followed:
    newest = max(known, key=lambda kept: kept.revision)
    request = uow.requests.get(newest.request_id)
    if request is None:
        raise CardNotFound
    standing = uow.standings.get(request.id)
    return Followed(newest, request, standing.state if standing is not None else request.state.value)


def cards_of(uow: UnitOfWork, request_id: UUID) -> Sequence[KeptCard]:
    """Every revision of every card that a request came from, the oldest first."""
    with uow:
        return uow.cards.of_request(request_id)
