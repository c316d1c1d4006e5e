"""Transfers by hand, given back, raised; who answers explained; requests that nobody can place on a map."""

from datetime import timedelta
from typing import Any

import pytest

from services.routing.domain.alarms import AlarmCode
from services.routing.domain.assignment import State
from services.routing.domain.case import Case, Status
from services.routing.domain.competence import Objection
from services.routing.domain.networks import Network
from services.routing.domain.organisations import Organisation
from services.routing.domain.transfer import Transfer, TransferRefusal
from services.routing.domain.words import Category, Channel, Unroutable
from services.routing.errors import (
    AlreadyRefused,
    BadMoment,
    CrewAtWork,
    NoCoordinates,
    NoCrewNeeded,
    NotTransferred,
    OrganisationNotFound,
    OrganisationWithoutCrews,
    RequestClosed,
    RequestNotFound,
)
from services.routing.usecases import dispatch, events, transfers
from services.routing.usecases.answering import explain_request
from tests.unit.routing.examples import (
    DISPATCH,
    GAS,
    GAS_SERVICE,
    LAT,
    LON,
    NOW,
    WATERWORKS,
    address,
    competence,
    matrix,
    registration,
    square,
    uid,
)
from tests.unit.routing.stage import Stage

MAINS, IN_HOUSE = Network.MAINS, Network.IN_HOUSE
WATER_UTILITY = Organisation(WATERWORKS, "Водоканал", "water")


@pytest.fixture
def stage() -> Stage:
    """The dispatch service inside the houses, the waterworks (no crews here) outside, gas for gas."""
    table = matrix(
        competence(DISPATCH, "water", network=IN_HOUSE),
        competence(WATERWORKS, "water", network=MAINS),
        competence(DISPATCH, "other"),
        competence(GAS, "gas"),
    )
    ready = Stage(matrix=table)
    for organisation in (WATER_UTILITY, GAS_SERVICE):
        ready.organisation(organisation)
    ready.crew("crew-7")
    return ready


def order(name: str = "request") -> dispatch.Order:
    return dispatch.Order("dispatcher-1", uid(name))


def hand(stage: Stage, organisation: Any = WATERWORKS, channel: Channel = Channel.PHONE, **more: Any) -> Case:
    wanted = transfers.Wanted(organisation, channel, more.pop("reason", "просят сами"), **more)
    return transfers.transfer_request(stage.work, stage.desk, order(), wanted).case


def back(stage: Stage, because: TransferRefusal = TransferRefusal.NOT_OUR_WORK) -> Case:
    given = transfers.GivenBack(because, Channel.PHONE, "так сказал мастер")
    return transfers.give_back(stage.work, stage.desk, order(), given).case


def history(stage: Stage) -> list[Transfer]:
    return stage.work.transfers.history(uid("request"))


def escalate(stage: Stage) -> int:
    return transfers.escalate_transfers(lambda: stage.work)


@pytest.mark.rule("D-1.3-U2")
def test_a_request_goes_by_the_side_of_the_wall_and_the_transfer_says_by_which_rule(stage: Stage) -> None:
    inside = stage.request(place="basement")
    assert inside.organisation_id == DISPATCH
    [made] = history(stage)
    assert made.basis is not None
    assert (made.basis["network"], made.basis["network_by"], made.by) == ("in_house", "place", "system")
    assert stage.request("outside", place="street").organisation_id == WATERWORKS


@pytest.mark.rule("6.3")
@pytest.mark.rule("D-1.3-U3")
def test_a_dispatcher_hands_a_request_over_by_phone_to_whoever_took_it(stage: Stage) -> None:
    stage.request()
    case = hand(stage, took="Сериков, мастер смены", unit="Участок 3")
    assert (case.organisation_id, case.status) == (WATERWORKS, Status.HANDED_OVER)
    assert stage.holder() is None
    first, second = history(stage)
    assert (first.turn, second.turn, second.by, second.unit) == (1, 2, "dispatcher-1", "Участок 3")
    assert (second.acknowledged_channel, second.acknowledged_unit) == (Channel.PHONE, "Сериков, мастер смены")
    assert stage.told("request.transferred")[-1]["channel"] == "phone"
    assert len(stage.told("transfer.acknowledged")) == 1


