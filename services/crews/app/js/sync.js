// What the service knows, brought to the device: pages of changed orders after a cursor.

import * as db from "./db.js";
import { newer } from "./merge.js";
import * as session from "./session.js";

const KEEP_ENDED_MS = 3 * 86400000;

/** Take in everything that changed. `up`, `down` (no network) or `login`. */
export async function pull(language) {
  for (;;) {
    const who = await session.current();
    if (!who || who.ended) return "login";
    const cursor = await db.fact(`cursor ${who.crew.id}`);
    const query = cursor === undefined ? "" : `?after=${cursor}`;
    const answer = await session.authorised("GET", `/v1/assignments${query}`, { language });
    if (answer.status === 401 || answer.status === 403) return "login";
    if (answer.status !== 200 || !answer.body) return "down";
    await take(answer.body, who.crew.id);
    if (!answer.body.more) return "up";
  }
}

/** Orders and the cursor move together, so that no change is passed over by a crash. */
async function take(page, crew) {
  await db.change(["orders", "facts"], async ({ orders, facts }) => {
    for (const heard of page.assignments) {
      orders.put(newer(await db.done(orders.get(heard.assignment_id)), heard));
    }
    facts.put(page.cursor, `cursor ${crew}`);
  });
}

/** The order with its history, when there is network; the page shows what it has meanwhile. */
export async function refresh(id, language) {
  const answer = await session.authorised("GET", `/v1/assignments/${id}`, { language });
  if (answer.status !== 200 || !answer.body) return;
  await db.change(["orders"], async ({ orders }) => {
    orders.put(newer(await db.done(orders.get(id)), answer.body));
  });
}

/** Drop orders that ended days ago and wait for nothing. */
export async function tidy(rules) {
  const before = new Date(Date.now() - KEEP_ENDED_MS).toISOString();
  await db.change(["orders", "commands"], async ({ orders, commands }) => {
    const waiting = new Set((await db.done(commands.getAll())).map((one) => one.subject));
    for (const order of await db.done(orders.getAll())) {
      const over = rules.moves[order.stage].length === 0 && order.stage_at < before;
      if (over && !waiting.has(order.assignment_id)) orders.delete(order.assignment_id);
    }
  });
}
