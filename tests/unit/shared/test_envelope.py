"""The envelope of the bus: what goes out comes in, what is not one is refused (design §4)."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.encoding import dumps
from shared.envelope import Event, MalformedEvent
from shared.errors import Permanent

WORDS = st.text(min_size=1)
EVENTS = st.builds(
    Event,
    id=WORDS,
    source=st.sampled_from(["intake", "triage", "crews"]),
    type=WORDS,
    subject=WORDS,
    time=st.datetimes(timezones=st.just(UTC)),
    data=st.dictionaries(st.text(), st.text() | st.integers() | st.none()),
    sequence=st.integers(min_value=1, max_value=2**53),
    correlation_id=WORDS,
    causation_id=st.none() | WORDS,
)


def body(**changes: Any) -> dict[str, Any]:
    event = Event(
        id="e-1",
        source="intake",
        type="request.registered",
        subject="r-1",
        time=datetime(2026, 11, 24, 12, 0, tzinfo=UTC),
        data={"text": "Нет воды"},
        sequence=3,
        correlation_id="c-1",
        causation_id="e-0",
    )
    return {**event.to_json(), **changes}


@given(EVENTS)
def test_an_event_survives_the_wire(event: Event) -> None:
    assert Event.from_json(json.loads(dumps(event.to_json()))) == event


def test_the_attributes_are_those_of_cloudevents() -> None:
    assert body() == {
        "specversion": "1.0",
        "id": "e-1",
        "source": "/avariyka/intake",
        "type": "request.registered",
        "subject": "r-1",
        "time": "2026-11-24T12:00:00+00:00",
        "datacontenttype": "application/json",
        "dataschema": "urn:avariyka:intake:request.registered:v1",
        "sequence": 3,
        "correlationid": "c-1",
        "causationid": "e-0",
        "data": {"text": "Нет воды"},
    }


def test_an_attribute_we_do_not_know_is_ignored() -> None:
    assert Event.from_json(body(traceparent="00-abc")) == Event.from_json(body())


def test_an_event_without_a_cause_is_a_first_one() -> None:
    first = {name: value for name, value in body().items() if name != "causationid"}
    assert Event.from_json(first).causation_id is None


@pytest.mark.parametrize(
    "name", ["id", "source", "type", "subject", "time", "sequence", "correlationid", "data"]
)
def test_no_required_attribute_may_be_missing(name: str) -> None:
    without = {key: value for key, value in body().items() if key != name}
    with pytest.raises(MalformedEvent, match=name):
        Event.from_json(without)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": ""},
        {"id": 7},
        {"id": None},
        {"source": ["intake"]},
        {"subject": {"id": "r-1"}},
        {"correlationid": None},
        {"time": "yesterday"},
        {"time": "2026-11-24T12:00:00"},
        {"time": 1_795_000_000},
        {"sequence": "third"},
        {"sequence": None},
        {"data": "text"},
        {"data": None},
        {"data": [1, 2]},
    ],
)
def test_an_attribute_of_the_wrong_kind_makes_it_malformed(changes: dict[str, Any]) -> None:
    with pytest.raises(MalformedEvent):
        Event.from_json(body(**changes))


@pytest.mark.parametrize("body", [None, "text", 5, [], {}, [{}]])
def test_what_is_no_object_is_malformed(body: Any) -> None:
    with pytest.raises(MalformedEvent):
        Event.from_json(body)


def test_a_malformed_event_is_hopeless_so_that_it_is_never_tried_again() -> None:
    assert issubclass(MalformedEvent, Permanent)
