// What the service knows, brought to the device: everything that changed after a cursor.

import * as db from "./db.js";
import * as duty from "./duty.js";
import { newer } from "./merge.js";
import * as session from "./session.js";

const KEEP_ENDED_MS = 3 * 86400000;
const STORES = ["orders", "messages", "signals", "records", "documents", "commands", "facts"];

/** Take in everything that changed. `up`, `down` (no network) or `login`. */
export async function pull(language) {
  for (;;) {
    const who = await session.current();
    if (!who || who.ended) return "login";
    const cursor = await db.fact(place(who.crew.id));
    const query = cursor === undefined ? "" : `?after=${cursor}`;
    const answer = await session.authorised("GET", `/v1/sync${query}`, { language });
    if (answer.status === 401 || answer.status === 403) return "login";
    if (answer.status !== 200 || !answer.body) return "down";
    await take(answer.body, who.crew.id);
    if (answer.body.shift) await session.noteShift(answer.body.shift);
    await duty.refresh(who.crew.id, Boolean(answer.body.shift));
    if (!answer.body.more) return "up";
  }
}

const place = (crew) => `${db.PLACE} ${crew}`;

/** Changes and the cursor move together, so that no change is passed over by a crash. */
async function take(changes, crew) {
  await db.change(STORES, async ({ orders, messages, signals, records, documents, commands, facts }) => {
    if (changes.whole) {
      await forgetOthers(changes.assignments, crew, orders, commands);
      await dropOrphans(orders, [records, documents]);
    }
    for (const heard of changes.assignments) {
      orders.put(newer(await db.done(orders.get(heard.assignment_id)), heard));
    }
    for (const message of changes.messages) messages.put({ ...message, crew });
    for (const signal of changes.signals) signals.put({ ...signal, crew });
    for (const record of changes.records) records.put({ ...record, crew });
    for (const document of changes.documents) documents.put({ ...document, crew });
    facts.put(changes.cursor, place(crew));
  });
}

/** Orders that the service no longer names are over; those with something to send stay until that is answered. */
async function forgetOthers(named, crew, orders, commands) {
  const staying = new Set(named.map((order) => order.assignment_id));
  for (const command of await db.done(commands.getAll())) staying.add(command.subject).add(command.after);
  for (const order of await db.done(orders.getAll())) {
    if (order.crew_id === crew && !staying.has(order.assignment_id)) orders.delete(order.assignment_id);
  }
}

/** What was written down on orders that are no longer here goes with them. */
async function dropOrphans(orders, stores) {
  const here = new Set(await db.done(orders.getAllKeys()));
  for (const store of stores) {
    for (const one of await db.done(store.getAll())) if (!here.has(one.assignment_id)) store.delete(one.id);
  }
}

/** Drop what ended days ago and waits for nothing. */
export async function tidy(rules) {
  const before = new Date(Date.now() - KEEP_ENDED_MS).toISOString();
  await db.change(["orders", "commands", "messages", "signals", "photos", "records", "documents"], async (stores) => {
    const { orders, commands, messages, signals, photos, records, documents } = stores;
    const unsent = (await db.done(photos.getAll())).filter((one) => one.state === "waiting");
    const unanswered = (await db.done(commands.getAll())).flatMap((one) => [one.subject, one.after]);
    const waiting = new Set([...unanswered, ...unsent.map((one) => one.assignment_id)]);
    for (const order of await db.done(orders.getAll())) {
      const over = rules.moves[order.stage].length === 0 && order.stage_at < before;
      if (over && !waiting.has(order.assignment_id)) orders.delete(order.assignment_id);
    }
    await dropOrphans(orders, [records, documents]);
    for (const photo of await db.done(photos.getAll())) {
      if (photo.state !== "waiting" && photo.taken_at < before) photos.delete(photo.id);
    }
    for (const store of [messages, signals]) {
      for (const one of await db.done(store.getAll())) if (one.at < before) store.delete(one.id);
    }
  });
}
