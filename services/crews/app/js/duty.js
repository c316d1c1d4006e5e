// The crew's planned shifts, kept on the phone: what it has to confirm, and what comes.

import * as db from "./db.js";
import { authorised } from "./session.js";

const EVERY_MS = 300000;
let asked = 0;

const name = (crew) => `duty of ${crew}`;

export const kept = async (crew) => (await db.fact(name(crew))) ?? [];

/** Ask for the plan now and then, and at once when the shift has changed. */
export async function refresh(crew, hasChanged) {
  if (!hasChanged && Date.now() - asked < EVERY_MS) return;
  asked = Date.now();
  const answer = await authorised("GET", "/v1/me/duty");
  if (answer.status === 200 && answer.body) await db.keep(name(crew), answer.body.shifts);
}

/** What was answered to a confirmation. */
export async function note(crew, shift) {
  const shifts = await kept(crew);
  await db.keep(name(crew), shifts.map((one) => (one.id === shift.id ? shift : one)));
}

/** The plan with the confirmations that wait to be sent; what is over is left out. */
export function projected(shifts, commands, now) {
  const waiting = new Set(commands.filter((one) => one.verb === "confirm" && one.state === "waiting").map((one) => one.subject));
  return shifts
    .filter((one) => Date.parse(one.ends_at) > now)
    .map((one) => ({ ...one, waiting: waiting.has(one.id), runs: Date.parse(one.starts_at) <= now }));
}
