"""Taking what a resident sends from the web form, once however often it is sent."""

from dataclasses import dataclass, replace
from uuid import uuid4

from services.intake.domain.hearing import Listener
from services.intake.domain.links import digest_of
from services.intake.domain.requests import Request
from services.intake.usecases.forms import Form, begin, go_on
from services.intake.usecases.ports import UnitOfWork


@dataclass(frozen=True)
class Submission:
    """One press of the button. ``secret`` was issued with the empty form and stays the same while the form
    comes back: it makes all presses one request and becomes the link to its status page."""

    secret: str
    form: Form
    page_language: str


@dataclass(frozen=True)
class Taken:
    """What became of a submission; ``is_repeat`` if its request had been registered before."""

    request: Request
    is_repeat: bool = False


def submit(uow: UnitOfWork, listener: Listener, sent: Submission) -> Taken:
    """The request of this form: begun, gone on with, or as it is if it was registered already."""
    with uow:
        request_id = uow.links.claim(digest_of(sent.secret), uuid4(), uow.now)
        known = uow.requests.get(request_id, lock=True)
        if known is not None and not known.is_draft:
            return Taken(known, is_repeat=True)
        if known is None:
            request = begin(uow, listener, sent.form, _language(listener, sent), request_id=request_id)
        else:
            request = go_on(uow, listener, known, _with_choice(known, sent.form))
        uow.commit()
    return Taken(request)


def _language(listener: Listener, sent: Submission) -> str:
    """The language they wrote in; the page's if the text shows none."""
    return listener.hear(sent.form.text or "", sent.page_language).language.language


def _with_choice(draft: Request, form: Form) -> Form:
    """A choice counts while the address is still the one for which it was offered."""
    is_same_place = (form.address_text or "") == draft.address_text
    if form.choice is None or not is_same_place or form.choice > len(draft.candidates):
        return replace(form, choice=None)
    return replace(form, address_text=None)
