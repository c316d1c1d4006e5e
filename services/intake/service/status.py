"""The page of one request, for whoever has its secret link."""

from dataclasses import replace

from werkzeug.wrappers import Response

from services.intake.domain.links import new_secret
from services.intake.domain.photos import MOST_PHOTOS
from services.intake.schemas import pages, web
from services.intake.schemas.pages import language_of
from services.intake.service.base import FORM_BYTES, IntakePoints, page
from services.intake.usecases import additions, judging, links, photos
from shared.http import Call

_SAID = {"yes": True, "no": False}
_TOLD = frozenset({"added", "cancelled", "cancel_asked", "cancel_late", "empty", "new", "other", "too_many"})
_TOLD |= {"fixed", "not_fixed", "judged_late"}


class StatusPoints(IntakePoints):
    """What a resident sees of their request, and what they may add to it."""

    @page("GET", "/s/<secret>", summary="The page of one request, for whoever has its secret link")
    def show_status(self, call: Call) -> Response:
        seen = links.follow(self.wiring.uow(), call.path["secret"])
        told = call.request.args.get("told", "")
        return self.wiring.pages.show(
            "status",
            language_of(call.request, seen.request.language),
            seen=seen,
            phone=pages.masked_phone(seen.contact),
            secret=call.path["secret"],
            key=new_secret(),
            told=told if told in _TOLD else "",
            now=self.wiring.clock.now(),
            left_out=call.request.args.get("left_out", 0, type=int),
            most_photos=MOST_PHOTOS,
            limits=web.LONGEST,
            dangers=web.DANGERS,
        )

    @page("POST", "/s/<secret>/more", max_body_bytes=FORM_BYTES, summary="Takes what a resident adds")
    def take_addition(self, call: Call) -> Response:
        wiring, secret = self.wiring, call.path["secret"]
        typed = web.read_addition(call.request.form)
        files = web.chosen_files(call.request.files.getlist("photos"))
        if not (typed.text or typed.dangers or files):
            return self.to_request_page(call, secret, "empty")
        if not typed.dangers and not self.may_send(call):
            return self.to_request_page(call, secret, "too_many")
        links.follow(wiring.uow(), secret)  # before any photo is opened
        addition = replace(typed, pictures=tuple(wiring.pictures_in(files)))
        added = additions.add(wiring.uow(), wiring.listener, wiring.catalog, secret, addition)
        left_out = len(files) - added.attached
        if added.secret is not None:
            return self.to_request_page(call, added.secret, "new", left_out)
        return self.to_request_page(call, secret, "added", left_out)

    @page("POST", "/s/<secret>/other", summary="Mine is another trouble: off the outage")
    def split_off(self, call: Call) -> Response:
        additions.split_off(self.wiring.uow(), self.wiring.listener, call.path["secret"])
        return self.to_request_page(call, call.path["secret"], "other")

    @page("GET", "/s/<secret>/cancel", summary="Asks whether the request is really to be called off")
    def ask_to_cancel(self, call: Call) -> Response:
        seen = links.follow(self.wiring.uow(), call.path["secret"])
        language = language_of(call.request, seen.request.language)
        return self.wiring.pages.show("cancel", language, seen=seen, secret=call.path["secret"])

    @page("POST", "/s/<secret>/cancel", summary="Calls the request off, or asks a dispatcher to")
    def cancel(self, call: Call) -> Response:
        told = additions.cancel(self.wiring.uow(), self.wiring.listener, call.path["secret"])
        return self.to_request_page(call, call.path["secret"], told)

    @page("POST", "/s/<secret>/judge", summary="Takes the answer to «is it fixed?»")
    def judge(self, call: Call) -> Response:
        said = call.request.form.get("fixed")
        if said not in _SAID:
            return self.to_request_page(call, call.path["secret"])
        told = judging.judge_by_link(self.wiring.uow(), call.path["secret"], _SAID[said])
        return self.to_request_page(call, call.path["secret"], told)

    @page("GET", "/s/<secret>/photos/<uuid:photo_id>", summary="A photo of the request of a secret link")
    def show_status_photo(self, call: Call) -> Response:
        jpeg = photos.show_linked_photo(self.wiring.uow(), call.path["secret"], call.path["photo_id"])
        return pages.photo(jpeg)
