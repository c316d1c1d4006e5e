"""Cards of partners: taken once each, corrected by later revisions, followed until the end."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

from services.intake.domain.cards import KeptCard
from services.intake.domain.desk import door_code
from services.intake.domain.hearing import Listener
from services.intake.domain.keys import ApiKey
from services.intake.domain.partners import Casualties, Danger, Partner, Urgency
from services.intake.domain.registry import Point
from services.intake.domain.replies import Texts
from services.intake.domain.requests import Applicant, Channel, Details, Request
from services.intake.errors import CardNotFound, RevisionReused
from services.intake.usecases.facts import after_people, contact_at
from services.intake.usecases.forms import Form, begin, fill, go_on
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

    A registered request is in others' hands and is not edited: a further revision is told to those who work
    on it; a danger that is new, or anything after the work is over, is a request of its own at the same
    place. Raises RevisionReused if a revision comes again with other content.
    """
    with uow:
        known = uow.cards.revisions(partner.id, card.external_id, lock=True)
        same = next((kept for kept in known if kept.revision == card.revision), None)
        if same is not None and same.fingerprint != card.fingerprint:
            raise RevisionReused(revision=card.revision)
        if same is not None:
            return _followed(uow, known)
        request = _Taking(uow, listener, texts, partner, key, card).take(known)
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


class _Taking:
    """One revision of a card on its way into a request, inside one transaction."""

    def __init__(
        self, uow: UnitOfWork, listener: Listener, texts: Texts, partner: Partner, key: ApiKey, card: Card
    ) -> None:
        self._uow = uow
        self._listener = listener
        self._texts = texts
        self._partner = partner
        self._key = key
        self._card = card
        self._language = card.language or listener.hear(card.text, "ru").language.language
        self._author = f"partner:{partner.id}"

    def take(self, known: Sequence[KeptCard]) -> Request:
        """The request that has this revision; ``known`` are the card's other ones."""
        newest = max(known, key=lambda kept: kept.revision, default=None)
        people = [self._card.phone, self._card.desk]
        earlier = after_people(self._uow, newest.request_id, people) if newest is not None else None
        if newest is None or earlier is None:
            return begin(self._uow, self._listener, self._form(), self._language, author=self._author)
        if newest.revision > self._card.revision:
            return earlier
        if earlier.is_draft:
            return go_on(self._uow, self._listener, earlier, self._form())
        if self._is_new_danger(earlier) or self._is_over(earlier):
            return self._another(earlier)
        self._supplement(earlier)
        return earlier

    def _is_new_danger(self, earlier: Request) -> bool:
        told = earlier.problem.split("\n")
        return any(line not in told for line in alarms(self._texts, self._card, earlier.language))

    def _is_over(self, earlier: Request) -> bool:
        standing = self._uow.standings.get(earlier.id)
        return standing is not None and standing.is_finished

    def _another(self, earlier: Request) -> Request:
        """A request at the place and with the contact of the earlier one, judged and sent like any other."""
        about = self._texts.text(self._language, "card.addition_to", number=earlier.number)
        draft = Request(
            id=uuid4(),
            channel=Channel.PARTNER,
            language=self._language,
            received_at=self._uow.now,
            updated_at=self._uow.now,
            author=self._author,
            address=earlier.address,
            address_text=earlier.address_text,
            details=earlier.details,
        )
        form = self._form()
        is_same_place = form.address_text == earlier.address_text
        form = replace(
            form,
            text=f"{form.text}\n{about}",
            address_text=None if is_same_place else form.address_text,
            fallback_ref=earlier.contact_ref,
        )
        return fill(self._uow, self._listener, None, draft, form)

    def _supplement(self, earlier: Request) -> None:
        """Kept with what the applicant added; the words stay here, whoever may read them asks for them."""
        sid = f"card:{self._partner.id}:{self._card.external_id}:{self._card.revision}"
        self._uow.messages.claim(sid, "\n".join(self._words(earlier.language)), False, self._uow.now)
        if earlier.contact_ref is not None:
            self._uow.messages.answer(sid, "", earlier.contact_ref, earlier.id)
        told = {"request_id": earlier.id, "channel": Channel.PARTNER, "photos": 0, "at": self._uow.now}
        self._uow.emit("request.supplemented", str(earlier.id), told)

    def _words(self, language: str) -> list[str]:
        return words(self._texts, self._partner.name, self._card, language)

    def _form(self) -> Form:
        card = self._card
        desk = contact_at(self._uow, card.desk, self._language).ref if card.desk is not None else None
        return Form(
            phone=card.phone,
            name=card.name,
            text="\n".join(self._words(self._language)),
            address_text=card.address_text or None,
            building_id=card.building_id or None,
            point=card.point,
            details=card.details,
            language=self._language,
            applicant=card.applicant,
            channel=Channel.PARTNER,
            fallback_ref=desk or self._key.contact_ref,
            desk=door_code(card.intercom),
            as_is=True,
        )


def words(texts: Texts, partner_name: str, card: Card, language: str) -> list[str]:
    """The request's text: what the card tells, then ticks and counts in words, so that triage hears them."""
    lines = [card.text, *alarms(texts, card, language)]
    if card.urgency is not Urgency.UNKNOWN:
        lines.append(texts.text(language, f"card.urgency.{card.urgency}", partner=partner_name))
    return [line for line in (*lines, *card.other_contacts) if line.strip()]


def alarms(texts: Texts, card: Card, language: str) -> list[str]:
    """Dangers and casualties of a card, in words."""
    people = card.casualties
    counts = {"injured": people.injured, "dead": people.dead, "trapped": people.trapped}
    dangers = [texts.text(language, f"card.danger.{danger}") for danger in card.dangers]
    hurt = [texts.text(language, f"card.{what}", count=count) for what, count in counts.items() if count]
    return dangers + hurt


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
