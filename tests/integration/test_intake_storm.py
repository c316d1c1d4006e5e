"""A storm through the webhook of a real intake: as many outages as causes, nothing lost, no danger delayed.

A smaller storm than ``python -m bench.storm``, which reports figures for 5,000 messages.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.intake.domain.resolver import Resolver
from services.intake.schemas.lexicon import load_lexicon
from services.intake.store import UnitOfWork
from services.intake.usecases.cities import import_city
from shared.clock import SystemClock
from shared.db import TransactionContext, make_engine
from tests.support import storm as storms
from tests.support.database import count
from tests.support.processes import ServiceProcess
from tests.support.sealing import SEALER
from tests.support.storming import Latency, Webhook, look
from tests.support.waiting import AT_ONCE_S

pytestmark = [pytest.mark.servers, pytest.mark.rule("6.8")]
TOKEN = "the token of the test account"
NOWHERE = "amqp://nobody:nothing@127.0.0.1:1/none"
SIZE = 400


@pytest.fixture(scope="module")
def places() -> list[storms.Place]:
    registry = storms.almaty().registry
    return storms.known_places(Resolver(registry, load_lexicon()))


@pytest.fixture
def intake(service_database: Callable[[str], str], tmp_path: Path) -> Iterator[ServiceProcess]:
    """The service with Almaty imported and no broker in reach."""
    url = service_database("intake")
    engine = make_engine(url, pool_size=1)
    context = TransactionContext(engine, SystemClock(), "intake", lambda: None, SEALER)
    import_city(UnitOfWork(context), storms.almaty())
    engine.dispose()
    environment = {"AVARIYKA_TWILIO_AUTH_TOKEN": TOKEN}
    with ServiceProcess(["shared.run", "intake"], "intake", tmp_path, url, NOWHERE, environment) as process:
        yield process


def test_a_storm_ends_with_as_many_outages_as_causes(
    intake: ServiceProcess, places: list[storms.Place]
) -> None:
    storm = storms.brew(places, SIZE, incidents=10)
    webhook = Webhook(intake.url, TOKEN)
    sent = webhook.replay(storm.messages, hands=8)
    assert {one.status for one in sent} == {200}
    after = look(intake.database_url, storm, sent)
    assert after.registered == count(intake.database_url, "messages") == SIZE
    assert after.open_outages == 10
    assert after.crews == (1,) * 10
    assert after.dangers > 10
    assert (after.dangers_joined, after.joined_wrongly) == (0, 0)
    dangers = Latency.of(one for one in sent if one.message.danger)
    assert dangers.longest < 6 * AT_ONCE_S, "an emergency waits for nobody's decision"
