"""The table of official states: design §5, and nothing beside it."""

import re

import pytest

from services.journal.domain.states import FINISHED, MOVES, WORK_CHAIN, State, check_move
from services.journal.errors import ForbiddenMove
from shared.config import ROOT


def test_the_design_s_main_line_is_possible() -> None:
    line = ["draft", "registered", "classified", *WORK_CHAIN, "closed"]
    previous: State | None = None
    for name in line:
        check_move(previous, State(name))
        previous = State(name)


def test_every_state_is_in_the_table_and_reachable() -> None:
    assert set(MOVES) == {None, *State}
    assert {to for targets in MOVES.values() for to in targets} == set(State)


@pytest.mark.parametrize("present", [None, *State])
def test_what_the_table_does_not_have_raises(present: State | None) -> None:
    for wanted in set(State) - MOVES[present]:
        with pytest.raises(ForbiddenMove) as refused:
            check_move(present, wanted)
        assert refused.value.details == {"state": present or "new", "wanted": wanted}


def test_only_a_mistaken_consultation_leaves_a_finished_state() -> None:
    assert {state: set(MOVES[state]) for state in FINISHED} == {
        State.CLOSED: {State.CLASSIFIED, State.RETURNED},
        State.CANCELLED: set(),
        State.REJECTED: set(),
    }


def test_the_diagram_in_the_readme_is_the_table() -> None:
    text = (ROOT / "services" / "journal" / "README.md").read_text(encoding="utf-8")
    drawn = set(re.findall(r"^    (\S+) --> (\S+)$", text, flags=re.MULTILINE))
    assert drawn == {(before or "[*]", to) for before, targets in MOVES.items() for to in targets}
