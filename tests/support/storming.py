"""Replays a storm through the webhook of a running intake and says what became of it."""

import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import requests
import sqlalchemy as sa
from twilio.request_validator import RequestValidator

from tests.support.storm import Message, Storm

PATIENCE_S = 120.0


@dataclass(frozen=True)
class Sent:
    """One message with what was answered after how many seconds."""

    message: Message
    seconds: float
    status: int
    sid: str


@dataclass(frozen=True)
class Latency:
    """Seconds from the call of the webhook to its answer: the request is registered by then."""

    count: int
    p50: float
    p99: float
    longest: float

    @classmethod
    def of(cls, sent: Iterable[Sent]) -> "Latency":
        took = sorted(one.seconds for one in sent)
        return cls(len(took), statistics.median(took), took[int(0.99 * (len(took) - 1))], took[-1])


@dataclass(frozen=True)
class Aftermath:
    """What the database says after the storm. ``crews`` counts, for each incident, the requests that are
    worked on by themselves: one, its lead, if all went well."""

    registered: int
    open_outages: int
    crews: tuple[int, ...]
    dangers: int
    dangers_joined: int
    joined_wrongly: int


class Webhook:
    """Twilio's part: signed forms, several at a time."""

    def __init__(self, url: str, token: str) -> None:
        self._url = f"{url}/twilio/sms"
        self._validator = RequestValidator(token)
        self._local = threading.local()

    def send(self, message: Message) -> Sent:
        sid = f"SM{uuid4().hex}"
        form = {"MessageSid": sid, "From": message.phone, "To": "+15005550006", "Body": message.body}
        headers = {"X-Twilio-Signature": self._validator.compute_signature(self._url, form)}
        started = time.monotonic()
        answer = self._session().post(self._url, data=form, headers=headers, timeout=PATIENCE_S)
        return Sent(message, time.monotonic() - started, answer.status_code, sid)

    def replay(self, messages: Sequence[Message], hands: int, rate: float = 0) -> list[Sent]:
        """All of them, ``hands`` at a time; at ``rate`` a second, or as fast as they are answered."""
        begun = time.monotonic()

        def one(numbered: tuple[int, Message]) -> Sent:
            if rate:
                time.sleep(max(0.0, begun + numbered[0] / rate - time.monotonic()))
            return self.send(numbered[1])

        with ThreadPoolExecutor(hands) as pool:
            return list(pool.map(one, enumerate(messages)))

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
        session: requests.Session = self._local.session
        return session


def look(database_url: str, storm: Storm, sent: Sequence[Sent]) -> Aftermath:
    """Compare what is stored with what the messages were about."""
    rows = _rows(database_url)
    outage_of = {row.sid: row.outage_id for row in rows}
    incident_of = {one.sid: one.message.incident for one in sent}
    alone = [one for one in sent if one.message.incident is None]
    main = _main_outages(incident_of, outage_of)
    return Aftermath(
        registered=sum(row.number is not None for row in rows),
        open_outages=_scalar(database_url, "SELECT count(*) FROM outages WHERE state = 'open'"),
        crews=tuple(_crews(rows, incident_of, at) for at in range(len(storm.incidents))),
        dangers=sum(one.message.danger for one in alone),
        dangers_joined=sum(one.message.danger and _is_member(rows, one.sid) for one in alone),
        joined_wrongly=sum(outage_of.get(one.sid) in main and _is_member(rows, one.sid) for one in alone),
    )


def _rows(database_url: str) -> Sequence[sa.Row[Any]]:
    sql = """
        SELECT messages.sid, requests.number, riders.outage_id, riders.part FROM messages
        LEFT JOIN requests ON requests.id = messages.request_id
        LEFT JOIN riders ON riders.request_id = requests.id
    """
    engine = sa.create_engine(database_url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return connection.execute(sa.text(sql)).all()


def _scalar(database_url: str, sql: str) -> int:
    engine = sa.create_engine(database_url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return int(connection.execute(sa.text(sql)).scalar_one())


def _main_outages(incident_of: dict[str, int | None], outage_of: dict[str, Any]) -> set[Any]:
    """The outage that most messages of each incident ride on."""
    counts: dict[int, Counter[Any]] = {}
    for sid, incident in incident_of.items():
        if incident is not None and outage_of.get(sid) is not None:
            counts.setdefault(incident, Counter())[outage_of[sid]] += 1
    return {counter.most_common(1)[0][0] for counter in counts.values()}


def _crews(rows: Sequence[sa.Row[Any]], incident_of: dict[str, int | None], incident: int) -> int:
    return sum(row.part != "member" for row in rows if incident_of.get(row.sid) == incident)


def _is_member(rows: Sequence[sa.Row[Any]], sid: str) -> bool:
    return any(row.sid == sid and row.part == "member" for row in rows)
