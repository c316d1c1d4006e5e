"""What a resident says on the page of a request: more of it, «mine is different», «not needed any more»."""

from dataclasses import dataclass, replace
from uuid import uuid4

from services.intake.domain.hearing import Listener
from services.intake.domain.messages import addition_sid
from services.intake.domain.photos import Picture
from services.intake.domain.replies import Texts
from services.intake.domain.requests import Channel, Request
from services.intake.usecases import incidents
from services.intake.usecases.cancelling import call_off, drop
from services.intake.usecases.facts import finish
from services.intake.usecases.links import Seen, make_link, seen
from services.intake.usecases.photos import attach
from services.intake.usecases.ports import UnitOfWork


@dataclass(frozen=True)
class Addition:
    """One press of the button under a request. ``key`` was issued with the page: a second press is the same.
    ``dangers`` are those that were ticked."""

    key: str
    text: str
    pictures: tuple[Picture, ...] = ()
    dangers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Added:
    """``attached`` of the pictures are kept; ``secret`` is the link to the new request if it became one."""

    attached: int
    secret: str | None = None


def add(uow: UnitOfWork, listener: Listener, texts: Texts, secret: str, addition: Addition) -> Added:
    """Keep what a resident adds. Danger, ticked or told in words, or anything after the work is over, is a
    request of its own at the same place: it is judged and dispatched like any other. Raises LinkUnknown."""
    with uow:
        known = seen(uow, secret, lock=True)
        sid = addition_sid(addition.key)
        text = _worded(texts, known.request.language, addition)
        if not uow.messages.claim(sid, text, False, uow.now):
            return Added(len(addition.pictures))
        about, added = _Page(uow, listener, texts, known).take(text, addition)
        if about.contact_ref is not None:
            uow.messages.answer(sid, "", about.contact_ref, about.id)
        uow.commit()
    return added


def split_off(uow: UnitOfWork, listener: Listener, secret: str) -> None:
    """«Mine is different»: the request no longer rides on its outage. Raises LinkUnknown."""
    with uow:
        request = seen(uow, secret).request
        incidents.split_request(uow, listener.troubles.book, request.id)
        uow.commit()


def cancel(uow: UnitOfWork, listener: Listener, secret: str) -> str:
    """Call the request off; what its applicant is told: ``cancelled``, ``cancel_asked`` if a dispatcher must
    decide, ``cancel_late`` if the work is over. Raises LinkUnknown."""
    with uow:
        known = seen(uow, secret, lock=True)
        if known.is_over:
            return "cancel_late"
        if known.request.is_draft:
            needs_person = drop(uow, listener.is_grave, known.request, Channel.WEB).needs_operator
        else:
            needs_person = call_off(uow, listener.is_grave, known.request, known.standing, Channel.WEB)
        uow.commit()
    return "cancel_asked" if needs_person else "cancelled"


def _worded(texts: Texts, language: str, addition: Addition) -> str:
    told = [texts.text(language, f"web.danger_told.{danger}") for danger in addition.dangers]
    return "\n".join(part for part in (addition.text, *told) if part)


class _Page:
    """The page of a request while something is added on it, inside one transaction."""

    def __init__(self, uow: UnitOfWork, listener: Listener, texts: Texts, known: Seen) -> None:
        self._uow = uow
        self._listener = listener
        self._texts = texts
        self._known = known
        self._request = known.request

    def take(self, text: str, addition: Addition) -> tuple[Request, Added]:
        """The request that now has it, and what became of it."""
        if self._request.is_draft:
            return self._longer(text, addition)
        if addition.dangers or self._known.is_over or self._listener.troubles(addition.text).dangers:
            return self._another(text, addition)
        attached = attach(self._uow, self._request.id, addition.pictures)
        self._announce(attached)
        return self._request, Added(attached)

    def _longer(self, text: str, addition: Addition) -> tuple[Request, Added]:
        problem = f"{self._request.problem}\n{text}".strip()
        longer = replace(self._request, problem=problem, updated_at=self._uow.now)
        finish(self._uow, self._listener, self._request, longer)
        return longer, Added(attach(self._uow, longer.id, addition.pictures))

    def _another(self, text: str, addition: Addition) -> tuple[Request, Added]:
        """A request at the place and with the contact of the earlier one."""
        earlier, now = self._request, self._uow.now
        about = self._texts.text(earlier.language, "web.addition_to", number=earlier.number)
        draft = Request(
            id=uuid4(),
            channel=Channel.WEB,
            language=earlier.language,
            received_at=now,
            updated_at=now,
            contact_ref=earlier.contact_ref,
            applicant=earlier.applicant,
            problem=f"{text or earlier.problem}\n{about}",
            address=earlier.address,
            details=earlier.details,
        )
        request = draft.registered(self._uow.requests.next_number(), now)
        finish(self._uow, self._listener, None, request)
        attached = attach(self._uow, request.id, addition.pictures)
        return request, Added(attached, make_link(self._uow, request.id))

    def _announce(self, photos: int) -> None:
        """The words stay here: whoever may read them asks for them."""
        told = {
            "request_id": self._request.id,
            "channel": Channel.WEB,
            "photos": photos,
            "at": self._uow.now,
        }
        self._uow.emit("request.supplemented", str(self._request.id), told)
