"""The parts of the crews' app without effects, run in the browser that serves them: questions and answers."""

from dataclasses import replace
from itertools import combinations, product
from typing import Any

from services.crews.domain.gate import Before, Gate, Site
from services.crews.domain.leaving import Scene, unsafe
from services.crews.domain.orders import Stage, WorkOrder
from services.crews.domain.safety import CONFINED_PLACES, GATED_HAZARDS
from tests.unit.crews.examples import CARD

_FOLDER = "const folder = new URL('..', document.querySelector('script').src).href;"
MAY_BECOME = (
    "async (orders) => {"
    + _FOLDER
    + """
    const { mayBecome } = await import(`${folder}js/stages.js`);
    const rules = await (await fetch(`${folder}rules.json`)).json();
    return orders.map((order) => mayBecome(order, rules));
}"""
)

ASKED = (
    "async (orders) => {"
    + _FOLDER
    + """
    const { asked } = await import(`${folder}js/gate.js`);
    const rules = await (await fetch(`${folder}rules.json`)).json();
    const names = (order, before) => asked(order, before, rules).map((item) => item.id);
    return orders.map((order) => [names(order, "working"), names(order, "localised")]);
}"""
)

HOLDS = (
    "async (orders) => {"
    + _FOLDER
    + """
    const { holds } = await import(`${folder}js/leaving.js`);
    const rules = await (await fetch(`${folder}rules.json`)).json();
    return orders.map((order) => holds(order, rules));
}"""
)


def every_stay() -> tuple[list[dict[str, Any]], list[list[str]]]:
    """Every stage of every kind of work, and what keeps a crew there by the service's own rules."""
    hazards: list[tuple[str, ...]] = [(), ("gas",), ("electric_shock",), ("health",), ("gas", "hot_water")]
    kinds = list(product(Stage, ["well", "flat"], ["water", "gas", "power"], hazards))
    shown: list[dict[str, Any]] = [
        {"stage": stage.value, "places": [place], "systems": [system], "hazards": list(given)}
        for stage, place, system, given in kinds
    ]
    scenes = [
        Scene(
            replace(WorkOrder.offered(CARD), stage=stage),
            Site(frozenset({place}), frozenset(given)),
            frozenset({system}),
        )
        for stage, place, system, given in kinds
    ]
    return shown, [[hold.value for hold in unsafe(scene, ())] for scene in scenes]


def every_site(gate: Gate) -> tuple[list[dict[str, Any]], list[list[list[str]]]]:
    """Every place with up to two hazards, and what the gate asks there before work and before all is well."""
    hazards = [(), *combinations(sorted(GATED_HAZARDS), 1), *combinations(sorted(GATED_HAZARDS), 2)]
    sites = list(product([*sorted(CONFINED_PLACES), "flat"], hazards))
    shown: list[dict[str, Any]] = [{"place": place, "hazards": list(given)} for place, given in sites]
    items = [gate.book.items_for(Site(frozenset({place}), frozenset(given))) for place, given in sites]
    asked = [
        [
            [item.id for item in found if item.before is before]
            for before in (Before.WORKING, Before.LOCALISED)
        ]
        for found in items
    ]
    return shown, asked


def every_order() -> tuple[list[dict[str, Any]], list[list[str]]]:
    """Every state that an order can be in, and what may come next, by the service's own rules."""
    begun = [WorkOrder.offered(replace(CARD, category=category)) for category in ("emergency", "planned")]
    known = {(order.card.category, order.stage, order.reached): order for order in begun}
    for order in begun:  # grows while it is walked
        for stage in order.may_become:
            moved = replace(order, stage=stage, reached=order.reached | {stage})
            key = (moved.card.category, moved.stage, moved.reached)
            if key not in known:
                known[key] = moved
                begun.append(moved)
    shown = [
        {"stage": one.stage.value, "category": one.card.category, "reached": sorted(one.reached)}
        for one in begun
    ]
    return shown, [[stage.value for stage in one.may_become] for one in begun]


MERGES: dict[str, tuple[str, Any]] = {
    "an older page changes nothing": (
        "newer({change: 5, stage: 'arrived'}, {change: 4, stage: 'departed'}).stage",
        "arrived",
    ),
    "a page without history keeps the history": (
        "newer({change: 4, steps: [1]}, {change: 5}).steps",
        [1],
    ),
    "a receipt moves the order on": (
        "receipted(order, {stage: 'departed', stage_at: 'T', change: 3}, {body: {}}).stage",
        "departed",
    ),
    "a receipt that comes late changes nothing": (
        "receipted(order, {stage: 'departed', stage_at: 'T', change: 1}, {body: {}}).stage",
        "accepted",
    ),
    "what was done": ("verdict({status: 200, body: {stage: 'accepted'}})", "done"),
    "a page of somebody's Wi-Fi is no answer": ("verdict({status: 200, body: null})", "later"),
    "no network": ("verdict({status: 0, body: null})", "later"),
    "a proxy's error page": ("verdict({status: 404, body: null})", "later"),
    "the service is ill": ("verdict({status: 500, body: {code: 'internal'}})", "later"),
    "too many calls": ("verdict({status: 429, body: {code: 'too_many_attempts'}})", "later"),
    "the twin is on its way": ("verdict({status: 409, body: {code: 'command_still_running'}})", "later"),
    "the session has ended": ("verdict({status: 401, body: {code: 'session_ended'}})", "login"),
    "the service says no": ("verdict({status: 409, body: {code: 'move_not_allowed'}})", "refused"),
    "in the order of entry": ("firstToSend([w(1, 'a'), w(2, 'a')]).id", 1),
    "nothing behind a refusal of its order": ("firstToSend([r(1, 'a'), w(2, 'a'), w(3, 'b')]).id", 3),
    "a document waits for the pictures of its order": (
        "firstToSend([{ ...w(1, 'paper'), after: 'a' }, w(2, 'b')], new Set(['a'])).id",
        2,
    ),
    "a document waits for what was refused of its order": (
        "firstToSend([r(1, 'a'), { ...w(2, 'paper'), after: 'a' }])",
        None,
    ),
    "a call for help before all": ("firstToSend([w(1, 'a'), { ...w(2, 's'), urgent: true }]).id", 2),
    "an answer that speaks of no stage": (
        "receipted(order, {id: 'x', at: 'T'}, {body: {}}).stage",
        "accepted",
    ),
    "nothing at all": ("firstToSend([r(1, 'a'), w(2, 'a')])", None),
    "another phone was there first": (
        "overtaken({code: 'move_not_allowed'}, {reached: ['accepted', 'departed']}, 'departed')",
        True,
    ),
    "withdrawn is not overtaken": (
        "overtaken({code: 'assignment_withdrawn'}, {reached: ['departed']}, 'departed')",
        False,
    ),
}


def merging() -> str:
    """Code that gives the value of every expression of ``MERGES`` by its name."""
    values = ",".join(f"{name!r}: {expression}" for name, (expression, _) in MERGES.items())
    return (
        "async () => {"
        + _FOLDER
        + """
        const { newer, receipted, verdict, firstToSend, overtaken } = await import(`${folder}js/merge.js`);
        const order = { stage: "accepted", change: 2, reached: ["offered", "accepted"] };
        const of = (state) => (id, subject) => ({ id, subject, state });
        const [w, r] = [of("waiting"), of("refused")];
        return {"""
        + values
        + "}; }"
    )
