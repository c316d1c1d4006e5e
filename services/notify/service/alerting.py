"""Alerts: their lists, their record, dispatchers' commands, and the words of Twilio, addressees and crews."""

from functools import partial
from typing import Any

from werkzeug.wrappers import Response

from services.notify.clients.calls import thanks
from services.notify.domain.alert_attempts import Attempt, State
from services.notify.domain.alerts import BY_KEY, Alert
from services.notify.errors import UnknownAlert
from services.notify.schemas import alert_lists as list_shapes
from services.notify.schemas import alerts as shapes
from services.notify.schemas.alert_words import LINK_PATH, PAGE_HEADERS
from services.notify.service.base import NotifyBase
from services.notify.usecases import alert_lists, alerting
from services.notify.usecases.alert_ports import StaffPhone
from services.notify.wiring import CALL_ANSWER_PATH, CALL_STATUS_PATH
from shared.bus import on
from shared.envelope import Event
from shared.errors import Invalid
from shared.http import Call, Reply, api, raw
from shared.i18n import DEFAULT_LANGUAGE
from shared.logs import get_logger

_READERS = frozenset({"dispatcher", "senior_dispatcher", "master", "administrator"})
_EDITORS = frozenset({"senior_dispatcher", "master", "administrator"})
_read = partial(api, "GET", roles=_READERS)
_command = partial(api, "POST", roles=_READERS, returns={200: shapes.AlertShape})
_ONE = "/v1/alerts/<uuid:alert_id>"
_LIST = "/v1/alert-lists/<string:event>"
_PHONE = "/v1/staff-phones/<uuid:person_id>"
_KEY_THAT_ACKNOWLEDGES = "1"
_TWIML = "text/xml; charset=utf-8"
_HTML = "text/html; charset=utf-8"
_log = get_logger(__name__)


class AlertListPoints(NotifyBase):
    """Whom to tell of which event, and the numbers of the staff."""

    @_read("/v1/alert-lists", returns={200: list_shapes.ListPage}, summary="Alert lists of all events")
    def list_alert_lists(self, call: Call) -> Reply:  # noqa: ARG002 - whoever may read
        found = alert_lists.list_lists(self.wiring.uow(), self.wiring.shipped)
        return Reply(200, {"lists": found})

    @_read(_LIST, returns={200: list_shapes.ListShape}, summary="The alert list of one event")
    def show_alert_list(self, call: Call) -> Reply:
        found = alert_lists.show_list(self.wiring.uow(), self.wiring.shipped, call.path["event"])
        return Reply(200, found, _etag(found.version))

    @api(
        "PUT",
        _LIST,
        roles=_EDITORS,
        body=list_shapes.ListBody,
        returns={200: list_shapes.ListShape},
        summary="Change an alert list from the version in If-Match, or add one for a new event",
    )
    def put_alert_list(self, call: Call) -> Reply:
        event, by, now = _event_of(call), call.actor.id, self.wiring.clock.now()
        wanted = list_shapes.list_of(event, call.body, by, now)
        edited = alert_lists.edit_list(self.wiring.uow(), self.wiring.shipped, wanted, _if_match(call))
        _log.info("alert_list_edited", alert_event=event, version=edited.version, by=by)
        return Reply(200, edited, _etag(edited.version))

    @api(
        "GET",
        "/v1/staff-phones",
        roles=_EDITORS,
        returns={200: list_shapes.StaffPhoneList},
        summary="Numbers of the staff, for those whom on-call lists name",
    )
    def list_staff_phones(self, call: Call) -> Reply:  # noqa: ARG002 - whoever may read
        return Reply(200, {"phones": alert_lists.list_phones(self.wiring.uow())})

    @api(
        "PUT",
        _PHONE,
        roles=_EDITORS,
        body=list_shapes.StaffPhoneBody,
        returns={200: list_shapes.StaffPhoneShape},
        summary="The number of one person of the staff",
    )
    def put_staff_phone(self, call: Call) -> Reply:
        now = self.wiring.clock.now()
        phone = StaffPhone(call.path["person_id"], call.body["phone"], call.actor.id, now)
        return Reply(200, alert_lists.put_phone(self.wiring.uow(), phone))

    @api("DELETE", _PHONE, roles=_EDITORS, returns={204: None}, summary="Do not call this person any more")
    def forget_staff_phone(self, call: Call) -> Reply:
        alert_lists.forget_phone(self.wiring.uow(), call.path["person_id"])
        return Reply(204)


class AlertPoints(NotifyBase):
    """One alert: started, watched, written down, stopped."""

    @api(
        "POST",
        "/v1/alerts",
        roles=_READERS,
        body=shapes.NewAlert,
        returns={200: shapes.AlertShape},
        summary="Tell everybody on the list of an event; the id is the caller's, again is the same as once",
    )
    def start_alert(self, call: Call) -> Reply:
        wiring, body = self.wiring, call.body
        subject = shapes.subject_by_hand(body)
        started = alerting.start_by_hand(
            wiring.uow(), wiring.shipped, body["alert_id"], body["event"], subject, call.actor.id
        )
        return self._answered(started)

    @_read(
        "/v1/alerts",
        query=shapes.AlertQuery,
        returns={200: shapes.AlertPage},
        summary="Alerts with their records, the newest first",
    )
    def list_alerts(self, call: Call) -> Reply:
        query = call.query
        found = alerting.list_alerts(self.wiring.uow(), query["request_id"], query["live"], query["limit"])
        return Reply(200, {"alerts": [shapes.alert_card(one) for one in found]})

    @_read(_ONE, returns={200: shapes.AlertShape}, summary="Who was told, by what, when, received by whom")
    def show_alert(self, call: Call) -> Reply:
        return Reply(200, shapes.alert_card(alerting.show(self.wiring.uow(), call.path["alert_id"])))

    @_command(f"{_ONE}/stop", body=shapes.StopBody, summary="Call nobody else")
    def stop_alert(self, call: Call) -> Reply:
        return self._answered(alerting.stop(self.wiring.uow(), call.path["alert_id"], call.body["reason"]))

    @_command(f"{_ONE}/told", body=shapes.WrittenDown, summary="Write down that you told somebody yourself")
    def write_down(self, call: Call) -> Reply:
        given, by = call.body, call.actor.id
        alert_id, uow = call.path["alert_id"], self.wiring.uow()
        return self._answered(
            alerting.write_down(uow, alert_id, given["addressee"], by, given["received_by"])
        )

    def _answered(self, alert: Alert) -> Reply:
        _log.info("alert_moved", alert_id=str(alert.id), stage=alert.stage.value)
        self.wiring.wake_alerts()
        return Reply(200, shapes.alert_card(alert))


