"""The composition root of ``notify``: texts, provider, signatures, and the loop that sends."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from eventlet import sleep
from eventlet.greenpool import GreenPool

from services.notify.clients import (
    NullProvider,
    NullSignature,
    TwilioProvider,
    TwilioSignature,
)
from services.notify.clients.calls import NullCaller, Telephone, TwilioCaller, spoken
from services.notify.clients.http_sms import HttpProvider, ReceiptKeys
from services.notify.clients.oncall import RpcOnCall
from services.notify.domain.dialect import Dialect
from services.notify.domain.messages import Message, Pace
from services.notify.errors import ProviderBusy
from services.notify.schemas.alert_lists import read_shipped
from services.notify.schemas.alert_words import AlertWords, Links, read_speakers
from services.notify.schemas.cap import Publisher
from services.notify.schemas.config import Choices
from services.notify.schemas.http_sms import dialect_of
from services.notify.schemas.letters import read_latin
from services.notify.store import UnitOfWork
from services.notify.usecases import alerting, announcing, asking, notices, ringing, sending, untold
from services.notify.usecases.alert_ports import Caller
from services.notify.usecases.ports import Job, SmsProvider, Writer
from services.notify.usecases.together import Together
from shared.db import DATABASE_AWAY, Transaction
from shared.i18n import Catalog
from shared.logs import get_logger
from shared.wiring import BaseWiring, Loop

STATUS_PATH = "/twilio/status"
CALL_STATUS_PATH = "/twilio/alert/status"
CALL_ANSWER_PATH = "/twilio/alert/answer"
RECEIPT_PATH = "/sms/receipts"
_LONGEST_REST = timedelta(seconds=5)
_NOTICE_BATCH = 200
_HOMES_PAGE = 5000
_GAPS = re.compile(" {2,}")
_LOOK_EVERY_S = 0.5
_ASK_EVERY_S = 5.0
_RESUME_EVERY_S = 5.0  # what a crash left half listed; a new announcement wakes its loop
_log = get_logger(__name__)


class Wiring(BaseWiring):
    """What the entry points of this service need, built once per process."""

    unit_of_work: ClassVar[type[Transaction]] = UnitOfWork
    confidential: ClassVar[bool] = True

    choices: Choices
    provider: SmsProvider
    dialect: Dialect | None
    signature: TwilioSignature | NullSignature
    receipts: Together[sending.Told, bool]

    def assemble(self) -> None:
        self.choices = Choices.of(self.settings)
        self._connect_provider()
        sender = self.dialect.sender if self.dialect else self.settings.secret("AVARIYKA_TWILIO_FROM", "")
        self.asks = self.choices.asks and can_be_answered(sender)
        self.publisher = Publisher(
            self.choices.cap_sender,
            self.choices.publisher_name,
            self.choices.help_phone,
            self.settings.public_url,
            self.choices.zone,
            self.catalog.text,
        )
        self._write = writer(self.catalog, self.choices.help_phone)
        self._latin = read_latin()
        self._assemble_alerts()
        self._settling = Together(self._settle, DATABASE_AWAY)
        self.receipts = Together(self._receive, DATABASE_AWAY)
        self._pool = GreenPool(self.choices.parallel)
        self._pace = Pace(self.choices.per_second, self.clock.now())
        self._notices = Loop("spread_notices", _LOOK_EVERY_S, self._spread_notices)
        self._sender = Loop("send_messages", _LOOK_EVERY_S, self._send_due)
        self._asker = Loop("ask_after_messages", _ASK_EVERY_S, self._ask_after)
        self._planner = Loop("list_recipients", _RESUME_EVERY_S, self._list_recipients)
        self._releaser = Loop("release_announcements", _LOOK_EVERY_S, self._release)

    def loops(self) -> Iterable[Loop]:
        yield self._sender
        yield self._asker
        yield self._notices
        yield self._planner
        yield self._releaser
        yield self._alarm

    def vitals(self) -> dict[str, Any]:
        backlog = sending.measure_backlog(self.uow())
        age = (self.clock.now() - backlog.oldest).total_seconds() if backlog.oldest else 0.0
        told = {"waiting": backlog.waiting, "oldest_age_s": round(age, 1), "held": backlog.held}
        untold_danger = untold.measure_alarm(self.uow())
        since = untold_danger.oldest
        waits_s = (self.clock.now() - since).total_seconds() if since else 0.0
        return {
            "messages": told,
            "untold": {"count": untold_danger.waiting, "oldest_age_s": round(waits_s, 1)},
        }

    def _ask_after(self) -> None:
        while silent := asking.take_silent(self.uow(), self.choices.policy, _NOTICE_BATCH):
            for message in silent:
                asking.ask(message, self.uow, self.provider)

    def wake_notices(self) -> None:
        """Something may have to be told to many."""
        self._notices.wake()

    def _spread_notices(self) -> None:
        """Batch by batch: a notice to a whole district must not keep the news of one house waiting."""
        while notices.spread_notices(self.uow(), _NOTICE_BATCH):
            self.wake_sender()

    def wake_announcements(self) -> None:
        """One was made, or may go on."""
        self._planner.wake()
        self._releaser.wake()

    def _list_recipients(self) -> None:
        while announcing.list_recipients(self.uow(), _HOMES_PAGE):
            sleep(0)  # a city's homes are many: whoever waits meanwhile gets a turn between the pages

    def _release(self) -> None:
        if announcing.release(self.uow(), _NOTICE_BATCH, self.choices.policy.quiet):
            self.wake_sender()

    def wake_sender(self) -> None:
        """There is something to say."""
        self._sender.wake()

    def wake_alerts(self) -> None:
        """Somebody may have to be called."""
        self._alarm.wake()

    def _assemble_alerts(self) -> None:
        self.shipped = read_shipped()
        self.speakers = read_speakers(self.choices.voice_recorded)
        self.links = Links(self.sealer, self.settings.public_url)
        publisher, map_url = self.choices.publisher_name, self.choices.map_url
        self.alert_words = AlertWords(self.catalog, publisher, map_url, self.links)
        on_call = RpcOnCall(self.settings.amqp_uri, self.choices.on_call_timeout_s)
        self._channels = ringing.Channels(self._caller(), self.provider, on_call, self.alert_words)
        # Crews are asked before the provider: a lease that ran out meanwhile would be taken again for ever.
        asking = timedelta(seconds=2 * self.choices.on_call_timeout_s)
        self._alert_lease = self.choices.policy.lease + asking
        self._ringers = GreenPool(self.choices.parallel)
        self._alarm = Loop("look_after_alerts", _LOOK_EVERY_S, self._look_after_alerts)

    def _caller(self) -> Caller:
        account = self.settings.secret("AVARIYKA_TWILIO_ACCOUNT_SID", "")
        token = self.settings.secret("AVARIYKA_TWILIO_AUTH_TOKEN", "")
        usual = self.settings.secret("AVARIYKA_TWILIO_FROM", "")
        sender = self.settings.secret("AVARIYKA_TWILIO_VOICE_FROM", "") or usual
        if not (account and token and sender.startswith("+")):
            return NullCaller()
        here = self.settings.public_url
        telephone = Telephone(
            sender,
            here + CALL_STATUS_PATH,
            here + CALL_ANSWER_PATH,
            self.choices.ring_s,
            self.choices.detects_machines,
        )
        api_url = self.settings.secret("AVARIYKA_TWILIO_API_URL", "")
        timeout_s = self.choices.timeout_s
        return TwilioCaller(account, token, telephone, self.speakers, api_url=api_url, timeout_s=timeout_s)

    def _look_after_alerts(self) -> None:
        """Each alert that is due; calls are made beside, so that one that hangs holds nothing up."""
        while (tasks := ringing.look_after(self.uow(), self._alert_lease)) is not None:
            for task in tasks:
                self._ringers.spawn_n(self._place, task)

    def _place(self, task: ringing.Task) -> None:
        told = {"alert_id": str(task.alert.id), "attempt_id": str(task.attempt.id)}
        try:
            alert = ringing.work_off(task, self.uow, self._channels)
        except Exception as failure:
            # The lease runs out, then another attempt looks at the provider's list first.
            _log.error("alert_attempt_broken", **told, exc_info=failure)
        else:
            _log.info("alert_attempted", **told, stage=alert.stage.value if alert else "settled_elsewhere")
            self.wake_alerts()

    def again(self, attempt_id: UUID) -> str:
        """TwiML that says an alert once more, to whoever pressed another key."""
        alert, attempt = alerting.show_attempt(self.uow(), attempt_id)
        ring = ringing.ring_of(alert, attempt, self.alert_words)
        answer_url = f"{self.settings.public_url}{CALL_ANSWER_PATH}?attempt_id={attempt_id}"
        return spoken(ring, answer_url, self.speakers)

    def _connect_provider(self) -> None:
        account = self.settings.secret("AVARIYKA_TWILIO_ACCOUNT_SID", "")
        token = self.settings.secret("AVARIYKA_TWILIO_AUTH_TOKEN", "")
        public_url = self.settings.public_url
        self.signature = TwilioSignature(token, public_url) if token else NullSignature()
        self.dialect = dialect_of(self.settings) if self.choices.provider == "http" else None
        secret = self.settings.secret("AVARIYKA_SMS_RECEIPT_SECRET", "")
        header = self.dialect.signature_header if self.dialect else ""
        self.receipt_keys = ReceiptKeys(secret, public_url + RECEIPT_PATH, header)
        if self.dialect is not None:
            self.provider = HttpProvider(
                self.dialect,
                self.receipt_keys.callback,
                timeout_s=self.choices.timeout_s,
                at_once=self.choices.parallel,
            )
            return
        if not (account and token and self.choices.provider == "twilio"):
            self.provider = NullProvider()
            return
        self.provider = TwilioProvider(
            account,
            token,
            self.settings.secret("AVARIYKA_TWILIO_FROM"),
            public_url + STATUS_PATH,
            api_url=self.settings.secret("AVARIYKA_TWILIO_API_URL", ""),
            timeout_s=self.choices.timeout_s,
            at_once=self.choices.parallel,
            validity_s=self.choices.validity_s,
        )

    def _send_due(self) -> None:
        """Start what is due, as far as the pace and the free hands allow; never waits for the provider."""
        limit = min(self._pool.free(), self._pace.allowed(self.clock.now()))
        if limit <= 0:
            return
        jobs = sending.take_due(self.uow(), self.choices.policy, self._write, limit, self._latin)
        self._pace.spend(len(jobs))
        for job in jobs:
            self._pool.spawn_n(self._deliver, job, len(jobs) == limit)

    def _settle(self, attempted: Sequence[sending.Attempted]) -> Sequence[Message | None]:
        return sending.settle(self.uow(), attempted)

    def _receive(self, told: Sequence[sending.Told]) -> Sequence[bool]:
        return sending.receive_receipts(self.uow(), told)

    def _deliver(self, job: Job, more_may_wait: bool) -> None:
        message_id = str(job.message.id)
        try:
            attempted = sending.attempt(job, self.uow, self.provider, self.choices.policy)
            ended = self._settling.do(attempted)
        except Exception as failure:
            # The lease runs out, then another attempt looks at the provider's list first.
            _log.error("sms_attempt_broken", message_id=message_id, exc_info=failure)
        else:
            state = ended.state.value if ended else "settled_elsewhere"
            _log.info("sms_attempted", message_id=message_id, attempt=job.message.attempt, state=state)
            if ended is not None and ended.error_code == ProviderBusy.code:
                now = self.clock.now()
                self._pace.rest(min(ended.due_at, now + _LONGEST_REST))
        # Several at a time: to look for the next message costs more than to send it.
        if more_may_wait and self._pool.free() >= self.choices.parallel // 4:
            self.wake_sender()


def can_be_answered(sender: str) -> bool:
    """Whether residents can reply: to a number or a messaging service, not to a name in letters."""
    return sender.startswith(("+", "MG")) or sender.isdecimal()


def writer(catalog: Catalog, help_phone: str) -> Writer:
    """Puts templates of the catalogue into words."""
    return partial(_text, catalog, help_phone)


def _text(
    catalog: Catalog, help_phone: str, language: str, template: str, number: str, params: Mapping[str, str]
) -> str:
    words = {**params, **_outage_words(catalog, language, params)}
    text = catalog.text(language, f"sms.{template}", number=number, phone=help_phone, **words)
    return _GAPS.sub(" ", text).strip()


def _outage_words(catalog: Catalog, language: str, params: Mapping[str, str]) -> dict[str, str]:
    """What is said of an outage, in the reader's language: an unknown end is not spoken of."""
    words = {}
    if "symptom" in params:
        words["what"] = catalog.text(language, f"symptom.{params['symptom']}")
    if "until" in params:
        words["until"] = catalog.text(language, "until", time=params["until"]) if params["until"] else ""
    tell = params.get(f"tell_{language}") or next(
        (text for name, text in params.items() if name.startswith("tell_") and text), ""
    )
    return {**words, "tell": tell}
