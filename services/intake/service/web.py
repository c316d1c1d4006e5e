"""Residents' pages: the form and the page of one request."""

from collections.abc import Sequence
from functools import partial

from werkzeug.wrappers import Response

from services.intake.domain.addresses import Candidate
from services.intake.domain.photos import LARGEST_BYTES, MOST_PHOTOS, Picture
from services.intake.schemas import pages, web
from services.intake.schemas.callers import caller_of
from services.intake.schemas.pages import error_page, language_of, see_other
from services.intake.schemas.web import Typed
from services.intake.service.base import IntakePoints
from services.intake.usecases import links, photos
from services.intake.usecases.web import Submission, Taken, submit
from shared.errors import NotFound
from shared.http import MAX_BODY_BYTES, Call, Endpoint

page = partial(Endpoint.decorator, raw=True, on_error=error_page)
_INVALID = 422
_TOO_MANY = 429
_FORM_BYTES = MOST_PHOTOS * LARGEST_BYTES + MAX_BODY_BYTES


class WebPoints(IntakePoints):
    """What a resident sees in a browser; no script runs there."""

    @page("GET", "/", summary="The residents' form")
    def show_form(self, call: Call) -> Response:
        return self._form_page(call, web.blank())

    @page("POST", "/", max_body_bytes=_FORM_BYTES, summary="Takes the residents' form; comes back if unclear")
    def take_web_form(self, call: Call) -> Response:
        typed = web.read_form(call.request.form)
        files = web.chosen_files(call.request.files.getlist("photos"))
        if typed.only_language:
            return self._form_page(call, typed, complain=False)
        if typed.is_trapped:
            return self._form_page(call, typed, notice="web.press_again", status=_INVALID)
        if not typed.can_be_kept:
            return self._form_page(call, web.without_photos(typed, files), status=_INVALID)
        if not typed.has_danger and not self._may_send(call):
            return self._form_page(call, typed, notice="web.too_many", status=_TOO_MANY)
        sent = self._sent(call, typed, self.wiring.pictures_in(files))
        taken = submit(self.wiring.uow(), self.wiring.listener, sent)
        return self._answer(call, typed, taken, left_out=len(files) - taken.attached)

    @page("GET", "/s/<secret>", summary="The page of one request, for whoever has its secret link")
    def show_status(self, call: Call) -> Response:
        seen = links.follow(self.wiring.uow(), call.path["secret"])
        return self.wiring.pages.show(
            "status",
            language_of(call.request, seen.request.language),
            seen=seen,
            phone=pages.masked_phone(seen.contact),
            secret=call.path["secret"],
            left_out=call.request.args.get("left_out", 0, type=int),
            most_photos=MOST_PHOTOS,
        )

    @page("GET", "/s/<secret>/photos/<uuid:photo_id>", summary="A photo of the request of a secret link")
    def show_status_photo(self, call: Call) -> Response:
        jpeg = photos.show_linked_photo(self.wiring.uow(), call.path["secret"], call.path["photo_id"])
        return pages.photo(jpeg)

    @page("GET", "/assets/<digest>.css", summary="How the pages look; may be kept for ever")
    def show_style(self, call: Call) -> Response:
        found = pages.style(call.path["digest"])
        if found is None:
            raise NotFound
        return found

    def _sent(self, call: Call, typed: Typed, pictures: Sequence[Picture]) -> Submission:
        language = language_of(call.request)
        return Submission(typed.secret, typed.form(self._danger(language)), language, tuple(pictures))

    def _danger(self, language: str) -> str:
        return self.wiring.pages.text(language, "web.danger_told")

    def _may_send(self, call: Call) -> bool:
        request = call.request
        forwarded = request.headers.get("X-Forwarded-For", "")
        caller = caller_of(request.remote_addr or "", forwarded, self.wiring.trusted_proxies)
        return self.wiring.web_throttle.allows(caller, self.wiring.clock.now())

    def _answer(self, call: Call, typed: Typed, taken: Taken, left_out: int) -> Response:
        """The page of the request, or the form again while there is something to ask."""
        request = taken.request
        if taken.is_repeat and not request.problem.startswith(typed.values["text"]):
            return self._form_page(call, web.renewed(typed), sent_before=(request.number, typed.secret))
        if not request.is_draft or request.needs_operator:
            told = f"&left_out={left_out}" if left_out else ""
            return see_other(f"/s/{typed.secret}?lang={language_of(call.request)}{told}")
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
        )
