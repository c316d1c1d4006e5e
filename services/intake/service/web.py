"""The residents' form, taken and given back until it is clear."""

from collections.abc import Sequence

from werkzeug.wrappers import Response

from services.intake.domain.addresses import Candidate
from services.intake.domain.photos import MOST_PHOTOS, Picture
from services.intake.schemas import pages, web
from services.intake.schemas.pages import language_of
from services.intake.schemas.web import Typed
from services.intake.service.base import FORM_BYTES, IntakePoints, page
from services.intake.usecases.web import Submission, Taken, submit
from shared.errors import NotFound
from shared.http import Call

_INVALID = 422
_TOO_MANY = 429


class WebPoints(IntakePoints):
    """How a resident reports trouble in a browser; no script runs there."""

    @page("GET", "/", summary="The residents' form")
    def show_form(self, call: Call) -> Response:
        return self._form_page(call, web.blank())

    @page("POST", "/", max_body_bytes=FORM_BYTES, summary="Takes the residents' form; comes back if unclear")
    def take_web_form(self, call: Call) -> Response:
        typed = web.read_form(call.request.form)
        files = web.chosen_files(call.request.files.getlist("photos"))
        if typed.only_language:
            return self._form_page(call, typed, complain=False)
        if typed.is_trapped:
            return self._form_page(call, typed, notice="web.press_again", status=_INVALID)
        if not typed.can_be_kept:
            return self._form_page(call, web.without_photos(typed, files), status=_INVALID)
        if not typed.dangers and not self.may_send(call):
            return self._form_page(call, typed, notice="web.too_many", status=_TOO_MANY)
        sent = self._sent(call, typed, self.wiring.pictures_in(files))
        taken = submit(self.wiring.uow(), self.wiring.listener, sent)
        return self._answer(call, typed, taken, left_out=len(files) - taken.attached)

    @page("GET", "/assets/<digest>.css", summary="How the pages look; may be kept for ever")
    def show_style(self, call: Call) -> Response:
        found = pages.style(call.path["digest"])
        if found is None:
            raise NotFound
        return found

    def _sent(self, call: Call, typed: Typed, pictures: Sequence[Picture]) -> Submission:
        language = language_of(call.request)
        dangers = [self.wiring.pages.text(language, f"web.danger_told.{name}") for name in typed.dangers]
        return Submission(typed.secret, typed.form(dangers), language, tuple(pictures))

    def _answer(self, call: Call, typed: Typed, taken: Taken, left_out: int) -> Response:
        """The page of the request, or the form again while there is something to ask."""
        request = taken.request
        if request.is_dropped:
            return self._form_page(call, web.renewed(typed), notice="web.press_again", status=_INVALID)
        if taken.is_repeat and not request.problem.startswith(typed.values["text"]):
            return self._form_page(call, web.renewed(typed), sent_before=(request.number, typed.secret))
        if not request.is_draft or request.needs_operator:
            return self.to_request_page(call, typed.secret, left_out=left_out)
        asked = web.asked(typed, request, left_out)
        return self._form_page(
            call, asked, candidates=request.candidates, attached=taken.photos, status=_INVALID
        )

    def _form_page(
        self,
        call: Call,
        typed: Typed,
        *,
        candidates: tuple[Candidate, ...] = (),
        attached: int = 0,
        notice: str = "",
        sent_before: tuple[int | None, str] | None = None,
        complain: bool = True,
        status: int = 200,
    ) -> Response:
        return self.wiring.pages.show(
            "form",
            language_of(call.request),
            status,
            typed=typed,
            complaints=typed.complaints if complain else {},
            candidates=candidates,
            attached=attached,
            most_photos=MOST_PHOTOS,
            notice=notice,
            sent_before=sent_before,
            is_again=call.request.method == "POST",
            limits=web.LONGEST,
            trap=web.TRAP,
            dangers=web.DANGERS,
        )
