"""The composition root of ``intake``: its unit of work, the webhook's guard, the registry in memory."""

import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import IO, Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from eventlet import tpool
from eventlet.greenpool import GreenPool
from prometheus_client import Gauge

from services.intake.clients import Signatures, geocoder_for, signatures_for
from services.intake.clients.partners import HttpCourier, NullCourier
from services.intake.domain.callbacks import Patience
from services.intake.domain.calls import Outcome
from services.intake.domain.hearing import Listener
from services.intake.domain.keys import Allowance
from services.intake.domain.lexicon import Lexicon
from services.intake.domain.photos import Picture
from services.intake.domain.registry import Registry
from services.intake.domain.resolver import Resolver
from services.intake.domain.throttle import Throttle
from services.intake.domain.troubles import TroubleBook
from services.intake.domain.voice import Ear
from services.intake.schemas.images import clean_all
from services.intake.schemas.lexicon import load_latin, load_lexicon
from services.intake.schemas.pages import Pages
from services.intake.schemas.telephony import read_call_norms, read_telephony, voice_data
from services.intake.schemas.twiml import Narrator
from services.intake.store import DatabaseDown, UnitOfWork
from services.intake.usecases import callbacks, deliveries, incidents
from services.intake.usecases.addresses import Geocoder
from services.intake.usecases.call_facts import sweep
from services.intake.usecases.calls import Exchange
from services.intake.usecases.deliveries import Courier
from services.intake.usecases.manners import Manners
from shared.callers import Network, read_networks
from shared.clock import Clock
from shared.config import Misconfigured, Settings
from shared.db import Transaction
from shared.logs import get_logger
from shared.wiring import BaseWiring, Loop

_PHOTOS_WAIT_S = 10.0
_PARTNERS_AT_ONCE = 50
_WEB_WINDOW = timedelta(minutes=10)
_calls = Gauge("intake_calls_last_day", "Telephone calls of the last 24 hours", ["outcome"])
_answered_share = Gauge("intake_calls_answered_share", "Of the calls of the last 24 hours, 0-1")
_waited = Gauge("intake_call_wait_seconds", "Waiting for an operator, last 24 hours", ["quantile"])
_to_call_back = Gauge("intake_callbacks_waiting", "People to call back", ["overdue"])
_log = get_logger(__name__)
_RIDES_AT_ONCE = 200