class AlertWordPoints(NotifyBase):
    """What comes back: calls, keys, links; and what crews and dispatchers say of SOS."""

    @raw("POST", CALL_STATUS_PATH, summary="Twilio's word on a call of an alert (form, signed)")
    def note_call(self, call: Call) -> Response:
        told = self._signed(call)
        state, reason = shapes.call_state(told)
        if state is not None:
            self._hear(told, state, error_code=reason)
        return Response(status=204)

    @raw("POST", CALL_ANSWER_PATH, summary="The key that was pressed in a call of an alert; signed, TwiML")
    def note_key(self, call: Call) -> Response:
        told = self._signed(call)
        words, language = self.wiring.alert_words, DEFAULT_LANGUAGE
        if told["Digits"] != _KEY_THAT_ACKNOWLEDGES:
            return Response(self.wiring.again(told["attempt_id"]), content_type=_TWIML)
        self._hear(told, State.ACKNOWLEDGED, received_by=BY_KEY)
        said = words.catalog.text(language, "alert.thanks")
        return Response(thanks(said, self.wiring.speakers[language]), content_type=_TWIML)

    @raw("GET", f"{LINK_PATH}/<string:token>", summary="What an alert says, with a button to acknowledge it")
    def show_link(self, call: Call) -> Response:
        attempt_id = self.wiring.links.read(call.path["token"])
        if attempt_id is None:
            raise UnknownAlert
        return self._page(call, *alerting.show_attempt(self.wiring.uow(), attempt_id))

    @raw("POST", f"{LINK_PATH}/<string:token>", summary="Acknowledge an alert by the link of its message")
    def acknowledge_link(self, call: Call) -> Response:
        attempt_id = self.wiring.links.read(call.path["token"])
        if attempt_id is None:
            raise UnknownAlert
        alert, attempt = alerting.acknowledge_by_link(self.wiring.uow(), attempt_id)
        self.wiring.wake_alerts()
        return self._page(call, alert, attempt)

    @on("crews", "crew.signalled")
    def on_crews_crew_signalled(self, event: Event) -> None:
        told = shapes.CrewSignalled().load(event.data)
        uow, subject = self.wiring.uow(event, "start_by_signal"), shapes.subject_of_signal(told)
        alerting.on_signal(uow, self.wiring.shipped, told["kind"], told["signal_id"], subject)
        self.wiring.wake_alerts()

    @on("routing", "signal.acknowledged")
    def on_routing_signal_acknowledged(self, event: Event) -> None:
        told = shapes.SignalAcknowledged().load(event.data)
        uow = self.wiring.uow(event, "stop_by_signal")
        alerting.on_signal_acknowledged(uow, told["signal_id"], told["by"])

    @on("routing", "alert.told")
    def on_routing_alert_told(self, event: Event) -> None:
        told = shapes.AlertTold().load(event.data)
        alerting.write_down_all(self.wiring.uow(event, "write_down"), **told)
        self.wiring.wake_alerts()

    def _hear(self, told: dict[str, Any], state: State, **facts: Any) -> None:
        heard = {"provider_sid": told["CallSid"], **facts}
        alert = alerting.hear(self.wiring.uow(), told["attempt_id"], state, **heard)
        _log.info("alert_heard", alert_id=str(alert.id), state=state.value, stage=alert.stage.value)
        self.wiring.wake_alerts()

    def _signed(self, call: Call) -> dict[str, Any]:
        """Twilio's form with what we put into the URL; raises BadSignature."""
        request = call.request
        signature = request.headers.get("X-Twilio-Signature", "")
        self.wiring.signature.check(request.full_path.rstrip("?"), request.form, signature)
        told: dict[str, Any] = shapes.CallWord().load({**request.form.to_dict(), **request.args.to_dict()})
        return told

    def _page(self, call: Call, alert: Alert, attempt: Attempt) -> Response:
        page = self.wiring.alert_words.page(alert, attempt, call.language)
        return Response(page, content_type=_HTML, headers=PAGE_HEADERS)


def _event_of(call: Call) -> str:
    """The event that the path names; raises Invalid for what could be no code."""
    event = str(call.path["event"])
    if not list_shapes.is_code(event):
        raise Invalid(errors={"event": ["Must be lower-case Latin letters, digits and underscores."]})
    return event


def _if_match(call: Call) -> int | None:
    given = call.request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    if given and not given.isdecimal():
        raise Invalid(errors={"If-Match": ["Not a valid integer."]})
    return int(given) if given else None


def _etag(version: int) -> dict[str, str]:
    return {"ETag": f'"{version}"'}
