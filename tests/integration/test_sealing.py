"""Numbers, names and messages at rest: no table, no event, no log holds them in plain (rule 6.11)."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from kombu import Connection, Queue

from shared import migrations
from shared.sealing import INDEX_KEY, KEYS, Sealer, Unreadable, new_key
from shared.topology import event_exchange
from tests.integration.test_intake_service import TOKEN, bearer, put_city, send, text
from tests.support.database import count, everything
from tests.support.processes import ServiceProcess
from tests.support.sealing import SEALER, SEALING_ENVIRONMENT
from tests.support.waiting import eventually

pytestmark = [pytest.mark.servers, pytest.mark.rule("6.11"), pytest.mark.rule("D-1.1-U7")]
SENDER, CALLER = "+77010000001", "+77015551122"
WORDS = "Прорвало трубу"


def test_no_table_and_no_message_on_the_bus_holds_a_number_or_what_was_written(
    service_database: Callable[[str], str], amqp_uri: str, tmp_path: Path
) -> None:
    urls = {name: service_database(name) for name in ("intake", "notify")}
    put_city(urls["intake"])
    environment = {"AVARIYKA_TWILIO_AUTH_TOKEN": TOKEN}
    with (
        Connection(amqp_uri) as connection,
        ServiceProcess(["shared.run", "notify"], "notify", tmp_path, urls["notify"], amqp_uri),
        ServiceProcess(
            ["shared.run", "intake"], "intake", tmp_path, urls["intake"], amqp_uri, environment
        ) as intake,
    ):
        queue = Queue(
            "", event_exchange("intake"), routing_key="contact.known", exclusive=True, channel=connection
        )
        queue.declare()
        text(send(intake, f"{WORDS}, Абая 12", SENDER))
        form = {"phone": CALLER, "text": f"{WORDS}, звонить {CALLER}", "address": {"text": "Абая 12"}}
        headers = {**bearer(), "Idempotency-Key": "one"}
        first = intake.post("/v1/requests", json=form, headers=headers)
        assert intake.post("/v1/requests", json=form, headers=headers).json() == first.json()
        eventually(lambda: count(urls["notify"], "contacts") == 2, 20, "notify knows both contacts")
        eventually(lambda: count(urls["notify"], "messages", "body IS NOT NULL") > 0, 20, "a text is written")
        told = [_message(queue) for _ in range(2)]
    kept = {name: everything(url) for name, url in urls.items()}
    for number in (SENDER, CALLER):
        assert number[1:] not in kept["intake"] + kept["notify"] + "".join(told)
    assert {SEALER.open(json.loads(event)["data"]["phone"]) for event in told} == {SENDER, CALLER}
    for table in ("requests", "messages", "idempotency"):
        assert WORDS not in everything(urls["intake"], table)


def _message(queue: Queue) -> str:
    found: list[str] = []

    def arrived() -> bool:
        message = queue.get(no_ack=True, accept=None)
        if message is not None:
            found.append(message.body if isinstance(message.body, str) else bytes(message.body).decode())
        return bool(found)

    eventually(arrived, 10, "an event on the bus")
    return found[0]


def _migrate_over(url: str, service: str, before: str, rows: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Migrate to the present over rows that stood there in plain at an earlier revision."""
    command.upgrade(migrations.alembic_config(service, url), before)
    _run(url, rows)
    for name, value in SEALING_ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    migrations.upgrade(service, url)


