// The crew's planned shifts and its people, kept on the phone: what it has to confirm, what comes, who signs.

import * as db from "./db.js";
import { authorised } from "./session.js";

const EVERY_MS = 300000;
let asked = 0;

const name = (crew) => `duty of ${crew}`;
const nameOfPeople = (crew) => `people of ${crew}`;

export const kept = async (crew) => (await db.fact(name(crew))) ?? [];

/** The crew's people of today, {name, leader}, its leader first. */
export const people = async (crew) => (await db.fact(nameOfPeople(crew))) ?? [];

/** Ask for the plan now and then, and at once when the shift has changed. */
export async function refresh(crew, hasChanged) {
  if (!hasChanged && Date.now() - asked < EVERY_MS) return;
  asked = Date.now();
  const [plan, mates] = [await authorised("GET", "/v1/me/duty"), await authorised("GET", "/v1/me/people")];
  if (plan.status === 200 && plan.body) await db.keep(name(crew), plan.body.shifts);
  if (mates.status === 200 && mates.body) await db.keep(nameOfPeople(crew), mates.body.people);
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
