"""The live stream of dispatchers' screens on real servers: complete, resumed exactly, over two replicas."""

import signal
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from tests.support.keys import token
from tests.support.routing import REQUEST, Make, Routing, request, routing_services
from tests.support.screens import Screen, Told
from tests.support.waiting import eventually

pytestmark = pytest.mark.servers
WORKERS = 3


@pytest.fixture
def make(service_database: Callable[[str], str], amqp_uri: str, tmp_path: Path) -> Iterator[Make]:
    with routing_services(service_database("routing"), amqp_uri, tmp_path) as start:
        yield start


def screen(routing: Routing, last: int | None = None, query: str = "", language: str = "ru") -> Screen:
    return Screen(f"{routing.url}/v1/stream{query}", routing.headers(language=language), last)


def about_request(status: str) -> Callable[[Told], bool]:
    return lambda told: told.event == "request" and told.data["status"] == status


def test_every_change_of_a_request_reaches_the_screens_of_both_replicas(make: Make) -> None:
    one, other = make(), make()
    with screen(one) as here, screen(other, language="kk") as there:
        assert [here.next().event, there.next().event] == ["ready", "ready"]
        crew = str(uuid4())
        one.has_crew(crew)
        request(one)
        for watched in (here, there):
            told = watched.until(about_request("assigned"))
            assert told[-1].data["request_id"] == REQUEST
            assert told[-1].data["assignment"]["crew_id"] == crew
            assert {"crew", "request"} <= {news.event for news in told}
            numbers = [news.number for news in told]
            assert numbers == sorted(set(numbers), key=lambda number: number or 0)


def test_a_screen_that_was_cut_off_gets_what_it_missed_and_nothing_twice(make: Make) -> None:
    routing = make()
    with screen(routing, query="?kinds=request") as before:
        assert before.next().event == "ready"
        request(routing)
        before.until(about_request("waiting"))
    routing.order("cancellation", decision="cancel", reason="ошибка")
    crew = str(uuid4())
    routing.has_crew(crew)
    with screen(routing, before.last) as after:
        told = after.until(about_request("assigned"))
        if "crew" not in {news.event for news in told}:  # the same look may have told of the request first
            told += after.until(lambda news: news.event == "crew")
    assert {news.event for news in told} == {"crew", "request"}
    assert all(news.number is not None and news.number > (before.last or 0) for news in told)
    with screen(routing, after.last, "?kinds=request") as quiet:
        routing.order("withdraw", reason="другая бригада ближе")
        assert quiet.next().number != after.last


def test_outages_signals_lost_deliveries_and_silence_reach_the_screen_by_themselves(make: Make) -> None:
    routing = make(AVARIYKA_ROUTING_AUDIT_SILENT_AFTER_S="3", AVARIYKA_ROUTING_SILENCE_EVERY_S="0.3")
    with screen(routing, language="kk") as watched:
        assert watched.next().event == "ready"
        (silence,) = watched.until(lambda told: told.event == "audit")[-1].data["alarms"]
        assert silence["code"] == "audit_silent", "nothing was told: the clock alone brought it"
        request(routing)
        watched.until(about_request("waiting"))
        routing.hear(routing.event("intake", "delivery.changed"))
        lost = watched.until(lambda told: told.event == "request" and len(told.data["alarms"]) > 1)[-1]
        assert "undelivered" in {alarm["code"] for alarm in lost.data["alarms"]}
        routing.hear(routing.event("intake", "outage.changed"))
        outage = watched.until(lambda told: told.event == "outage")[-1].data
        assert (outage["number"], len(outage["houses"])) == ("17", 1)
        assert routing.ask("/v1/outages").json()["outages"] == [outage]
        routing.hear(routing.event("crews", "crew.signalled"))
        (sos,) = watched.until(lambda told: told.event == "signal")[-1].data["alarms"]
        assert sos["text"].startswith("SOS!")


def test_who_was_away_for_too_long_or_may_not_look_is_told_so(make: Make) -> None:
    routing = make()
    request(routing)
    eventually(lambda: routing.shown()["status"] == "waiting")
    engine = sa.create_engine(routing.database_url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM changes WHERE number <= 2"))
    engine.dispose()
    for last in (10**9, 0):  # of another database, and of long ago
        with screen(routing, last) as stale:
            told = stale.next()
        assert (told.event, told.number) == ("reset", told.data["position"])
    assert routing.get("/v1/stream").status_code == 401
    assert routing.ask("/v1/stream", role="fitter").status_code == 403
    wrong = routing.ask("/v1/stream?kinds=request,weather")
    mistaken = routing.get("/v1/stream", headers={**routing.headers(), "Last-Event-ID": "x"})
    assert {(a.status_code, a.json()["code"]) for a in (wrong, mistaken)} == {(400, "invalid_input")}


def test_open_screens_take_no_worker_and_no_connection(make: Make) -> None:
    routing = make(AVARIYKA_ROUTING_WORKERS=str(WORKERS))
    screens = [screen(routing) for _ in range(WORKERS * 8)]
    assert {opened.next().event for opened in screens} == {"ready"}
    assert routing.ask("/v1/requests").status_code == 200
    request(routing)
    for opened in screens:
        opened.until(about_request("waiting"))
        opened.close()


def test_the_stream_ends_with_the_service_and_with_the_token(make: Make) -> None:
    routing = make()
    short = {"Authorization": f"Bearer {token(expires_in=timedelta(seconds=5))}"}
    with Screen(f"{routing.url}/v1/stream", short) as expiring, screen(routing) as lasting:
        assert expiring.rest()[0].event == "ready"
        assert lasting.next().event == "ready"
        routing.end(signal.SIGTERM)
        lasting.rest()
