// Commands on their way: kept first, sent in order, once in effect, never thrown away unanswered.

import * as db from "./db.js";
import * as duty from "./duty.js";
import { firstToSend, newer, overtaken, receipted, verdict } from "./merge.js";
import * as session from "./session.js";

const SET_ASIDE_DAYS = 7;
const ORDER = /^\/v1\/assignments\//;
let queued = null;

/** Keep a command; it is safe once this returns. `subject` names what it belongs to: an order, or the shift. */
export async function enqueue(crew, command) {
  return db.change(["commands"], ({ commands }) => db.done(commands.add(made(crew, command))));
}

function made(crew, { subject, after = null, verb, method = "POST", path, body, urgent = false }) {
  const at = new Date().toISOString();
  return { crew, subject, after, verb, method, path, body: { at, ...body }, urgent, key: uuid(), state: "waiting" };
}

export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

export async function of(crew) {
  return (await db.all("commands")).filter((one) => one.crew === crew);
}

/** Send what waits, until it is empty or the network ends; one sender at a time over all tabs. */
export function drain(rules, language) {
  queued ??= locked(() => {
    queued = null;
    return replay(rules, language);
  });
  return queued;
}

function locked(work) {
  return navigator.locks ? navigator.locks.request("avariyka-outbox", work) : work();
}

async function replay(rules, language) {
  for (;;) {
    const who = await session.current();
    if (!who || who.ended) return "login";
    const next = firstToSend(await of(who.crew.id), await uploading());
    if (next === null) return "empty";
    const told = await send(next, rules, language);
    if (told === "later" || told === "login") return told;
  }
}

/** The orders whose pictures are not with the service yet. */
async function uploading() {
  return new Set((await db.all("photos")).filter((one) => one.state === "waiting").map((one) => one.assignment_id));
}

async function send(command, rules, language) {
  const { method, path, key } = command;
  const body = SHAPED[command.verb]?.(command.body) ?? { ...command.body, sent_at: new Date().toISOString() };
  const answer = await session.authorised(method, path, { body, key, language });
  const told = verdict(answer);
  if (told === "done") await settle(command, answer.body);
  if (told === "refused") await refuse(command, answer.body, rules, language);
  return told;
}

const untimed = ({ at: _at, ...body }) => body;

/** Bodies that carry no time of sending: a wish about the shift counts when it arrives, a record or a signature
 * when it was made, a document when it was signed. */
const SHAPED = { shift: ({ on }) => ({ on }), confirm: () => ({}), record: (body) => body, draft: untimed, revise: untimed, sign: (body) => body };

/** Where the answer to a command is kept, so that what was entered is seen until the feed brings it. */
const KEPT_IN = { record: "records", draft: "documents", revise: "documents", sign: "documents" };

async function settle(command, receipt) {
  if (command.subject === "shift") await session.noteShift(receipt);
  if (command.verb === "confirm") await duty.note(command.crew, receipt);
  await db.change(["commands", "orders", "records", "documents"], async ({ commands, orders, ...others }) => {
    commands.delete(command.id);
    const { facts: _facts, ...kept } = receipt; // what a document says is read from the service
    others[KEPT_IN[command.verb]]?.put({ ...kept, crew: command.crew });
    const order = await db.done(orders.get(command.subject));
    if (order) orders.put(receipted(order, receipt, command));
  });
}

async function refuse(command, problem, rules, language) {
  const truth = await whatIsTrue(command, language);
  const late = overtaken(problem, truth, rules.verbs[command.verb]);
  const state = late ? "set_aside" : "refused";
  await db.change(["commands", "orders"], async ({ commands, orders }) => {
    commands.put({ ...command, state, problem, set_aside_at: late ? new Date().toISOString() : null });
    if (truth) orders.put(newer(await db.done(orders.get(truth.assignment_id)), truth));
  });
}

async function whatIsTrue(command, language) {
  if (!ORDER.test(command.path)) return null;
  const answer = await session.authorised("GET", `/v1/assignments/${command.subject}`, { language });
  return answer.status === 200 ? answer.body : null;
}

/** The crew has read why. What it had entered stays on the device for a week, marked as not accepted, and is
 * given back, so that it can be told otherwise. */
export async function setAside(crew, subject) {
  const now = new Date().toISOString();
  return db.change(["commands"], async ({ commands }) => {
    const all = await db.done(commands.index("crew").getAll(crew));
    const found = all.filter((one) => one.subject === subject && one.state !== "set_aside");
    for (const one of found) commands.put({ ...one, state: "set_aside", set_aside_at: now });
    return found;
  });
}

/** Enter a refused command anew with what was mended, behind what was recorded for it and before what it held
 * back: all of these get new places in the queue, in their order. */
export async function mend(id, body, before = []) {
  await db.change(["commands"], async ({ commands }) => {
    const refused = await db.done(commands.get(id));
    const at = new Date().toISOString();
    const mended = { ...refused, body: { ...body, at }, key: uuid(), state: "waiting", problem: null };
    const all = await db.done(commands.index("crew").getAll(refused.crew));
    const held = all.filter((one) => one.subject === refused.subject && one.state === "waiting" && one.id > id);
    const fresh = before.map((one) => made(refused.crew, one));
    for (const { id: old } of [refused, ...held]) commands.delete(old);
    for (const { id: _old, ...command } of [...fresh, mended, ...held]) commands.add(command);
  });
}

/** Forget what was set aside long ago. */
export async function tidy() {
  const before = new Date(Date.now() - SET_ASIDE_DAYS * 86400000).toISOString();
  await db.change(["commands"], async ({ commands }) => {
    for (const one of await db.done(commands.getAll())) {
      if (one.state === "set_aside" && one.set_aside_at < before) commands.delete(one.id);
    }
  });
}
