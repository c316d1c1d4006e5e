// How what arrives meets what is kept. No effects here.

/** The later of two versions of an order; the history of steps is kept when a page comes without it. */
export function newer(kept, heard) {
  if (kept && kept.change > heard.change) return kept;
  return { ...heard, steps: heard.steps ?? kept?.steps ?? [] };
}

/** The order after the service's receipt for a command; a receipt older than what is kept changes nothing,
 * nor does one that speaks of no stage. */
export function receipted(order, receipt, command) {
  if (!receipt.stage) return order;
  const steps = [...(order.steps ?? []), told(receipt, command)];
  if (order.change >= receipt.change) return { ...order, steps };
  const reached = [...new Set([...order.reached, receipt.stage])];
  return { ...order, steps, reached, stage: receipt.stage, stage_at: receipt.stage_at, change: receipt.change };
}

function told(receipt, command) {
  const { at, reason = null, note = null, result = null, readings = [], safety = null } = command.body;
  return { stage: receipt.stage, by: "", at: receipt.stage_at, device_at: at, reason, note, result, readings, safety };
}

/** What an answer means for a waiting command: `done`, `later`, `login` or `refused`.
 *
 * Only a JSON answer of the service itself settles anything: a hotel's login page answers 200 too. */
export function verdict(answer) {
  if (answer.status === 401 || answer.status === 403) return "login";
  if (answer.status >= 200 && answer.status < 300) return answer.body ? "done" : "later";
  if (!answer.body?.code) return "later";
  if (answer.status >= 500 || answer.status === 429 || answer.status === 408) return "later";
  if (answer.body.code === "command_still_running") return "later";
  return "refused";
}

/** The first command that may be sent now: a call for help before all, then the order of entry, and nothing
 * behind a refused one of its subject. A document comes `after` its order: behind what was refused of that, and
 * behind its pictures (`uploading` orders), for all of it belongs in the document. */
export function firstToSend(commands, uploading = new Set()) {
  const blocked = new Set(commands.filter((one) => one.state === "refused").map((one) => one.subject));
  const isHeld = ({ subject, after }) => blocked.has(subject) || blocked.has(after) || uploading.has(after);
  const ready = commands.filter((one) => one.state === "waiting" && !isHeld(one));
  return ready.find((one) => one.urgent) ?? ready[0] ?? null;
}

/** Whether the service is already past the stage that a refused command asked for. */
export function overtaken(problem, order, stage) {
  return problem.code === "move_not_allowed" && order !== null && order.reached.includes(stage);
}
