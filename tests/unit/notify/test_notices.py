"""What residents of one outage hear: at joining, at changes, at the end; each number once (rule 6.8)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from services.notify.domain.outages import Outage, Ride
from services.notify.domain.telling import clock_time
from services.notify.usecases.facts import OUTAGE_OVER, note_contact, note_request, tell_state
from services.notify.usecases.notices import note_outage, note_ride, note_split, spread_notices
from services.notify.usecases.ports import Contact, Request
from services.notify.wiring import writer
from shared.config import ROOT
from shared.i18n import Catalog
from tests.support.fakes import NOON
from tests.unit.notify.fakes import FakeUnitOfWork

pytestmark = pytest.mark.rule("6.8")
ZONE = ZoneInfo("Asia/Almaty")
OUTAGE = UUID(int=17)
WRITE = writer(Catalog(ROOT / "services" / "notify" / "locale"), "109")
HOUR = timedelta(hours=1)


class Office:
    """The service in memory, told things by number of resident."""

    def __init__(self) -> None:
        self.uow = FakeUnitOfWork()
        self.sequence = 0

    def request(self, number: int, contact: int, ride: bool = False, channel: str = "web") -> UUID:
        self.sequence += 1
        request_id = UUID(int=1000 + number)
        contact_id = UUID(int=contact)
        note_contact(self.uow, Contact(contact_id, f"+7701{contact:07}", "ru", True, NOON))
        riding = self.ride(request_id) if ride else None
        note_request(self.uow, Request(request_id, str(number), contact_id), channel, NOON, riding, ZONE)
        return request_id

    def ride(self, request_id: UUID, **changes: Any) -> Ride:
        self.sequence += 1
        ride = Ride(request_id, OUTAGE, "17", "no_power", self.sequence, NOON, ends_by=NOON + HOUR)
        return replace(ride, **changes)

    def outage(self, version: int, **changes: Any) -> None:
        known = Outage(OUTAGE, "17", version, "open", "no_power", NOON)
        note_outage(self.uow, replace(known, **changes), ZONE)

    def said(self, template: str | None = None) -> list[str]:
        """Messages in Russian, in the order of their making."""
        numbers: dict[UUID | None, str] = {one.id: one.number for one in self.uow.stored.requests.values()}
        return [
            WRITE("ru", message.template, numbers[message.request_id], message.params)
            for message in self.uow.stored.messages.values()
            if template in (None, message.template)
        ]


@pytest.fixture
def office() -> Office:
    return Office()


def test_who_rides_from_the_first_hears_of_the_outage_instead_of_a_bare_number(office: Office) -> None:
    office.request(1, 1, ride=True)
    assert office.said() == [
        "Заявка №1: это авария №17, нет света. Устраним до 18:00. У вас другое? Ответьте НЕТ"
    ]


def test_by_sms_the_answer_has_said_it_already(office: Office) -> None:
    office.request(1, 1, ride=True, channel="sms")
    assert office.said() == []


def test_who_is_joined_later_hears_it_once_however_often_the_news_comes(office: Office) -> None:
    ride = office.ride(office.request(1, 1, channel="sms"), ends_by=None)
    for _ in range(2):
        note_ride(office.uow, ride, ZONE)
    assert office.said() == ["Заявка №1: это авария №17, нет света. У вас другое? Ответьте НЕТ"]


def test_split_off_by_others_is_told_by_the_resident_himself_is_not(office: Office) -> None:
    for number, reason in ((1, "hazard"), (2, "resident")):
        request_id = office.request(number, number, ride=True, channel="sms")
        note_split(office.uow, office.ride(request_id, active=False), reason)
    assert office.said() == ["Заявка №1: займёмся ею отдельно, о ходе работ сообщим"]


def spread(office: Office, batch: int) -> list[int]:
    counts = []
    while told := spread_notices(office.uow, batch):
        counts.append(told)
    return counts


def test_a_new_end_is_told_to_everybody_in_batches_and_each_number_once(office: Office) -> None:
    for number in range(7):
        office.request(number, contact=number % 5 + 1, ride=True, channel="sms")
    office.outage(1)
    office.outage(2, ends_by=NOON + 2 * HOUR)
    assert spread(office, 2) == [2, 2, 1]
    assert len(office.said("outage_time")) == 5
    assert office.said("outage_time")[0].endswith("авария №17: нет света. Устраним до 19:00.")
    office.outage(2, ends_by=NOON + 3 * HOUR)
    assert spread(office, 2) == [], "news of the same version is no news"


def test_words_of_the_dispatcher_go_to_those_who_ride_still(office: Office) -> None:
    gone, stays = (office.request(number, number, ride=True, channel="sms") for number in (1, 2))
    note_split(office.uow, office.ride(gone, active=False), "resident")
    office.outage(1)
    office.outage(2, tell={"ru": "Подвоз воды у дома 12", "kk": ""})
    spread(office, 10)
    assert office.said() == ["Заявка №2, авария №17: Подвоз воды у дома 12"]
    assert stays in {message.request_id for message in office.uow.stored.messages.values()}


def test_what_one_hears_in_joining_is_no_notice(office: Office) -> None:
    office.request(1, 1, ride=True, channel="sms")
    office.outage(1, ends_by=NOON + HOUR, tell={"ru": "Ждите", "kk": "Күтіңіз"})
    assert spread(office, 10) == []


def test_the_end_is_told_once_to_each_number(office: Office) -> None:
    ids = [office.request(number, contact=1, ride=True, channel="sms") for number in (1, 2)]
    for request_id in ids:
        tell_state(office.uow, request_id, "closed", NOON, OUTAGE_OVER)
    assert office.said() == ["Заявка №1: авария №17 устранена. Если нет – напишите"]


def test_an_end_of_which_no_ride_is_known_is_told_as_any_other(office: Office) -> None:
    tell_state(office.uow, office.request(1, 1, channel="sms"), "closed", NOON, OUTAGE_OVER)
    assert [message.template for message in office.uow.stored.messages.values()] == ["closed"]


@pytest.mark.parametrize(
    ("moment", "shown"), [(NOON, "17:00"), (NOON + 24 * HOUR, "25.11 17:00"), (None, "")]
)
def test_times_are_the_city_s_with_the_day_if_it_is_another(moment: Any, shown: str) -> None:
    assert clock_time(moment, NOON, ZONE) == shown


def test_old_news_of_a_ride_changes_nothing(office: Office) -> None:
    request_id = office.request(1, 1, channel="sms")
    note_split(office.uow, office.ride(request_id, active=False, sequence=9), "resident")
    note_ride(office.uow, office.ride(request_id, sequence=8), ZONE)
    assert office.said() == []
    assert not office.uow.stored.rides[request_id].active
