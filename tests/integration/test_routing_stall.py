"""A plan is searched for while everybody else is answered: the hub is never held up."""

import json
import subprocess
import sys
from typing import Any

from shared.config import ROOT

# On a quiet machine the hub has some hundred turns while a search of a second goes on, at the tenth part of
# one a handful; without a thread it has none.
FEWEST_TURNS = 5
_PROGRAM = """
import eventlet
eventlet.monkey_patch()
import json, random, time
from datetime import timedelta
from services.routing.domain.crews import Position
from services.routing.domain.driving import RoadTravel, read_speeds
from services.routing.domain.picture import Picture, Waiting
from services.routing.domain.roads import Road, build_network
from services.routing.domain.travel import StraightLine
from services.routing.domain.words import Category
from services.routing.wiring import _data, search_aside
from tests.unit.routing import examples as e

dice, side, step = random.Random(1), 60, 0.002
at = lambda row, column: (43.20 + row * step, 76.85 + column * step)
streets = [Road("primary", tuple(at(row, column) for column in range(side))) for row in range(side)]
streets += [Road("primary", tuple(at(row, column) for row in range(side))) for column in range(side)]
speeds = read_speeds(_data("speeds.yml"))
travel = RoadTravel(build_network(streets), speeds, speeds.usual, StraightLine(25))
spot = lambda: at(dice.uniform(0, side - 1), dice.uniform(0, side - 1))
crews = [e.crew(f"c{n}", base=Position(*spot())) for n in range(100)]
line = []
for n in range(100):
    lat, lon = spot()
    job = e.job(request_id=e.uid(f"r{n}"), category=Category.URGENT, lat=lat, lon=lon)
    line.append(Waiting(job, e.NOW - timedelta(minutes=n), {}))
pauses, done = [], []

def tick():
    before = time.monotonic()
    while not done:
        eventlet.sleep(0.005)
        now = time.monotonic()
        pauses.append(now - before)
        before = now

eventlet.spawn(tick)
eventlet.sleep(0.05)
pauses.clear()
started = time.monotonic()
turns = search_aside(Picture(e.DISPATCH, e.NOW, crews, line, []), e.desk(travel=travel))
done.append(True)
print(json.dumps({"turns": len(turns), "took": time.monotonic() - started, "hub": len(pauses)}))
"""


def test_a_search_of_a_second_holds_nobody_up() -> None:
    run = [sys.executable, "-W", "ignore", "-c", _PROGRAM]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["turns"] == 100
    assert found["took"] > 0.9
    assert found["hub"] >= FEWEST_TURNS, found
