// What a work order may become, and how it looks with the steps that still wait to be sent. No effects here.
// The table of moves is the service's own (rules.json): there is one state machine, not two.

/** The stages a crew may report next, as the service would answer. */
export function mayBecome(order, rules) {
  return rules.moves[order.stage].filter((stage) => reachable(order, stage, rules));
}

function reachable(order, stage, rules) {
  if (stage === "withdrawn") return false; // the dispatcher's
  if (stage === "working") return order.reached.includes("arrived");
  if (stage === "completed" && order.category === rules.emergency) return order.reached.includes("localised");
  return true;
}

/** The order as its crew sees it: what the service knows, then every step that waits, in order.
 *
 * Behind a refused step nothing is taken for done: the truth is shown, with what was refused. */
export function projected(order, commands, rules) {
  const own = commands.filter((one) => one.subject === order.assignment_id);
  const [refused = null] = own.filter((one) => one.state === "refused");
  const waiting = own.filter((one) => one.state === "waiting" && one.verb in rules.verbs);
  const ahead = refused ? [] : waiting;
  const shown = ahead.reduce((seen, one) => moved(seen, rules.verbs[one.verb], one.body.at), order);
  return { ...shown, refused, waiting, true_stage: order.stage, may_become: mayBecome(shown, rules) };
}

export function moved(order, stage, at) {
  return { ...order, stage, stage_at: at, reached: [...new Set([...order.reached, stage])] };
}

/** The one step that comes next, as a verb; null when there is none. */
export function nextVerb(order, rules) {
  const next = rules.forward.find((stage) => order.may_become.includes(stage));
  return next ? verbOf(next, rules) : null;
}

export function verbOf(stage, rules) {
  return Object.keys(rules.verbs).find((verb) => rules.verbs[verb] === stage);
}

export const isFinal = (order, rules) => rules.moves[order.stage].length === 0;
export const isActive = (order, rules) => !isFinal(order, rules) && order.stage !== "offered";

/** Readings outside the limits that this dispatch service has set. */
export function unsafe(readings, rules) {
  return readings.filter((reading) => rules.air_limits.some((limit) => outside(reading, limit)));
}

function outside(reading, limit) {
  if (limit.kind !== reading.kind || limit.unit !== reading.unit) return false;
  const above = limit.highest !== null && reading.value > limit.highest;
  const below = limit.lowest !== null && reading.value < limit.lowest;
  return above || below;
}

/** Whether one of the readings counts as the gas check of the safety gate. */
export function checksGas(readings, rules) {
  return readings.some((reading) =>
    rules.air_limits.some((limit) =>
      limit.highest !== null && limit.kind === reading.kind && limit.unit === reading.unit));
}
