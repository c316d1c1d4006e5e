// Who this device speaks for. A token that ran out stops sending, never working.

import { call } from "./api.js";
import * as db from "./db.js";

export const current = () => db.fact("session").then((session) => session ?? null);

/** Log in with a crew's login; null when it worked, else the problem to show. */
export async function logIn(login, password, language) {
  const answer = await call("POST", "/v1/tokens", { body: { login, password }, language });
  if (answer.status !== 200 || !answer.body) return problemOf(answer);
  return adopt(answer.body, login, language);
}

async function adopt(token, login, language) {
  const me = await call("GET", "/v1/me", { token: token.access_token, language });
  if (me.status !== 200 || !me.body) return problemOf(me);
  if (!me.body.crew) return { code: "not_a_crew" };
  const { access_token, expires_at } = token;
  await db.keep("session", { login, access_token, expires_at, ended: false, crew: me.body.crew, shift: me.body.shift });
  return null;
}

function problemOf(answer) {
  return answer.body?.code ? answer.body : { code: "app.no_network" };
}

/** The service no longer takes the token: what is entered waits until somebody logs in. */
export async function end() {
  const session = await current();
  if (session && !session.ended) await db.keep("session", { ...session, ended: true });
}

export async function noteShift(shift) {
  const session = await current();
  if (session) await db.keep("session", { ...session, shift });
}

/** Forget the token. Orders and whatever waits stay on the device, for the crew they belong to. */
export const logOut = () => db.keep("session", null);
