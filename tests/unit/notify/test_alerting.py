"""Alerts by facts and by hand, and the calls they make, on a store and a telephone in memory."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.notify.domain.alert_attempts import State
from services.notify.domain.alert_lists import Addressee, AlertList, Means, Mode, Starts, Step
from services.notify.domain.alerts import (
    HANG_UP_AGAIN,
    NO_NUMBER,
    RINGS_AT_MOST,
    WAIT_OVER,
    Alert,
    Stage,
    Subject,
)
from services.notify.domain.bulletins import Bulletin
from services.notify.domain.messages import Receipt
from services.notify.domain.messages import State as Delivery
from services.notify.domain.telling import Verdict
from services.notify.errors import (
    AlertListChanged,
    AlertMoveNotAllowed,
    MessageRejected,
    OutcomeUnknown,
    ProviderBusy,
    UnknownAlert,
    UnknownAlertEvent,
)
from services.notify.schemas.alert_lists import read_shipped
from services.notify.usecases import alert_lists, alerting, facts, ringing
from services.notify.usecases.alert_ports import Place, StaffPhone
from services.notify.usecases.ports import Request
from shared.clock import FixedClock
from tests.support import contracts
from tests.support.fakes import NOON
from tests.unit.notify.fake_alerts import FakeCaller, FakeOnCall
from tests.unit.notify.fakes import FakeProvider, FakeUnitOfWork

REQUEST, ANN, BOB = UUID(int=1), UUID(int=21), UUID(int=22)
GAS_SERVICE, MASTER, RESERVE = "+77272581104", "+77010000021", "+77010000022"
LEASE, SECOND = timedelta(seconds=60), timedelta(seconds=1)
NAMES = {"ru": "Запах газа", "kk": "Газ иісі"}
SHIPPED = read_shipped()


def person(code: str, *numbers: str, **changes: Any) -> Addressee:
    return replace(Addressee(code, NAMES, Means.VOICE, ("ru", "kk"), numbers), **changes)


def gas(*addressees: Addressee, mode: Mode = Mode.UNTIL_ONE, rounds: int = 2) -> dict[str, AlertList]:
    steps = (Step(mode, addressees, 90, rounds),)
    return {"gas": AlertList("gas", NAMES, Starts(hazards=("gas",)), steps)}


class World:
    """One store, one telephone, one clock."""

    def __init__(self, shipped: dict[str, AlertList] | None = None) -> None:
        self.clock = FixedClock(NOON)
        self.uow = FakeUnitOfWork(self.clock)
        self.caller, self.on_call = FakeCaller(self.clock), FakeOnCall()
        self.sms = FakeProvider(self.clock)
        self.shipped = shipped if shipped is not None else gas(person("104", GAS_SERVICE))
        self.channels = ringing.Channels(self.caller, self.sms, self.on_call, self._words)

    def _words(self, alert: Alert, attempt: Any, language: str) -> str:
        assert not self.uow.open, "a call is never made with a transaction open"
        return f"{alert.names[language]} {alert.subject.facts.get('address', '?')} {attempt.id}"

    def registers(self, request_id: UUID = REQUEST, building: str | None = "osm-w1") -> None:
        place = Place(request_id, building, "Абая, 12")
        facts.note_request(self.uow, Request(request_id, "1042", UUID(int=2)), "sms", NOON, place=place)

    def smells_gas(self, request_id: UUID = REQUEST, **changes: Any) -> None:
        plain = Verdict(str(request_id), "emergency", "gas", "gas_smell", ["gas"], False, NOON)
        facts.tell_verdict(self.uow, replace(plain, **changes), self.shipped)

    def works(self) -> None:
        """Everything that is due now is done."""
        for task in self.takes():
            self.place(task)

    def takes(self) -> list[ringing.Task]:
        taken: list[ringing.Task] = []
        while (tasks := ringing.look_after(self.uow, LEASE)) is not None:
            taken += tasks
        return taken

    def place(self, task: ringing.Task) -> None:
        ringing.work_off(task, lambda: self.uow, self.channels)

    def later(self, by: timedelta = 20 * SECOND) -> None:
        self.clock.advance(by)

    def hears(self, to: State, at: int = -1) -> None:
        alerting.hear(self.uow, self.alert.attempts[at].id, to)

    @property
    def alerts(self) -> list[Alert]:
        return list(alerting.list_alerts(self.uow, None, live_only=False, limit=9))

    @property
    def alert(self) -> Alert:
        [only] = self.alerts
        return only

    @property
    def whats(self) -> list[str]:
        return [str(told.data["what"]) for told in self.uow.emitted if told.type == alerting.EVENT]


@pytest.mark.rule("6.7")
@pytest.mark.rule("M-1.1-U4")
def test_gas_is_told_to_the_service_and_each_step_of_it_to_the_suite() -> None:
    world = World()
    world.registers()
    world.smells_gas()
    world.smells_gas()
    world.works()
    (ring, sid, _), (attempt,) = world.caller.calls[0], world.alert.attempts
    assert (ring.number, attempt.provider_sid, attempt.placed_at) == (GAS_SERVICE, sid, NOON)
    assert [text for _, text in ring.texts] == [
        f"Запах газа Абая, 12 {attempt.id}",
        f"Газ иісі Абая, 12 {attempt.id}",
    ]
    world.later(SECOND)
    world.hears(State.ANSWERED)
    world.hears(State.ACKNOWLEDGED)
    world.hears(State.UNACKNOWLEDGED)
    assert world.alert.stage is Stage.TOLD
    assert world.whats == ["started", "placed", "answered", "acknowledged", "told"]
    for told in world.uow.emitted:
        contracts.check("notify", told.type, told.data) if told.type == alerting.EVENT else None


def test_the_place_is_waited_for_but_not_for_ever() -> None:
    world = World()
    world.smells_gas()
    world.works()
    assert world.alert.stage is Stage.WAITING
    world.registers()
    world.later(SECOND)
    world.works()
    assert world.alert.subject.facts == {"address": "Абая, 12", "number": "1042"}
    nowhere = World()
    nowhere.smells_gas()
    nowhere.later()
    nowhere.works()
    assert (nowhere.caller.numbers, nowhere.alert.subject.facts) == ([GAS_SERVICE], {})


@pytest.mark.rule("6.8")
def test_a_neighbour_who_smells_the_same_gas_calls_nobody_again() -> None:
    world = World()
    for number in (1, 2, 3):
        world.registers(UUID(int=number), "osm-w2" if number == 3 else "osm-w1")
        world.smells_gas(UUID(int=number))
        world.works()
    stages = {one.subject.request_id.int: one.stage for one in world.alerts if one.subject.request_id}
    assert stages == {1: Stage.RUNNING, 2: Stage.COVERED, 3: Stage.RUNNING}
    world.later(timedelta(hours=1, seconds=1))
    world.registers(UUID(int=4))
    world.smells_gas(UUID(int=4))
    world.works()
    assert {one.stage for one in world.alerts if one.subject.request_id == UUID(int=4)} == {Stage.RUNNING}


def test_on_call_people_come_before_fixed_numbers_each_round_the_next() -> None:
    world = World(gas(person("master", RESERVE, purpose="gas")))
    for who, number in ((ANN, MASTER), (BOB, "+77010000023")):
        alert_lists.put_phone(world.uow, StaffPhone(who, number, "master-1", NOON))
    world.on_call.lists["gas"] = [UUID(int=99), ANN, BOB]
    world.smells_gas()
    world.later()
    world.works()
    world.hears(State.BUSY)
    world.later()
    world.works()
    assert world.caller.numbers == [MASTER, "+77010000023"]
    assert [one.person_id for one in world.alert.attempts] == [ANN, BOB]


@pytest.mark.parametrize(
    ("silent", "note"), [(True, ringing.ON_CALL_SILENT), (False, ringing.ON_CALL_NOBODY)]
)
def test_nobody_on_call_means_the_fixed_number_and_the_record_says_why(silent: bool, note: str) -> None:
    world = World(gas(person("master", RESERVE, purpose="gas")))
    world.on_call.silent = silent
    world.smells_gas()
    world.later()
    world.works()
    (attempt,) = world.alert.attempts
    assert (world.caller.numbers, attempt.note) == ([RESERVE], note)


def test_without_a_number_a_dispatcher_is_called_at_once() -> None:
    world = World(gas(person("104"), rounds=3))
    world.smells_gas()
    world.later()
    world.works()
    (attempt,) = world.alert.attempts
    assert (attempt.error_code, world.alert.stage) == (NO_NUMBER, Stage.UNANSWERED)
    assert world.whats == ["started", "not_reached", "step_unanswered", "unanswered"]
    assert world.uow.emitted[-1].data["untold"] == [NAMES]
    alerting.write_down(world.uow, world.alert.id, "104", "dispatcher-1", "диспетчер Петрова")
    assert world.whats[-2:] == ["acknowledged", "told"]
    told = world.uow.emitted[-2].data
    assert (told["means"], told["receiver"], told["fallback"]) == (
        "manual",
        "диспетчер Петрова",
        "dispatcher-1",
    )
    assert world.uow.emitted[-1].data["untold"] == []


def test_one_word_of_a_dispatcher_settles_everybody_who_was_not_reached() -> None:
    world = World(gas(person("104"), person("112"), mode=Mode.EVERYONE))
    world.smells_gas()
    world.later()
    world.works()
    assert len(world.alert.untold()) == 2
    for _ in range(2):
        alerting.write_down_all(world.uow, world.alert.id, "dispatcher-1", "Петрова")
    assert (world.alert.stage, world.alert.untold()) == (Stage.TOLD, [])
    assert world.whats.count("acknowledged") == 2


def test_a_crash_after_the_call_calls_once() -> None:
    world = World()
    world.smells_gas()
    world.later()
    world.caller.failures, world.caller.taken_all_the_same = [OutcomeUnknown()], True
    world.works()
    assert world.alert.attempts[0].state is State.PLANNED
    world.later(3 * SECOND)
    world.works()
    assert (len(world.caller.calls), world.alert.attempts[0].state) == (1, State.PLACED)


def test_a_worker_that_died_is_followed_by_one_that_looks_first() -> None:
    world = World()
    world.smells_gas()
    world.later()
    (task,) = world.takes()
    world.later(LEASE)
    (again,) = world.takes()
    assert (task.check_first, again.check_first) == (False, True)
    world.place(again)
    world.place(task)
    assert len(world.caller.calls) == 1


def test_an_acknowledgement_meanwhile_keeps_the_telephone_still() -> None:
    world = World()
    world.smells_gas()
    world.later()
    (task,) = world.takes()
    alerting.write_down(world.uow, world.alert.id, "104", "dispatcher-1", "Петрова")
    world.place(task)
    assert (world.caller.calls, world.alert.attempts[0].state) == ([], State.DROPPED)


def test_a_telephone_that_rings_in_vain_is_hung_up() -> None:
    """A dispatcher has told the gas service while it is being called; the call is not counted as missed."""
    world = World()
    world.registers()
    world.smells_gas()
    world.works()
    (rang,) = world.alert.attempts
    alerting.write_down(world.uow, world.alert.id, "104", "dispatcher-1", "Петрова")
    assert [one.state for one in world.alert.attempts[:1]] == [State.RECALLED]
    world.caller.failures = [ProviderBusy()]
    world.works()
    assert world.caller.hung_up == []
    world.later(HANG_UP_AGAIN)
    world.works()
    assert world.caller.hung_up == [rang.provider_sid]
    assert [one.state for one in world.alert.attempts[:1]] == [State.DROPPED]
    assert (world.alert.stage, world.alert.due_at) == (Stage.TOLD, None)
    alerting.hear(world.uow, rang.id, State.DROPPED)
    world.works()
    assert world.caller.hung_up == [rang.provider_sid]


def test_who_has_answered_hears_it_to_the_end_and_who_answers_just_now_too() -> None:
    world = World(gas(person("104", GAS_SERVICE), person("master", MASTER), mode=Mode.EVERYONE))
    world.registers()
    world.smells_gas()
    world.works()
    listening, rings = world.alert.attempts
    alerting.hear(world.uow, listening.id, State.ANSWERED)
    alerting.stop(world.uow, world.alert.id, "ложный вызов")
    assert [one.state for one in world.alert.attempts] == [State.ANSWERED, State.RECALLED]
    alerting.hear(world.uow, rings.id, State.ANSWERED)
    assert world.alert.due_at is None, "nobody looks at it for ever"
    world.works()
    assert world.caller.hung_up == []


def test_a_call_that_could_not_be_hung_up_has_ended_by_itself() -> None:
    world = World()
    world.registers()
    world.smells_gas()
    world.works()
    alerting.stop(world.uow, world.alert.id, "ложный вызов")
    world.later(RINGS_AT_MOST + SECOND)
    world.works()
    assert world.caller.hung_up == []
    assert ([one.state for one in world.alert.attempts], world.alert.due_at) == ([State.DROPPED], None)


def test_two_alerts_do_not_ring_one_number_at_the_same_moment() -> None:
    world = World()
    for number in (1, 2):
        world.registers(UUID(int=number), f"osm-w{number}")
        world.smells_gas(UUID(int=number))
    first, second = world.takes()
    ringing._with_number(first, lambda: world.uow, world.on_call)
    world.place(second)
    assert world.caller.calls == []
    world.later(3 * SECOND)
    world.place(first)
    world.works()
    assert len(world.caller.calls) == 2


def test_a_provider_in_trouble_is_asked_again_then_the_next_is_called() -> None:
    world = World(gas(person("104", GAS_SERVICE), person("master", MASTER), rounds=1))
    world.caller.failures = [ProviderBusy() for _ in range(6)]
    world.smells_gas()
    world.later()
    for _ in range(8):
        world.works()
        world.later(3 * SECOND)
    assert [(one.addressee, one.error_code) for one in world.alert.attempts] == [
        ("104", ringing.GAVE_UP),
        ("master", None),
    ]
    refused = World()
    refused.caller.failures = [MessageRejected("twilio_21211")]
    refused.smells_gas()
    refused.later()
    refused.works()
    assert refused.alert.attempts[0].error_code == "twilio_21211"


def test_a_message_that_arrived_is_enough_for_everyone() -> None:
    world = World(gas(person("boss", MASTER, means=Means.SMS), mode=Mode.EVERYONE))
    world.smells_gas()
    world.later()
    world.works()
    (attempt,) = world.alert.attempts
    assert world.sms.bodies == [f"Запах газа ? {attempt.id}"]
    sid = attempt.provider_sid or ""
    assert not alerting.hear_receipt(world.uow, Receipt(sid, Delivery.DELIVERED), UUID(int=77))
    assert alerting.hear_receipt(world.uow, Receipt(sid, Delivery.DELIVERED), attempt.id)
    assert world.alert.stage is Stage.TOLD
    alerting.acknowledge_by_link(world.uow, attempt.id)
    assert world.alert.attempts[0].received_by == "link"
    with pytest.raises(UnknownAlert):
        alerting.acknowledge_by_link(world.uow, UUID(int=77))


def outage(houses: int, version: int = 1, **changes: Any) -> Bulletin:
    names = [f"Абая, {number}" for number in range(houses)]
    plain = Bulletin(
        UUID(int=5),
        "17",
        version,
        "accident",
        "open",
        "district",
        ["no_heat"],
        names,
        False,
        {},
        NOON,
        None,
        None,
        NOON,
    )
    return replace(plain, **changes)


def test_an_outage_that_grows_starts_its_alert_once() -> None:
    world = World(SHIPPED)
    for version, houses in enumerate((9, 10, 40), start=1):
        with world.uow as uow:
            alerting.on_outage(uow, SHIPPED, outage(houses, version), REQUEST)
            uow.commit()
    assert (world.alert.event, world.alert.subject.request_id) == ("heating_outage", REQUEST)
    assert world.alert.subject.facts == {
        "outage": "17",
        "houses": "10",
        "symptom": "no_heat",
        "address": "Абая, 0",
    }
    with world.uow as uow:
        alerting.on_outage(uow, SHIPPED, outage(99, outage_id=UUID(int=6), kind="planned"), None)
        uow.commit()
    assert len(world.alerts) == 1


def test_an_sos_calls_and_writes_to_dispatcher_and_master_at_once_and_once() -> None:
    world = World(SHIPPED)
    edited = SHIPPED["crew_sos"]
    numbered = tuple(
        replace(step, addressees=tuple(replace(one, numbers=(MASTER,)) for one in step.addressees))
        for step in edited.steps
    )
    alert_lists.edit_list(
        world.uow, SHIPPED, replace(edited, steps=numbered, changed_by="m", changed_at=NOON), 0
    )
    subject = Subject(signal_id=UUID(int=8), crew_id=UUID(int=9), facts={"lat": "43.2", "lon": "76.9"})
    for kind in ("help", "sos", "sos"):
        alerting.on_signal(world.uow, SHIPPED, kind, UUID(int=8), subject)
    world.works()
    for _ in range(3):
        world.later(3 * SECOND)
        world.works()
    assert (len(world.caller.calls), len(world.sms.sent)) == (2, 2)
    alerting.on_signal_acknowledged(world.uow, UUID(int=8), "dispatcher-1")
    assert (world.alert.stage, world.alert.reason) == (Stage.STOPPED, "acknowledged:dispatcher-1")
    world.later(timedelta(hours=1))
    world.works()
    assert len(world.caller.calls) == 2


def test_a_dispatcher_starts_and_stops_an_alert_of_any_event() -> None:
    world, alert_id = World(SHIPPED), UUID(int=50)
    subject = Subject(facts={"address": "Абая, 12"})
    for _ in range(2):
        alerting.start_by_hand(world.uow, SHIPPED, alert_id, "emergency", subject, "dispatcher-1")
    world.works()
    stopped = alerting.stop(world.uow, alert_id, "учебная тревога")
    assert (stopped.stage, alerting.show(world.uow, alert_id)) == (Stage.STOPPED, stopped)
    with pytest.raises(UnknownAlertEvent):
        alerting.start_by_hand(world.uow, SHIPPED, UUID(int=51), "nothing", subject, "dispatcher-1")
    with pytest.raises(UnknownAlert):
        alerting.show(world.uow, UUID(int=51))
    with world.uow as uow, pytest.raises(AlertMoveNotAllowed):
        _ = replace(stopped, stage=Stage.COVERED).stopped("x", uow.now)


def test_a_list_is_edited_from_the_version_that_was_read_and_running_alerts_keep_theirs() -> None:
    world = World()
    world.smells_gas()
    wanted = gas(person("112", "+77272000112"))["gas"]
    edited = alert_lists.edit_list(world.uow, world.shipped, wanted, 0)
    assert (edited.version, alert_lists.show_list(world.uow, world.shipped, "gas")) == (1, edited)
    for version in (0, 2, None):
        with pytest.raises(AlertListChanged):
            alert_lists.edit_list(world.uow, world.shipped, wanted, version)
    fresh = replace(wanted, event="flood")
    assert alert_lists.edit_list(world.uow, world.shipped, fresh, None).version == 1
    assert [one.event for one in alert_lists.list_lists(world.uow, world.shipped)] == ["flood", "gas"]
    world.later()
    world.works()
    assert world.caller.numbers == [GAS_SERVICE]
    with pytest.raises(UnknownAlertEvent):
        alert_lists.show_list(world.uow, world.shipped, "nothing")


def test_a_list_that_is_put_out_of_use_starts_nothing() -> None:
    world = World()
    quiet = replace(world.shipped["gas"], active=False)
    alert_lists.edit_list(world.uow, world.shipped, quiet, 0)
    world.smells_gas()
    assert world.alerts == []


def test_time_without_an_answer_goes_on_record() -> None:
    world = World(gas(person("104", GAS_SERVICE), rounds=1))
    world.smells_gas()
    world.later()
    world.works()
    world.later(90 * SECOND)
    world.works()
    assert (world.alert.attempts[0].error_code, world.alert.stage) == (WAIT_OVER, Stage.UNANSWERED)


@pytest.mark.parametrize(
    ("hazards", "fault", "events"),
    [
        (["gas"], "gas_smell", ["gas"]),
        (["people_trapped"], "lift_trapped", ["lift_trapped"]),
        (["people_trapped"], "person_trapped", ["people_hurt"]),
        (["hot_water"], "heat_leak", []),
    ],
)
def test_which_dangers_start_which_lists(hazards: list[str], fault: str, events: list[str]) -> None:
    world = World(SHIPPED)
    world.smells_gas(hazards=hazards, fault=fault)
    assert [one.event for one in world.alerts] == events
