"""Events in, words out: what each event becomes, and what a person reads of it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from babel.messages.pofile import read_po
from marshmallow import ValidationError

from services.journal import errors
from services.journal.domain.audit import Allowances
from services.journal.domain.facts import Kind
from services.journal.domain.norms import ClockName, Standing
from services.journal.domain.states import State
from services.journal.errors import BadCursor, BadNorms
from services.journal.schemas.events import entry
from services.journal.schemas.http import TimelineShape, row_of
from services.journal.schemas.norms import read_norms
from services.journal.schemas.timeline import SHOWN, Reader
from services.journal.usecases.deadlines import escalate
from services.journal.usecases.lives import show_timeline
from services.journal.wiring import allowances, norm_book
from shared.clock import FixedClock
from shared.config import ROOT, Misconfigured, Settings
from shared.i18n import LANGUAGES, Catalog
from shared.topology import Subscription, subscriptions
from tests.support import contracts
from tests.support.fakes import NOON
from tests.unit.journal.events import Wire
from tests.unit.journal.fakes import FakeUnitOfWork
from tests.unit.journal.test_lives import tell

HOME = ROOT / "services" / "journal"
CATALOG = Catalog(HOME / "locale")
BOOK = norm_book(Settings.load("journal", {}))
READ = [subscription for subscription in subscriptions() if subscription.reader == "journal"]
PERSONAL = {"text", "address", "lat", "lon", "contact_ref", "note"}
STAGES = contracts.schema("crews", "assignment.progressed")["properties"]["stage"]["enum"]
MESSAGES = contracts.schema("notify", "message.progressed")["properties"]["state"]["enum"]


def named(subscription: Subscription) -> str:
    return f"{subscription.source}.{subscription.type}"


@pytest.mark.parametrize("read", READ, ids=named)
def test_every_event_that_the_journal_reads_becomes_an_entry(read: Subscription) -> None:
    event = contracts.event(read.source, read.type)
    line = entry(event)
    assert (line.id, line.request_id) == (event.id, event.data["request_id"])
    assert line.occurred_at.tzinfo is not None
    assert line.data == event.data
    assert line.actor


@pytest.mark.parametrize("read", READ, ids=named)
def test_unknown_fields_are_no_obstacle_and_missing_ones_are_refused(read: Subscription) -> None:
    event = contracts.event(read.source, read.type)
    event.data["new_field"] = 1  # type: ignore[index]
    assert entry(event).id == event.id
    del event.data["request_id"]  # type: ignore[attr-defined]
    with pytest.raises(ValidationError):
        entry(event)


@pytest.mark.rule("6.11")
@pytest.mark.parametrize("read", READ, ids=named)
def test_a_timeline_shows_of_an_event_all_but_what_is_personal(read: Subscription) -> None:
    fields = set(contracts.example(read.source, read.type))
    assert fields - SHOWN <= PERSONAL
    assert not SHOWN & PERSONAL


def test_every_stage_is_a_fact_or_on_purpose_none() -> None:
    kinds = {stage: entry(Wire(NOON).stage(stage)).fact for stage in STAGES}
    assert {stage for stage, fact in kinds.items() if fact is None} == {"departed", "suspended"}
    assert {fact.kind for fact in kinds.values() if fact} <= set(Kind)


def shown(language: str, *events: Any, until: timedelta = timedelta()) -> dict[str, Any]:
    clock = FixedClock(NOON)
    uow = tell(FakeUnitOfWork(clock), *events, norms=BOOK)
    clock.advance(until)
    escalate(uow)
    reader = Reader(CATALOG, BOOK, language)
    whole = reader.timeline(show_timeline(uow, events[0].data["request_id"], BOOK))
    return dict(TimelineShape().dump(whole))


@pytest.mark.rule("6.12")
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_has_words_in_the_reader_s_language(language: str) -> None:
    wire = Wire(NOON)
    example = [contracts.event(read.source, read.type, request_id=wire.request_id) for read in READ]
    stages = [wire.stage(stage) for stage in STAGES]
    messages = [wire.event("notify", "message.progressed", "at", state=state) for state in MESSAGES]
    lines = shown(language, *example, *stages, *messages, until=timedelta(days=30))["entries"]
    for line in lines:
        assert not line["text"].startswith(("timeline.", "move.")), line["what"]
        assert "{" not in line["text"]


def test_a_life_reads_as_a_story_in_local_time() -> None:
    whole = shown("ru", *Wire(NOON).life())
    texts = [line["text"] for line in whole["entries"]]
    assert texts[0] == "Заявка № 1042 зарегистрирована, канал: SMS"
    assert texts[1] == "Определена срочность: аварийная, приоритет P1, водоснабжение"
    assert "подтвердить до 24.11 17:03" in texts[2]
    assert texts[-2:] == ["Работа окончена: устранено", "«закрыта» – по правилам журнала"]
    assert [line["state"] for line in whole["entries"] if line["state"]] == [
        "registered",
        "classified",
        "transferred",
        "acknowledged",
        "in_work",
        "localised",
        "done",
        "closed",
    ]


@pytest.mark.rule("6.11")
def test_what_the_resident_wrote_is_not_on_the_timeline() -> None:
    text = str(shown("ru", *Wire(NOON).life()))
    example = contracts.example("intake", "request.registered")
    assert example["text"] not in text
    assert example["address"]["text"] not in text
    assert example["contact_ref"] not in text


def test_what_happened_at_one_moment_reads_in_its_natural_order() -> None:
    wire = Wire(NOON)
    later = [wire.made(), wire.transferred(), wire.classified(), wire.registered()]
    moment = {"registered_at", "decided_at", "transferred_at", "offered_at"}
    for event in later:
        event.data.update({name: NOON.isoformat() for name in moment & event.data.keys()})  # type: ignore[attr-defined]
    kinds = [line["type"] for line in shown("ru", *later)["entries"]]
    assert kinds == [event.type for event in reversed(later)]


def test_an_override_is_told_in_words() -> None:
    wire = Wire(NOON)
    events = wire.dispatched()
    override = wire.event("routing", "request.urgency_overridden", "at")
    lines = shown("ru", *events, override)["entries"]
    assert lines[-1]["text"] == "Диспетчер изменил срочность: неотложная → аварийная, приоритет P1"


def test_an_implied_move_stands_before_what_implies_it() -> None:
    wire = Wire(NOON)
    lines = shown("ru", *wire.dispatched(), wire.stage("accepted"), wire.stage("localised"))["entries"]
    implied, stated = lines[-2:]
    assert (implied["state"], implied["origin"], implied["actor"]) == ("in_work", "implied", "journal")
    assert implied["text"].startswith("«в работе»")
    assert (stated["state"], stated["origin"], stated["applied"]) == ("localised", "reported", True)
    assert implied["type"] == "request.state_changed"


def test_a_line_that_does_not_fit_says_so() -> None:
    wire = Wire(NOON)
    lines = shown("ru", wire.registered(), wire.stage("working"))["entries"]
    assert [line["applied"] for line in lines] == [True, False]


@pytest.mark.rule("6.9")
@pytest.mark.parametrize(
    ("language", "words"), [("ru", "не является нормой права"), ("kk", "құқық нормасы емес")]
)
def test_a_default_norm_is_never_shown_as_law(language: str, words: str) -> None:
    clocks = {clock["clock"]: clock for clock in shown(language, *Wire(NOON).dispatched())["clocks"]}
    assert set(clocks) == {"acknowledge", "arrive", "localise", "complete"}
    for name in ("arrive", "localise", "complete"):
        assert clocks[name]["is_law"] is False
        assert words in clocks[name]["legal"]


def test_all_shipped_norms_are_defaults_with_a_reference_in_both_languages() -> None:
    assert len(BOOK.norms) == len({norm.id for norm in BOOK.norms})
    for norm in BOOK.norms:
        assert norm.standing is Standing.DEFAULT
        assert set(norm.legal) == set(LANGUAGES)
    assert {norm.clock for norm in BOOK.norms} == set(ClockName) - {ClockName.ACKNOWLEDGE}


def test_norms_name_faults_that_triage_knows() -> None:
    catalogue = yaml.safe_load((ROOT / "services/triage/data/catalogue.yml").read_text(encoding="utf-8"))
    known = {fault["id"] for fault in catalogue["faults"]}
    assert {fault for norm in BOOK.norms for fault in norm.faults} <= known


@pytest.mark.parametrize(
    "change",
    [
        {"limit": "soon"},
        {"limit": "0m"},
        {"clock": "sing"},
        {"start": "whenever"},
        {"status": "holy"},
        {"hours": {"opens": "23:00", "closes": "08:00"}},
        {"legal": {"ru": "-"}},
        {"valid_from": "yesterday"},
        {"colour": "red"},
    ],
)
def test_a_mistake_in_the_norm_file_is_named(change: dict[str, Any], tmp_path: Path) -> None:
    table = yaml.safe_load((HOME / "data" / "norms.yml").read_text(encoding="utf-8"))
    table["norms"][0] |= change
    path = tmp_path / "norms.yml"
    path.write_text(yaml.safe_dump(table, allow_unicode=True), encoding="utf-8")
    with pytest.raises(BadNorms):
        read_norms(path)


def test_a_missing_norm_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadNorms, match=r"none\.yml"):
        read_norms(tmp_path / "none.yml")


@pytest.mark.parametrize(
    "environment",
    [
        {"AVARIYKA_JOURNAL_ZONE": "Asia/Nowhere"},
        {"AVARIYKA_JOURNAL_APPROACHING": "1.5"},
        {"AVARIYKA_JOURNAL_APPROACHING": "-1"},
        {"AVARIYKA_JOURNAL_ALLOW_OUTBOX_S": "soon"},
    ],
)
def test_a_meaningless_setting_is_named(environment: dict[str, str]) -> None:
    settings = Settings.load("journal", environment)

    def build() -> None:
        norm_book(settings)
        allowances(settings)

    with pytest.raises(Misconfigured):
        build()


def test_catalogues_say_the_same_in_both_languages_and_know_every_error() -> None:
    texts = {}
    for language in LANGUAGES:
        with (HOME / "locale" / language / "LC_MESSAGES" / "messages.po").open("rb") as source:
            texts[language] = {message.id: message.string for message in read_po(source) if message.id}
    assert texts["ru"].keys() == texts["kk"].keys()
    assert all(text for catalogue in texts.values() for text in catalogue.values())
    own = {*errors.JournalError.__subclasses__(), *errors.ForbiddenMove.__subclasses__()}
    codes = {error.code for error in own}
    assert {f"error.{code}" for code in codes} <= texts["ru"].keys()
    assert {f"word.state.{state}" for state in State} <= texts["ru"].keys()


@pytest.mark.parametrize("cursor", ["", "-1", "1.5", "²", "x", "9" * 30])
def test_a_cursor_that_is_none_of_ours_is_refused(cursor: str) -> None:
    with pytest.raises(BadCursor):
        row_of(cursor)
    assert (row_of(None), row_of("17")) == (None, 17)


def test_the_readme_names_every_error_and_every_finding() -> None:
    text = (HOME / "README.md").read_text(encoding="utf-8")
    own = {*errors.JournalError.__subclasses__(), *errors.ForbiddenMove.__subclasses__()}
    with (HOME / "locale" / "ru" / "LC_MESSAGES" / "messages.po").open("rb") as source:
        ids = [str(message.id) for message in read_po(source)]
    findings = {name.removeprefix("word.finding.") for name in ids if name.startswith("word.finding.")}
    assert [code for code in {*findings, *(error.code for error in own)} if f"`{code}`" not in text] == []


@pytest.mark.rule("D-1.1-U2")
def test_a_late_entry_is_told_as_such() -> None:
    late = {"paper_number": "17/3", "entered_at": NOON.isoformat()}
    registered = contracts.event("intake", "request.registered", late_entry=late)
    fact = entry(registered).fact
    assert fact is not None
    assert fact.late
    plain = entry(contracts.event("intake", "request.registered")).fact
    assert plain is not None
    assert not plain.late


def test_the_configuration_that_ships_names_every_allowance() -> None:
    assert allowances(Settings.load("journal", {})) == Allowances()
