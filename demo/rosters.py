"""Tonight's rosters: crews come on shift by them, as a master would plan it (M-1.2-U7)."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from demo.edges import Client, Refused

_EVENING = timedelta(hours=12)
_ZONE = ZoneInfo("Asia/Almaty")
_PAGE = 200


def publish_rosters(senior: Client) -> int:
    """A roster for each organisation's crews that are led and not on duty yet; how many crews were planned.

    Crews that worked a short while ago (an evening played before) must rest: their roster is refused, and
    they come by themselves.
    """
    crews = _free(senior)
    organisations = sorted({crew["organisation_id"] for crew in crews})
    return sum(
        _publish(senior, id_, [crew for crew in crews if crew["organisation_id"] == id_])
        for id_ in organisations
    )


def come_on(crew: Client) -> None:
    """What a crew does when it opens its app: confirms the shift that runs, or comes on without a plan."""
    running = [shift for shift in crew.get("crews", "/v1/me/duty")["shifts"] if shift["begun_at"]]
    for shift in running:
        crew.post("crews", f"/v1/me/duty/{shift['id']}/confirm", {})
    if not crew.get("crews", "/v1/me")["shift"]["on"]:
        crew.put("crews", "/v1/me/shift", {"on": True})


def _free(senior: Client) -> list[dict[str, Any]]:
    busy = {shift["crew_id"] for shift in senior.get("crews", "/v1/duty")["shifts"]}
    crews = senior.get("crews", "/v1/crews", active=True, limit=_PAGE)["crews"]
    return [crew for crew in crews if crew["leader"] and crew["id"] not in busy]


def _publish(senior: Client, organisation_id: str, crews: list[dict[str, Any]]) -> int:
    begin = datetime.now(_ZONE)
    end = begin + _EVENING
    path = f"/v1/rosters/{uuid4()}"
    days = {"starts_on": str(begin.date()), "ends_on": str(end.date())}
    shifts = [_shift(crew, begin, end) for crew in crews]
    made = {"organisation_id": organisation_id, "kind": "crews", **days, "shifts": shifts}
    version = senior.put("crews", path, made)["version"]
    try:
        senior.post("crews", f"{path}/publish", {}, version=str(version))
    except Refused as refused:
        if refused.code == "roster_refused":
            return 0
        raise
    return len(crews)


def _shift(crew: dict[str, Any], begin: datetime, end: datetime) -> dict[str, Any]:
    times = {"starts_at": begin.astimezone(UTC).isoformat(), "ends_at": end.astimezone(UTC).isoformat()}
    who = {"crew_id": crew["id"], "people": crew["members"], "leader": crew["leader"]}
    return {"id": str(uuid4()), **times, **who}
