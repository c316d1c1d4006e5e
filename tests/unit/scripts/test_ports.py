"""Loopback: nobody who picks a port side by side is given the same one; no proxy is in between."""

import subprocess
import sys

import pytest

from scripts import ports
from shared.config import ROOT

_NEIGHBOUR = """
from scripts import ports
print(ports.assign({"mine": None}, {"mine": %d})["mine"])
"""


def test_a_port_that_was_picked_is_given_to_no_neighbour_though_nobody_listens_yet() -> None:
    ours = ports.pick(set())
    program = [sys.executable, "-c", _NEIGHBOUR % ours]
    theirs = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert int(theirs) != ours
    assert ports.assign({"mine": None}, {"mine": ours}) == {"mine": ours}, "a restart keeps its port"


@pytest.mark.parametrize(
    ("said", "is_now"),
    [
        ("", "127.0.0.1,localhost"),
        ("intranet", "intranet,127.0.0.1,localhost"),
        ("127.0.0.1", "127.0.0.1"),
        ("*", "*"),
    ],
)
def test_this_machine_is_asked_without_a_proxy(said: str, is_now: str) -> None:
    environment = {"HTTP_PROXY": "http://proxy:3128", "no_proxy": said}
    ports.go_direct(environment)
    assert environment["no_proxy"] == is_now