@pytest.mark.rule("6.3")
@pytest.mark.rule("D-1.3-U5")
def test_by_radio_without_a_taker_somebody_must_still_confirm(stage: Stage) -> None:
    stage.request()
    stage.crew("waterworks-1", organisation=WATERWORKS)
    case = hand(stage, channel=Channel.RADIO)
    assert case.status is Status.HANDED_OVER
    assert [alarm.code for alarm in stage.alarms()] == [AlarmCode.CALL_ORGANISATION]
    stage.round()
    assert stage.holder() is None
    stage.later(minutes=4)
    assert escalate(stage) == 1
    dispatch.acknowledge_transfer(stage.work, order(), Channel.RADIO, "Первый")
    assert stage.case().status is Status.HANDED_OVER
    assert not history(stage)[-1].is_open


def test_through_the_system_it_goes_to_the_crews_there(stage: Stage) -> None:
    stage.crew("waterworks-1", organisation=WATERWORKS)
    stage.request()
    case = hand(stage, channel=Channel.SYSTEM)
    assert case.organisation_id == WATERWORKS
    assert stage.holder() == uid("waterworks-1")


def test_what_was_told_earlier_is_written_down_with_its_time(stage: Stage) -> None:
    stage.request()
    stage.later(minutes=10)
    told_at = NOW + timedelta(minutes=4)
    hand(stage, at=told_at, took="Сериков")
    assert history(stage)[-1].transferred_at == told_at
    for at in (NOW + timedelta(hours=1), NOW + timedelta(minutes=3)):
        with pytest.raises(BadMoment):
            hand(stage, at=at)


def test_a_transfer_that_cannot_be_is_refused(stage: Stage) -> None:
    with pytest.raises(RequestNotFound):
        hand(stage)
    stage.request()
    with pytest.raises(OrganisationNotFound):
        hand(stage, uid("nobody"))
    with pytest.raises(OrganisationWithoutCrews):
        hand(stage, channel=Channel.SYSTEM)
    for step in (State.ACCEPTED, State.DEPARTED, State.ARRIVED):
        stage.report(step)
    with pytest.raises(CrewAtWork):
        hand(stage)
    with pytest.raises(CrewAtWork):
        back(stage)
    stage.state("closed")
    with pytest.raises(RequestClosed):
        hand(stage)
    with pytest.raises(RequestClosed):
        back(stage)


def test_a_consultation_is_handed_to_nobody(stage: Stage) -> None:
    stage.request(category=Category.CONSULTATION, priority=None)
    with pytest.raises(NoCrewNeeded):
        hand(stage)
    with pytest.raises(NoCrewNeeded):
        back(stage)


def test_only_what_was_handed_over_and_is_not_done_can_be_given_back(stage: Stage) -> None:
    stage.request(system="lift", fault="lift_stopped", place="lift")
    with pytest.raises(NotTransferred):
        back(stage)
    stage.request("done")
    for step in (State.ACCEPTED, State.DEPARTED, State.ARRIVED, State.WORKING, State.COMPLETED):
        stage.report(step, "done")
    given = transfers.GivenBack(TransferRefusal.OTHER, Channel.PHONE)
    with pytest.raises(RequestClosed):
        transfers.give_back(stage.work, stage.desk, order("done"), given)


@pytest.mark.rule("6.3")
def test_what_is_given_back_goes_to_the_next_that_answers_then_to_a_person() -> None:
    table = matrix(competence(WATERWORKS, "water", "yard"), competence(GAS, "water"),
                   zones=(square("yard", LAT, LON, 0.01),))  # fmt: skip
    stage = Stage(matrix=table)
    for organisation in (WATER_UTILITY, GAS_SERVICE):
        stage.organisation(organisation)
    assert stage.request().organisation_id == WATERWORKS
    assert back(stage).organisation_id == GAS
    assert stage.told("transfer.refused")[0]["reason"] == "not_our_work"
    case = back(stage, TransferRefusal.NO_CAPACITY)
    assert (case.organisation_id, case.unroutable) == (None, Unroutable.REFUSED)
    assert stage.told("request.unroutable")[-1]["reason"] == "refused"
    stage.round()
    assert stage.case().organisation_id is None
    with pytest.raises(AlreadyRefused):
        back(stage)


@pytest.mark.rule("D-1.3-U2")
def test_who_says_that_it_is_the_other_side_of_the_wall_sends_it_there(stage: Stage) -> None:
    stage.request(place="basement")
    case = back(stage, TransferRefusal.OTHER_NETWORK)
    assert (case.organisation_id, case.network) == (WATERWORKS, MAINS)
    basis = history(stage)[-1].basis
    assert basis is not None
    assert basis["network_by"] == "said"
    assert [assignment.state for assignment in stage.attempts()] == [State.WITHDRAWN]


