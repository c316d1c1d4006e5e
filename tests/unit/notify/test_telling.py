"""What is told, and what is not."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.domain.telling import (
    COMPLETED,
    TEMPLATES,
    Progress,
    Verdict,
    advice_topics,
    arrival_time,
    of_progress,
    of_registration,
    of_state,
    of_verdict,
)
from services.notify.wiring import can_be_answered
from tests.support import contracts

ALMATY = ZoneInfo("Asia/Almaty")
AT = datetime(2026, 11, 24, 13, 6, tzinfo=UTC)


def values(source: str, type_: str, name: str) -> list[str]:
    """What the contract of an event allows a field, or the items of a list, to say."""
    found = contracts.schema(source, type_)["properties"][name]
    return [value for value in found.get("items", found)["enum"] if value is not None]


STAGES = values("crews", "assignment.progressed", "stage")
RESULTS = values("crews", "assignment.progressed", "result")
HAZARDS = values("triage", "request.classified", "hazards")
STATES = values("journal", "request.state_changed", "to_state")
CHANNELS = values("intake", "request.registered", "channel")


def progress(stage: str, **changes: Any) -> Progress:
    return Progress("request-1", "assignment-1", stage, AT, **changes)


def verdict(**changes: Any) -> Verdict:
    plain: dict[str, Any] = {
        "request_id": "request-1",
        "category": "emergency",
        "system": "water",
        "fault": "pipe_burst",
        "hazards": [],
        "needs_person": False,
        "decided_at": AT,
    }
    return Verdict(**{**plain, **changes})


@pytest.mark.parametrize("channel", CHANNELS)
def test_who_wrote_by_sms_has_the_number_already(channel: str) -> None:
    told = [one.template for one in of_registration("request-1", channel, AT)]
    assert told == ([] if channel == "sms" else ["registered"])


@pytest.mark.rule("D-2.B-U4")
@pytest.mark.parametrize(
    ("stage", "template"),
    [
        ("accepted", "crew_accepted"),
        ("departed", "crew_departed_no_time"),
        ("arrived", "crew_arrived"),
        ("localised", "localised"),
        ("suspended", "work_suspended"),
        ("completed", "completed_fixed"),
        ("declined", None),
        ("working", None),
    ],
)
def test_residents_hear_of_each_stage_that_concerns_them(stage: str, template: str | None) -> None:
    assert [one.template for one in of_progress(progress(stage), ALMATY)] == ([template] if template else [])


def test_departure_tells_when_the_crew_will_be_there() -> None:
    [told] = of_progress(progress("departed", eta_minutes=9), ALMATY)
    assert (told.template, told.params) == ("crew_departed", {"time": "18:15"})


@pytest.mark.parametrize("result", RESULTS)
def test_each_result_has_its_own_words(result: str) -> None:
    [told] = of_progress(progress("completed", result=result), ALMATY)
    assert told.template == COMPLETED[result]
    assert told.template.endswith(result)


@given(st.integers(0, 600), st.datetimes(timezones=st.just(UTC), min_value=datetime(2025, 1, 1)))  # noqa: DTZ001
def test_arrival_is_never_promised_too_early(minutes: int, departed: datetime) -> None:
    hours, rest = arrival_time(departed, minutes, UTC).split(":")
    promised = int(hours) * 60 + int(rest)
    real = departed.hour * 60 + departed.minute + departed.second / 60 + minutes
    assert 0 <= (promised - real) % 1440 < 1


def test_a_second_crew_that_accepts_is_no_news_its_departure_is() -> None:
    other = Progress("request-1", "assignment-2", "accepted", AT)
    assert of_progress(progress("accepted"), ALMATY)[0].fact == of_progress(other, ALMATY)[0].fact
    departed = Progress("request-1", "assignment-2", "departed", AT)
    assert of_progress(progress("departed"), ALMATY)[0].fact != of_progress(departed, ALMATY)[0].fact


@pytest.mark.rule("6.7")
def test_gas_is_warned_of_at_once() -> None:
    [told] = of_verdict(verdict(system="gas", fault="gas_smell", hazards=["gas"]))
    assert (told.template, told.urgent) == ("advice_gas", True)


@pytest.mark.parametrize(
    ("system", "fault", "hazards", "topics"),
    [
        ("water", "pipe_burst", [], []),
        ("lift", "lift_trapped", ["people_trapped"], ["lift"]),
        ("lift", "some_new_fault", ["people_trapped"], ["lift"]),
        ("other", "person_trapped", ["people_trapped"], ["person"]),
        ("power", "wire_down", ["electric_shock"], ["wire"]),
        ("power", "panel_sparking", ["electric_shock"], ["electric"]),
        ("gas", "carbon_monoxide", ["gas", "health"], ["carbon_monoxide", "health"]),
        ("other", "fire", [], ["fire"]),
        ("water", "flood", ["flooding_live", "electric_shock", "health"], ["electric", "flood"]),
        ("heat", "heat_none", ["frost_no_heat", "a_hazard_of_the_future"], ["cold"]),
    ],
)
def test_advice_fits_the_danger(system: str, fault: str, hazards: list[str], topics: list[str]) -> None:
    assert advice_topics(system, fault, hazards) == topics


@pytest.mark.parametrize("hazard", HAZARDS)
def test_every_hazard_of_the_contract_has_advice(hazard: str) -> None:
    [told] = of_verdict(verdict(hazards=[hazard]))
    assert told.template in TEMPLATES
    assert told.urgent


@given(st.lists(st.sampled_from(HAZARDS)), st.sampled_from(["lift", "gas", "water"]))
def test_advice_is_short_known_and_never_lost(hazards: list[str], system: str) -> None:
    topics = advice_topics(system, "whatever", hazards)
    assert len(topics) <= 2
    assert bool(topics) == bool(hazards)
    assert {f"advice_{topic}" for topic in topics} <= set(TEMPLATES)
    if "gas" in hazards:
        assert topics[0] == "gas"


@pytest.mark.parametrize(
    ("changes", "templates"),
    [
        ({"category": "consultation", "fault": "question"}, ["consultation"]),
        ({"category": "consultation", "fault": "question_billing"}, ["consultation_billing"]),
        ({"category": "consultation", "fault": "question", "needs_person": True}, []),
        ({"category": "consultation", "fault": "question", "hazards": ["gas"]}, ["advice_gas"]),
        ({"category": "planned"}, []),
    ],
)
def test_a_question_is_answered_unless_a_person_must_look(
    changes: dict[str, Any], templates: list[str]
) -> None:
    assert [told.template for told in of_verdict(verdict(**changes))] == templates


@pytest.mark.parametrize("state", STATES)
def test_official_states_that_no_crew_reports_are_told(state: str) -> None:
    told = [one.template for one in of_state("request-1", state, AT)]
    named = {"returned": "reopened"}
    silent = set(STATES) - {"closed", "cancelled", "rejected", "deferred", "returned"}
    assert told == ([] if state in silent else [named.get(state, state)])


@given(st.sampled_from(STAGES), st.sampled_from([*RESULTS, None]), st.none() | st.integers(0, 500))
def test_every_stage_report_of_the_contract_is_understood(
    stage: str, result: str | None, eta: int | None
) -> None:
    for told in of_progress(progress(stage, result=result, eta_minutes=eta), ALMATY):
        assert told.template in TEMPLATES
        assert told.occurred_at == AT


@pytest.mark.rule("D-2.B-U4")
@pytest.mark.parametrize("result", RESULTS)
def test_whether_it_is_fixed_is_asked_where_somebody_can_answer(result: str) -> None:
    [told] = of_progress(progress("completed", result=result), ALMATY, asks=True)
    assert told.template == ("completed_asked" if result == "fixed" else COMPLETED[result])
    assert of_progress(progress("arrived"), ALMATY, asks=True)[0].template == "crew_arrived"


@pytest.mark.parametrize(
    ("sender", "can"), [("+77270000000", True), ("MG" + "a" * 32, True), ("1414", True), ("ADS", False)]
)
def test_a_name_in_letters_cannot_be_answered(sender: str, can: bool) -> None:
    assert can_be_answered(sender) is can
