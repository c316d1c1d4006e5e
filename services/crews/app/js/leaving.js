// May the crew be called off its site? What runs there, and what it said; as the service works it out. No effects
// here. The table of what keeps a crew is the service's own (rules.json).

/** The dangerous steps that run at an order as its crew found it, but for those it has called safe. */
export function holds(order, rules) {
  const said = order.said?.made_safe ?? [];
  return rules.leaving.guards.filter((guard) => runs(guard, order)).map((guard) => guard.hold).filter((hold) => !said.includes(hold));
}

function runs({ stages, places, systems, hazards, any_hazard }, order) {
  if (!stages.includes(order.stage)) return false;
  const some = (known, given) => given.some((one) => known.includes(one));
  return some(places, order.places) || some(systems, order.systems) || some(hazards, order.hazards)
    || (any_hazard && order.hazards.length > 0);
}

export const isOnSite = (order, rules) => rules.leaving.on_site.includes(order.stage);

/** Whether an emergency may be offered to the crew: nothing runs, and it has not said that it cannot leave. */
export const mayLeave = (order, rules) => order.said?.can !== false && holds(order, rules).length === 0;

/** The work that the crew would leave for another order; none if it is not at work. */
export const leavesFor = (shown, orders, rules) =>
  orders.find((one) => one.assignment_id !== shown.assignment_id && isOnSite(one, rules)) ?? null;

/** What the crew said last of leaving, with the steps that it made safe; null if nothing. What it called safe is
 * not so any more once work is begun anew. */
export function lastSaid({ assignment_id, notes = [], steps = [] }, commands) {
  const own = commands.filter((one) => one.subject === assignment_id && one.state === "waiting");
  const coming = own.findLast((one) => one.verb === "leave");
  const told = notes.findLast((one) => one.command === "leave" && one.refused === null);
  const last = coming?.body ?? told?.entered;
  if (!last) return null;
  const isStale = coming ? begins(own, coming.id) : begins(own, 0) || begunSince(steps, told.recorded_at);
  return { can: last.can, made_safe: last.can && !isStale ? last.made_safe ?? [] : [], waiting: Boolean(coming) };
}

const begins = (commands, after) => commands.some((one) => one.verb === "start" && one.id > after);

function begunSince(steps, said) {
  const begun = steps.findLast((one) => one.stage === "working");
  return Boolean(begun) && Date.parse(said) <= Date.parse(begun.recorded_at ?? begun.at);
}