@pytest.mark.rule("6.3")
@pytest.mark.rule("D-1.3-U5")
def test_what_nobody_confirms_is_raised_to_the_dispatcher_then_to_the_senior_once_each(stage: Stage) -> None:
    stage.request(place="street")
    assert escalate(stage) == 0
    stage.later(minutes=3, seconds=1)
    assert (escalate(stage), escalate(stage)) == (1, 0)
    assert [alarm.code for alarm in stage.alarms(stage.clock.now())] == [AlarmCode.TRANSFER_UNACKNOWLEDGED]
    stage.later(minutes=3)
    assert (escalate(stage), escalate(stage)) == (1, 0)
    assert [(told["level"], told["role"]) for told in stage.told("transfer.escalated")] == [
        (1, "dispatcher"),
        (2, "senior_dispatcher"),
    ]
    [alarm] = stage.alarms(stage.clock.now())
    assert (alarm.code, alarm.reason) == (AlarmCode.TRANSFER_ESCALATED, "senior_dispatcher")
    dispatch.acknowledge_transfer(stage.work, order(), Channel.PHONE, "Сериков")
    assert stage.alarms(stage.clock.now()) == []


@pytest.mark.rule("6.3")
def test_a_clock_that_jumps_raises_each_rung_once_and_loses_nothing(stage: Stage) -> None:
    stage.request(place="street")
    stage.later(days=2)
    assert escalate(stage) == 2
    stage.later(days=-3)
    assert escalate(stage) == 0
    hand(stage, GAS)
    assert [made.turn for made in history(stage)] == [1, 2]
    assert stage.work.transfers.current(uid("request")) == history(stage)[-1]
    dispatch.acknowledge_transfer(stage.work, order(), Channel.PHONE, "Сериков")
    received = history(stage)[-1]
    assert received.acknowledged_at is not None
    assert received.acknowledged_at >= received.transferred_at


def test_a_transfer_that_was_followed_or_whose_request_is_over_is_not_raised(stage: Stage) -> None:
    stage.request(place="street")
    hand(stage, GAS, took="Иванов")
    stage.later(hours=1)
    assert escalate(stage) == 0


@pytest.mark.rule("D-1.3-U2")
def test_who_answers_is_explained_with_every_other_rule(stage: Stage) -> None:
    stage.request(place="basement")
    found = explain_request(stage.work, stage.desk, uid("request"))
    assert found.question.side.network is IN_HOUSE
    told = {entry.rule.organisation_id: entry.objection for entry in found.rules}
    assert told == {DISPATCH: None, WATERWORKS: Objection.OTHER_NETWORK}
    back(stage)
    told = {
        entry.rule.organisation_id: entry.objection
        for entry in explain_request(stage.work, stage.desk, uid("request")).rules
    }
    assert told[DISPATCH] is Objection.REFUSED


def test_a_manager_of_the_address_registry_answers_for_its_house(stage: Stage) -> None:
    ksk = Organisation(uid("ksk"), "КСК «Орбита-3»", "manager")
    stage.organisation(ksk)
    table = matrix(
        competence(uid("ksk"), "water", houses_of="кск орбита 3", network=IN_HOUSE),
        competence(DISPATCH, "water"),
    )
    managed = {**address(), "manager": 'КСК "Орбита-3"'}
    other = Stage(matrix=table)
    other.organisation(ksk)
    events.note_registration(other.work, other.desk, registration(uid("managed"), address=managed))
    assert other.request("managed", place="flat").organisation_id == uid("ksk")
    assert other.request("street", place="street").organisation_id == DISPATCH
    assert other.request("other house", place="flat").organisation_id == DISPATCH


def test_a_request_without_coordinates_waits_for_a_person_who_can_hand_it_over(stage: Stage) -> None:
    nowhere = {**address(), "lat": None, "lon": None}
    events.note_registration(stage.work, stage.desk, registration(uid("request"), address=nowhere))
    case = stage.request()
    assert (case.status, case.unroutable) == (Status.RETURNED, Unroutable.NO_COORDINATES)
    assert stage.told("request.unroutable")[0]["reason"] == "no_coordinates"
    [alarm] = stage.alarms()
    assert (alarm.code, alarm.reason) == (AlarmCode.UNROUTABLE, "no_coordinates")
    stage.round()
    stage.round()
    assert len(stage.told("request.unroutable")) == 1
    with pytest.raises(NoCoordinates):
        dispatch.assign_crew(stage.work, stage.desk, order(), uid("crew-7"), None)
    stage.crew("waterworks-1", organisation=WATERWORKS)
    with pytest.raises(NoCoordinates):
        hand(stage, channel=Channel.SYSTEM)
    explained = explain_request(stage.work, stage.desk, uid("request"))
    assert explained.rules
    assert hand(stage, took="Сериков").status is Status.HANDED_OVER
    assert stage.alarms() == []
