"""What the crews service knows, asked as the crew of a test."""

from datetime import timedelta
from typing import Any

from tests.support.crewing import CREW, LOGIN, ORGANISATION, CrewsProcess
from tests.support.keys import token
from tests.support.waiting import eventually


def ask(crews: CrewsProcess, path: str) -> dict[str, Any]:
    """What the service knows, asked as the crew."""
    bearer = token(LOGIN, ("crew",), CREW, ORGANISATION)
    answer = crews.get(path, headers={"Authorization": f"Bearer {bearer}"})
    found: dict[str, Any] = answer.json()
    return found


def steps(crews: CrewsProcess, assignment_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask(crews, f"/v1/assignments/{assignment_id}")["steps"]
    return found


def stages(crews: CrewsProcess, assignment_id: str) -> list[str]:
    return [step["stage"] for step in steps(crews, assignment_id)]


def reached(crews: CrewsProcess, assignment_id: str, walk: list[str]) -> None:
    eventually(lambda: stages(crews, assignment_id) == walk, what=f"the service has {walk}")


def pairing_code(crews: CrewsProcess) -> str:
    headers = {"Authorization": f"Bearer {token()}"}
    answer = crews.post("/v1/pairing-codes", json={"crew_id": CREW}, headers=headers)
    code: str = answer.json()["code"]
    return code


def expired() -> str:
    return token(LOGIN, ("crew",), CREW, ORGANISATION, expires_in=timedelta(minutes=-5))


def shift(crews: CrewsProcess) -> dict[str, Any]:
    found: dict[str, Any] = ask(crews, "/v1/me")["shift"]
    return found


def confirmed(crews: CrewsProcess, shift_id: str) -> bool:
    plan = ask(crews, "/v1/me/duty")["shifts"]
    return any(one["id"] == shift_id and one["confirmed_by"] == LOGIN for one in plan)


def changes(crews: CrewsProcess) -> dict[str, Any]:
    return ask(crews, "/v1/sync")