def test_what_was_there_in_plain_is_sealed_by_the_migration(
    empty_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = empty_database()
    _migrate_over(url, "intake", "0002", _OLD_ROWS, monkeypatch)
    assert "7010000001" not in everything(url)
    assert WORDS not in everything(url)
    [contact] = _run(url, "SELECT phone, phone_index, name FROM contacts")
    assert (SEALER.open(contact.phone), contact.phone_index) == (SENDER, SEALER.index(SENDER))
    [kept] = _run(url, "SELECT body, fingerprint FROM idempotency")
    assert (json.loads(SEALER.open(kept.body)), kept.fingerprint) == ({"text": WORDS}, SEALER.index("f"))


def test_signatures_that_were_there_in_plain_are_sealed_by_the_migration(
    empty_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = empty_database()
    _migrate_over(url, "crews", "0013_documents", _OLD_SIGNATURE, monkeypatch)
    assert "Ахметов" not in everything(url)
    [signature] = _run(url, "SELECT name, strokes, reason FROM signatures")
    opened = [SEALER.open(text) for text in (signature.name, signature.strokes)]
    assert (opened, signature.reason) == (["Ахметов Ә.", "[[[0.5, 1]]]"], None)
    contents = [json.loads(SEALER.open(row.content)) for row in _run(url, _VERSIONS)]
    assert contents == [{"statement": {"harmed": "Ахметов Ә."}}, {"statement": {"harmed": "Ахметов"}}]


def test_what_residents_and_fitters_wrote_in_plain_is_sealed_by_the_migration(
    empty_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = empty_database()
    _migrate_over(url, "crews", "0014_sealed", _OLD_WORDS, monkeypatch)
    kept = everything(url)
    assert [word for word in ("Ахметов", "Абая", "45К", "протечка", "стояк") if word in kept] == []
    [order] = _run(url, "SELECT text, address, lat, lon, reason FROM work_orders")
    assert (SEALER.open(order.text), order.reason) == ("Ахметов: протечка", None)
    assert json.loads(SEALER.open(order.address)) == {
        "text": "Абая 12",
        "lat": 43.2,
        "lon": 76.9,
        "door": "45К",
    }
    assert (order.lat, order.lon) == (43.2, 76.9)
    [record] = _run(url, "SELECT data FROM records")
    assert json.loads(SEALER.open(record.data)) == {"text": "стояк", "quantity": 1.0}


def test_a_migration_of_rows_without_keys_changes_nothing_and_says_what_to_set(
    empty_database: Callable[[], str], tmp_path: Path
) -> None:
    url = empty_database()
    command.upgrade(migrations.alembic_config("intake", url), "0002")
    _run(url, _OLD_ROWS)
    environment = {name: value for name, value in os.environ.items() if name not in SEALING_ENVIRONMENT}
    run = subprocess.run(
        [sys.executable, "-m", "shared.migrate", "intake"],
        env={**environment, "AVARIYKA_INTAKE_DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr.count("\n")) == (1, 1)
    assert f"set the environment variable {KEYS}" in run.stderr
    assert [row.phone for row in _run(url, "SELECT * FROM contacts")] == [SENDER]


def test_a_rotation_reseals_every_row_and_the_old_key_may_go(
    empty_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = empty_database()
    _migrate_over(url, "intake", "0002", _OLD_ROWS, monkeypatch)
    fresh, index = new_key(), new_key()
    keys = {KEYS: f"{fresh},{SEALING_ENVIRONMENT[KEYS]}", INDEX_KEY: index}
    for rows in (3, 0):
        rotation = subprocess.run(
            [sys.executable, "-m", "shared.resealing", "intake"],
            env={**os.environ, **keys, "AVARIYKA_INTAKE_DATABASE_URL": url},
            capture_output=True,
            text=True,
            check=True,
        )
        assert rotation.stdout == f"intake: {rows} rows sealed with the newest key\n"
    alone = Sealer.from_environment({KEYS: fresh, INDEX_KEY: index})
    [contact] = _run(url, "SELECT phone, phone_index FROM contacts")
    assert (alone.open(contact.phone), contact.phone_index) == (SENDER, alone.index(SENDER))
    with pytest.raises(Unreadable):
        SEALER.open(contact.phone)


def test_without_keys_a_service_does_not_start_and_says_why_in_one_line(tmp_path: Path) -> None:
    process = ServiceProcess(["shared.run", "intake"], "intake", tmp_path, "postgresql://", "amqp://")
    del process.environment[KEYS]
    process.start(wait_ready=False)
    eventually(process.ended, 20, "the process ends")
    complaint = process.log.read_text(encoding="utf-8").strip()
    assert complaint.startswith(f"intake: set the environment variable {KEYS}")
    assert "\n" not in complaint


_OLD_ROWS = f"""
INSERT INTO contacts VALUES
  ('00000000-0000-0000-0000-000000000001', '{SENDER}', 'ru', true, true, now(), now());
INSERT INTO requests (id, state, channel, language, applicant, problem, address_text, details, candidates,
                      times_asked, needs_operator, received_at, updated_at)
VALUES ('00000000-0000-0000-0000-000000000002', 'draft', 'sms', 'ru', 'person', '{WORDS}', '', '{{}}', '[]',
        0, false, now(), now());
INSERT INTO messages VALUES ('SM1', NULL, NULL, '{WORDS}', false, NULL, now());
INSERT INTO outbox (type, body) VALUES ('contact.known', '{{"data": {{"phone": "{SENDER}"}}}}');
INSERT INTO idempotency VALUES ('key', 'operator', 'f', 200, '{{"text": "{WORDS}"}}', now());
"""


def _run(url: str, sql: str) -> list[sa.Row[tuple[object, ...]]]:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        done = connection.exec_driver_sql(sql)
        return list(done) if done.returns_rows else []


_OLD_SIGNATURE = """
INSERT INTO documents (id, assignment_id, request_id, organisation_id, type, drafted_by, drafted_at, version)
VALUES ('00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002',
        '00000000-0000-0000-0000-000000000003', '00000000-0000-0000-0000-000000000004', 'accident_act',
        'crew-7', now(), 2);
INSERT INTO document_versions VALUES
  ('00000000-0000-0000-0000-000000000001', 1, '{"statement": {"harmed": "Ахметов Ә."}}', 'crew-7'),
  ('00000000-0000-0000-0000-000000000001', 2, '{"statement": {"harmed": "Ахметов"}}', 'crew-7');
INSERT INTO signatures (id, document_id, party, means, name, device_at, at, by, strokes)
VALUES ('00000000-0000-0000-0000-000000000005', '00000000-0000-0000-0000-000000000001', 'harmed', 'drawn',
        'Ахметов Ә.', now(), now(), 'crew-7', '[[[0.5, 1]]]');
INSERT INTO idempotency VALUES ('key', 'crew-7', 'f', 200, '{"name": "Ахметов Ә."}', now());
"""
_OLD_WORDS = """
INSERT INTO work_orders
VALUES ('00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002', '1042',
        '00000000-0000-0000-0000-000000000003', '00000000-0000-0000-0000-000000000004', 1, now(), now(), 9,
        900, 'emergency', 'P1', 'water', 'leak', 'flat', '{}', 'Ахметов: протечка', 'ru',
        '{"text": "Абая 12", "lat": 43.2, "lon": 76.9, "door": "45К"}', 'system', NULL, 'offered', now(),
        '{offered}', 1);
INSERT INTO steps (assignment_id, stage, by, at, reason, note, readings)
VALUES ('00000000-0000-0000-0000-000000000001', 'suspended', 'crew-7', now(), 'Ахметов ушёл',
        'стояк', '[]');
INSERT INTO notes
VALUES ('00000000-0000-0000-0000-000000000005', '00000000-0000-0000-0000-000000000003', NULL, 'note',
        'crew-7', now(), now(), NULL, '{"note": "у Ахметова"}', NULL);
INSERT INTO records (id, assignment_id, kind, by, at, device_at, data)
VALUES ('00000000-0000-0000-0000-000000000006', '00000000-0000-0000-0000-000000000001', 'work', 'crew-7',
        now(), now(), '{"text": "стояк", "quantity": 1.0}');
INSERT INTO messages
VALUES ('00000000-0000-0000-0000-000000000007', '00000000-0000-0000-0000-000000000003', NULL, true, 'crew-7',
        'Абая 12 закрыто', now(), now());
INSERT INTO signals (id, kind, crew_id, note, at, recorded_at, by, level, repeats, answer)
VALUES ('00000000-0000-0000-0000-000000000008', 'help', '00000000-0000-0000-0000-000000000003', 'Ахметов',
        now(), now(), 'crew-7', 1, 0, 'на Абая');
"""
_VERSIONS = "SELECT content FROM document_versions ORDER BY version"
