"""Ports: nobody who picks side by side is given the same one."""

import subprocess
import sys

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
