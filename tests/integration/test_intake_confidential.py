"""Numbers and names over HTTP, by role; the commands that forget people, on real tables (rule 6.11)."""

import os
import subprocess
import sys
from typing import Any
from uuid import UUID

import pytest

from services.intake.domain.standing import Standing
from services.intake.store import UnitOfWork
from shared.clock import SystemClock
from shared.db import TransactionContext, make_engine
from tests.integration.test_intake_service import FORM, bearer, intake
from tests.support.database import count, everything
from tests.support.processes import ServiceProcess
from tests.support.sealing import SEALER, SEALING_ENVIRONMENT

__all__ = ["intake"]
pytestmark = [pytest.mark.servers, pytest.mark.rule("6.11"), pytest.mark.rule("D-1.1-U7")]
PLAIN, MASKED = "+77015551122", "+7 701 *** ** 22"


def registered(intake: ServiceProcess) -> dict[str, Any]:
    card: dict[str, Any] = intake.post("/v1/requests", json=FORM, headers=bearer()).json()
    return card


def shown(intake: ServiceProcess, request_id: str, role: str, **query: str) -> Any:
    headers = bearer(actor_id=f"{role}-1", roles=(role,))
    return intake.get(f"/v1/requests/{request_id}", params=query, headers=headers)


def test_a_number_is_shown_by_role_and_reason_and_every_reading_is_on_record(intake: ServiceProcess) -> None:
    card = registered(intake)
    request_id = card["request_id"]
    for role in ("operator", "dispatcher", "senior_dispatcher", "master", "administrator"):
        assert shown(intake, request_id, role).json()["person"]["phone"] == MASKED
    seen = {
        role: shown(intake, request_id, role, why="call_back")
        for role in ("operator", "dispatcher", "master", "administrator", "crew")
    }
    assert [seen[role].json()["person"]["phone"] for role in ("operator", "dispatcher", "master")] == [
        PLAIN,
        PLAIN,
        MASKED,
    ]
    assert (seen["administrator"].status_code, seen["administrator"].json()["code"]) == (
        403,
        "not_for_your_role",
    )
    assert seen["crew"].json()["code"] == "forbidden"
    assert shown(intake, request_id, "operator", why="curiosity").json()["code"] == "invalid_input"
    log = intake.get("/v1/access-log", headers=bearer(roles=("administrator",))).json()["entries"]
    assert [(entry["actor_id"], entry["why"], entry["through"]) for entry in log] == [
        ("master-1", "call_back", "request_card"),
        ("dispatcher-1", "call_back", "request_card"),
        ("operator-1", "call_back", "request_card"),
    ]
    assert {entry["contact_ref"] for entry in log} == {card["contact_ref"]}
    older = {"before": log[0]["id"], "limit": 1, "actor_id": "operator-1"}
    page = intake.get("/v1/access-log", params=older, headers=bearer(roles=("administrator",))).json()
    assert [entry["id"] for entry in page["entries"]] == [log[2]["id"]]


@pytest.mark.parametrize("role", ["operator", "senior_dispatcher", "master", "crew"])
def test_the_access_log_is_for_administrators(intake: ServiceProcess, role: str) -> None:
    answer = intake.get("/v1/access-log", headers=bearer(roles=(role,)))
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def command(intake: ServiceProcess, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {"AVARIYKA_INTAKE_DATABASE_URL": intake.database_url, **SEALING_ENVIRONMENT}
    return subprocess.run(
        [sys.executable, "-m", "services.intake.commands", *words],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_erasure_and_retention_are_commands_that_may_be_repeated(intake: ServiceProcess) -> None:
    card = registered(intake)
    refused = command(intake, "erase", "--phone", "8 701 555 11 22")
    assert (refused.returncode, refused.stderr) == (1, "these requests of theirs are still open: 1001\n")
    ref = card["contact_ref"]
    close(intake.database_url, UUID(card["request_id"]))
    assert command(intake, "erase", "--contact", ref).stdout == f"erased contact {ref}\n"
    assert command(intake, "erase", "--contact", ref).stdout == f"contact {ref} was erased before\n"
    unknown = command(intake, "erase", "--phone", PLAIN)
    assert (unknown.returncode, unknown.stderr) == (1, "nobody here has this reference or number\n")
    assert count(intake.database_url, "outbox", "type = 'contact.erased'") == 1
    assert everything(intake.database_url, "contacts").count("sealed:") == 0
    person = shown(intake, card["request_id"], "operator", why="legal").json()["person"]
    assert (person["phone"], person["name"]) == ("", "")
    nothing = command(intake, "retention", "--older-than", "1d")
    assert "0 contacts erased, 0 kept" in nothing.stdout
    assert "write an age like" in command(intake, "retention", "--older-than", "soon").stderr


def close(url: str, request_id: UUID) -> None:
    """As when journal says so."""
    engine = make_engine(url, pool_size=1)
    with UnitOfWork(TransactionContext(engine, SystemClock(), "intake", lambda: None, SEALER)) as uow:
        uow.standings.put(Standing(request_id, "closed", uow.now, 5))
        uow.commit()
    engine.dispose()
