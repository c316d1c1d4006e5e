"""The self-audit as a whole: runs, findings that open and clear, what is told."""

from datetime import timedelta

import pytest

from services.journal.domain.audit import Allowances, Silence, Surroundings
from services.journal.usecases.audits import MOST_TOLD, AuditRun, run_audit, show_audit
from shared.clock import FixedClock
from tests.support import contracts
from tests.support.fakes import NOON
from tests.unit.journal.events import Wire
from tests.unit.journal.fakes import FakeUnitOfWork, FakeWorld
from tests.unit.journal.test_lives import tell

PERIOD = timedelta(seconds=20)


class Watch:
    """The audit loop with a clock in hand."""

    def __init__(self) -> None:
        self.clock = FixedClock(NOON)
        self.uow = FakeUnitOfWork(self.clock)
        self.world = FakeWorld()

    def run(self) -> AuditRun | None:
        return run_audit(lambda: self.uow, self.world, Allowances(), PERIOD / 2)

    def run_until_raised(self, within: timedelta) -> str:
        end = self.clock.now() + within
        while self.clock.now() < end:
            self.clock.advance(PERIOD)
            run = self.run()
            if run is not None and run.opened:
                return run.opened[0].code
        raise AssertionError(f"nothing raised in {within}")


MINUTE = timedelta(minutes=1)


def test_an_unclassified_request_is_raised_within_a_minute() -> None:
    watch = Watch()
    tell(watch.uow, Wire(NOON).registered())
    assert watch.run_until_raised(MINUTE) == "unclassified"


def test_an_unrouted_request_is_raised_within_a_minute() -> None:
    watch, wire = Watch(), Wire(NOON)
    tell(watch.uow, wire.registered(), wire.classified())
    assert watch.run_until_raised(MINUTE) == "unrouted"


def test_a_fact_that_does_not_fit_is_raised_within_a_minute() -> None:
    watch, wire = Watch(), Wire(NOON)
    tell(watch.uow, wire.registered(), wire.classified(), wire.transferred(), wire.stage("working"))
    assert watch.run_until_raised(MINUTE) == "unapplied"


@pytest.mark.rule("D-1.3-U5")
def test_an_unacknowledged_transfer_is_raised_within_a_minute_of_its_norm() -> None:
    watch, wire = Watch(), Wire(NOON)
    tell(watch.uow, *wire.dispatched())
    watch.clock.advance(timedelta(minutes=3))
    assert watch.run_until_raised(MINUTE) == "unacknowledged"


def test_a_finding_opens_once_and_clears_when_it_is_put_right() -> None:
    watch, wire = Watch(), Wire(NOON)
    tell(watch.uow, wire.registered())
    watch.run_until_raised(MINUTE)
    watch.clock.advance(PERIOD)
    again = watch.run()
    assert again is not None
    assert (len(again.findings), again.opened) == (1, ())
    tell(watch.uow, wire.classified("consultation", priority=None))
    watch.clock.advance(PERIOD)
    cleared = watch.run()
    assert cleared is not None
    assert [finding.code for finding in cleared.cleared] == ["unclassified"]
    assert watch.uow.kept.cleared[0][1] == watch.clock.now()
    assert show_audit(watch.uow).findings == ()


def test_each_run_is_told_as_the_contract_says_also_when_all_is_well() -> None:
    watch = Watch()
    watch.run()
    tell(watch.uow, Wire(NOON).registered())
    watch.run_until_raised(MINUTE)
    told = [event.data for event in watch.uow.emitted if event.type == "audit.completed"]
    for data in told:
        contracts.check("journal", "audit.completed", data)
    assert told[0]["findings"] == []
    assert told[-1]["findings"][0]["code"] == "unclassified"


def test_a_storm_of_findings_is_told_in_one_message_of_bearable_size() -> None:
    watch = Watch()
    watch.world.sees = Surroundings({}, {f"service-{number}": 1 for number in range(MOST_TOLD + 7)})
    run = watch.run()
    assert run is not None
    assert len(run.findings) == MOST_TOLD + 7
    told = watch.uow.emitted[-1].data["findings"]
    assert len(told) == MOST_TOLD + 1
    assert (told[-1]["code"], told[-1]["detail"]) == ("more_findings", "7 more")


def test_a_peer_that_stays_silent_keeps_the_moment_it_fell_silent() -> None:
    watch = Watch()
    watch.world.sees = Surroundings({"notify": Silence(NOON)}, {})
    watch.clock.advance(timedelta(seconds=40))
    watch.run()
    (kept,) = show_audit(watch.uow).findings
    assert (kept.finding.code, kept.finding.since) == ("peer_silent", NOON)
    assert kept.opened_at == watch.clock.now()


def test_two_replicas_do_not_both_run() -> None:
    watch = Watch()
    assert watch.run() is not None
    assert watch.run() is None
    watch.clock.advance(PERIOD / 2)
    assert watch.run() is not None
    assert show_audit(watch.uow).ran_at == watch.clock.now()


def test_a_call_that_nobody_returned_is_raised_until_it_is_settled() -> None:
    watch = Watch()
    wire = Wire(NOON)
    missed = wire.event("intake", "call.missed", "at", "rang_at", due_at=10 * MINUTE)
    tell(watch.uow, missed)
    watch.clock.advance(9 * MINUTE)
    run = watch.run()
    assert run is not None
    assert "call_not_returned" not in {finding.code for finding in run.findings}
    watch.clock.advance(2 * MINUTE)
    run = watch.run()
    assert run is not None
    assert ("call_not_returned", wire.request_id) in {(f.code, f.subject) for f in run.opened}
    tell(watch.uow, wire.event("intake", "call.settled", "at"))
    watch.clock.advance(MINUTE)
    run = watch.run()
    assert run is not None
    assert [finding.code for finding in run.cleared] == ["call_not_returned"]


@pytest.mark.rule("6.7")
def test_an_unanswered_call_about_gas_is_raised_at_once() -> None:
    watch = Watch()
    tell(
        watch.uow, Wire(NOON).event("intake", "call.missed", "at", "rang_at", due_at=10 * MINUTE, alarm="gas")
    )
    assert watch.run_until_raised(MINUTE) == "call_not_returned"
