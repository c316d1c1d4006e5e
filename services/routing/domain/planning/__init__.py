"""The planner: which crew does what, in which order, so that norms are kept. Pure: arrays in, a plan out.

A caller makes a :class:`Situation` (open :class:`Task`, crews as :class:`Vehicle`, who may do what, travel
seconds) and asks:

- :func:`journeys`: the travel seconds, from any travel port (by road, or straight line without a map);
- :func:`standing`: the queues as they are, with times and their :class:`Worth`;
- :func:`options`: for one task, the best place with every crew that can take it, cheapest first, with what it
  does to the tasks the crew holds (:class:`Effect`) and the job in hand it would interrupt;
- :func:`insert`: the first of the options, taken; :func:`place`: any of them, taken;
- :func:`improve`: a plan that is no worse than the queues as they stand, within a number of rounds (and until
  ``spent`` says that time is up); every task that has a place gets one;
- :func:`follow`: the situation with the queues of a plan, for the next step.

What a plan is judged by, in this order (:class:`Worth`): emergencies that nobody reaches within their norm
(and once more, with age, for every two hours beyond it), urgent requests likewise, then lateness and waiting
(weighted by category, dearer with age) and travel together. In overload the graver puts the lesser out of a
queue that the shift is too short for. :class:`Rules` holds the prices. Nothing here knows the clock, the
database or who sends a crew: a plan is a proposal, the database decides whether it still holds.

The mask ``may`` comes from the refusal rules (``choice``). A pinned task stays where it is even against the
mask: somebody decided so. A crew that is silent, broken down or off shift is left out by the caller, its
tasks stay in and find other crews. A job in hand is the first, pinned task of its crew, ``reached`` once the
crew is there, with the rest of the work as ``takes`` (:func:`still_takes`); at a step that nothing may
interrupt ``interruptible`` is False. After an interruption the caller gives what is left of the job a new
``due_at`` and no longer says ``reached``. A crew on its way to an emergency is best pinned. An emergency that
nobody drives to yet is best put through :func:`insert` again from time to time: only that interrupts work in
hand when its crew is late.
"""

from services.routing.domain.planning.insertion import follow, insert, options, place, standing
from services.routing.domain.planning.journeys import journeys
from services.routing.domain.planning.model import (
    Effect,
    Option,
    Plan,
    Queue,
    Situation,
    Stop,
    Task,
    Vehicle,
    Why,
    Worth,
)
from services.routing.domain.planning.rules import DEFAULT, Rules, still_takes
from services.routing.domain.planning.search import improve

__all__ = [
    "DEFAULT",
    "Effect",
    "Option",
    "Plan",
    "Queue",
    "Rules",
    "Situation",
    "Stop",
    "Task",
    "Vehicle",
    "Why",
    "Worth",
    "follow",
    "improve",
    "insert",
    "journeys",
    "options",
    "place",
    "standing",
    "still_takes",
]