class Wiring(BaseWiring):
    """What the entry points of this service need, built once per process."""

    unit_of_work: ClassVar[type[Transaction]] = UnitOfWork
    confidential: ClassVar[bool] = True

    signatures: Signatures
    listener: Listener
    geocoder: Geocoder
    manners: Manners
    zone: ZoneInfo
    pages: Pages
    web_throttle: Throttle
    trusted_proxies: tuple[Network, ...]
    allowance: Allowance
    narrator: Narrator
    courier: Courier

    def assemble(self) -> None:
        self.signatures = signatures_for(self.settings.secret("AVARIYKA_TWILIO_AUTH_TOKEN", ""))
        self.zone = zone_of(self.settings)
        self.pages = Pages(self.catalog, self.zone)
        self.manners = manners_of(self.settings, self.zone)
        self.web_throttle = Throttle(int(self.settings.get("web_requests_most", 60)), _WEB_WINDOW)
        self.trusted_proxies = trusted_proxies(self.settings)
        self.allowance = Allowance(time.monotonic)
        self.geocoder = configured_geocoder(self.settings)
        self._darkroom = threading.Lock()
        self.courier = courier_for(self.settings, self.clock)
        self._couriers, self._served = GreenPool(_PARTNERS_AT_ONCE), set[str]()
        self._courier_loop = Loop("serve_partners", 1.0, self._serve_partners)
        self._lexicon = load_lexicon()
        self.listener = build_listener(Registry(), self._lexicon)
        self._set_up_telephone()
        try:
            self._reload()
        except DatabaseDown:
            _log.warning("registry_waits_for_database")

    @property
    def book(self) -> TroubleBook:
        return self.listener.troubles.book

    def loops(self) -> Iterable[Loop]:
        yield self._courier_loop
        yield Loop("end_rides", float(self.settings.get("end_rides_s", 1.0)), self._end_rides)
        yield Loop("reload_registry", float(self.settings.get("registry_check_s", 5.0)), self._reload)
        yield Loop("sweep_calls", float(self.settings.get("call_sweep_s", 20.0)), self._sweep_calls)

    def vitals(self) -> dict[str, Any]:
        registry = self.listener.resolver.registry
        return {
            "registry": {"streets": len(registry.streets), "buildings": len(registry.buildings)},
            "partner_deliveries": deliveries.count_deliveries(self.uow()),
        }

    def wake_courier(self) -> None:
        """There may be something for a partner."""
        self._courier_loop.wake()

    def _serve_partners(self) -> None:
        """Start a greenlet for each partner for whom something is due. A partner who is slow holds up nobody
        but himself: the next round passes him by while his greenlet is at work."""
        for partner_id in deliveries.partners_due(self.uow()):
            if partner_id not in self._served and self._couriers.free() > 0:
                self._served.add(partner_id)
                self._couriers.spawn_n(self._serve, partner_id)

    def _serve(self, partner_id: str) -> None:
        try:
            arrived = deliveries.deliver_due(self.uow, self.courier, partner_id)
            _log.info("partner_served", partner=partner_id, arrived=arrived)
        except Exception as failure:
            # The lease of what was under way runs out, then it is tried again.
            _log.error("partner_service_broken", partner=partner_id, exc_info=failure)
        finally:
            self._served.discard(partner_id)

    def _end_rides(self) -> None:
        """In small steps: an outage may have thousands of members, and others want the database too."""
        while incidents.end_rides(self.uow(), _RIDES_AT_ONCE) == _RIDES_AT_ONCE:
            pass

    @property
    def patience(self) -> Patience:
        """How operators may hold and repeat a call back."""
        return Patience(
            claim=timedelta(seconds=float(self.settings.get("callback_claim_s", 300))),
            retry=timedelta(seconds=float(self.settings.get("callback_retry_s", 300))),
            attempts=int(self.settings.get("callback_attempts", 3)),
        )

    @property
    def exchange(self) -> Exchange:
        """What the telephone menu needs; its listener is the one of the present registry."""
        return replace(self._exchange, listener=self.listener)

    def _set_up_telephone(self) -> None:
        telephony = read_telephony(self.settings)
        telephones = telephony.telephones
        if not telephones.operators:
            _log.warning("voice_operators_missing")
        data = voice_data()
        self.narrator = Narrator(
            self.catalog,
            telephony.speakers,
            telephony.speech,
            data["hints"],
            telephones,
            zone_of(self.settings),
        )
        self._exchange = Exchange(
            listener=self.listener,
            ear=Ear(self._lexicon, data["words"]),
            texts=self.catalog,
            norms=read_call_norms(str(self.settings.get("country", "kz"))),
            hears=frozenset(telephony.speech),
            has_operators=bool(telephones.operators),
            has_queue=bool(telephones.queue),
            records=telephony.records,
        )

    def _sweep_calls(self) -> None:
        while sweep(self.uow(), self.exchange):
            pass
        figures = callbacks.figures(self.uow(), self._exchange.norms)
        for outcome in Outcome:
            _calls.labels(outcome.value).set(figures.of(outcome))
        _answered_share.set(figures.answered_share if figures.answered_share is not None else 1)
        _waited.labels("0.5").set(figures.waited_p50_s or 0)
        _waited.labels("0.95").set(figures.waited_p95_s or 0)
        _to_call_back.labels("no").set(figures.to_call_back - figures.overdue)
        _to_call_back.labels("yes").set(figures.overdue)

    def pictures_in(self, files: Sequence[IO[bytes]]) -> list[Picture]:
        """The pictures among what a resident sent. Decoded in a thread, so that others are answered
        meanwhile, and one resident's at a time, so that memory is bounded; whoever would wait too long
        is taken without photos."""
        if not files or not self._darkroom.acquire(timeout=_PHOTOS_WAIT_S):
            return []
        try:
            pictures: list[Picture] = tpool.execute(clean_all, files)
        finally:
            self._darkroom.release()
        return pictures

    def _reload(self) -> None:
        """Take the registry anew if an import has changed it; messages are read by the old one until then."""
        with self.uow() as uow:
            if uow.registries.version() == self.listener.resolver.registry.version:
                return
            registry = uow.registries.load()
        # Indexing a large city takes a second or two: in a thread, so that webhooks are answered meanwhile.
        self.listener = tpool.execute(build_listener, registry, self._lexicon)
        _log.info("registry_loaded", streets=len(registry.streets), buildings=len(registry.buildings))


def build_listener(registry: Registry, lexicon: Lexicon) -> Listener:
    return Listener(Resolver(registry, lexicon), lexicon)


def configured_geocoder(settings: Settings) -> Geocoder:
    """The online geocoder that operators' address field may ask; raises Misconfigured."""
    url, timeout_s = str(settings.get("geocoder") or ""), float(settings.get("geocoder_timeout_s", 2.0))
    if url and not url.startswith(("http://", "https://")):
        raise Misconfigured(f"intake: geocoder: {url!r} is no http address")
    return geocoder_for(url, f"avariyka-{settings.service}", timeout_s)


def courier_for(settings: Settings, clock: Clock) -> Courier:
    """Who takes cards to partners; nobody where that is switched off."""
    if not settings.get("partner_delivery", True):
        return NullCourier()
    return HttpCourier(clock, timeout_s=float(settings.get("partner_timeout_s", 10)))


def zone_of(settings: Settings) -> ZoneInfo:
    """The time zone of the city; raises Misconfigured."""
    name = str(settings.get("zone", "Asia/Almaty"))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as unknown:
        raise Misconfigured(f"intake: zone: {name!r} is not a time zone") from unknown


def manners_of(settings: Settings, zone: ZoneInfo) -> Manners:
    """How to deal with people who write; raises Misconfigured."""
    return Manners(
        zone=zone,
        messages_most=_count(settings, "messages_most"),
        strangers_most=_count(settings, "strangers_most"),
        latin=load_latin(),
    )


def _count(settings: Settings, name: str) -> int:
    value = settings.get(name)
    if not isinstance(value, int) or value <= 0:
        raise Misconfigured(f"intake: {name} must be a whole number above 0, not {value!r}")
    return value


def trusted_proxies(settings: Settings) -> tuple[Network, ...]:
    """The networks of our own proxies; raises Misconfigured."""
    try:
        return read_networks(str(settings.get("trusted_proxies") or ""))
    except ValueError as wrong:
        raise Misconfigured(f"intake: trusted_proxies: {wrong}") from wrong
