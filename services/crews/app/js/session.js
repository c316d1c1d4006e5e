// Who this device speaks for. A session that ended stops sending, never working.

import { call, serverNow } from "./api.js";
import * as db from "./db.js";

const EARLY_MS = 60000;

export const current = () => db.fact("session").then((session) => session ?? null);

/** Log in with a crew's login; null when it worked, else the problem to show. */
export const logIn = (login, password, language) =>
  enter("/v1/tokens", { login, password }, { login }, language);

/** Pair this phone by the code that a dispatcher reads out. */
export const pair = (code, language) =>
  enter("/v1/devices", { code, name: phoneName() }, { login: null }, language);

async function enter(path, body, known, language) {
  const answer = await call("POST", path, { body, language });
  if (!granted(answer)) return problemOf(answer);
  const me = await call("GET", "/v1/me", { token: answer.body.access_token, language });
  if (me.status !== 200 || !me.body) return problemOf(me);
  if (!me.body.crew) return { code: "not_a_crew" };
  await db.keep("session", { ...known, ...tokens(answer.body), ended: false, crew: me.body.crew, shift: me.body.shift });
  return null;
}

const granted = (answer) => (answer.status === 200 || answer.status === 201) && Boolean(answer.body?.access_token);
const tokens = ({ access_token, expires_at, refresh_token }) => ({ access_token, expires_at, refresh_token });
const problemOf = (answer) => (answer.body?.code ? answer.body : { code: "app.no_network" });

function phoneName() {
  return (navigator.userAgentData?.platform ?? navigator.platform ?? "").slice(0, 100);
}

/** A call in the crew's name. The token is renewed before it runs out, and once more when it is refused;
 * 401 comes back only when the session has ended. */
export async function authorised(method, path, options = {}) {
  const who = await lively();
  if (!who || who.ended) return { status: 401, body: null };
  const answer = await call(method, path, { ...options, token: who.access_token });
  if (answer.status !== 401) return answer;
  const again = await renewed(who);
  if (again.ended) return answer;
  if (again.access_token === who.access_token) return { status: 0, body: null }; // nobody to renew it now
  return call(method, path, { ...options, token: again.access_token });
}

/** A token to read the live stream with; null when there is none to be had. */
export async function bearer() {
  const who = await lively();
  return who && !who.ended ? who.access_token : null;
}

async function lively() {
  const who = await current();
  const isLate = who && Date.parse(who.expires_at) - serverNow() < EARLY_MS;
  return isLate ? renewed(who) : who;
}

/** The session with its next tokens, as far as the service can be reached; one tab renews at a time. */
function renewed(stale) {
  const work = () => renew(stale);
  return navigator.locks ? navigator.locks.request("avariyka-token", work) : work();
}

async function renew(stale) {
  const who = await current();
  if (!who || who.ended || who.access_token !== stale.access_token) return who ?? { ended: true };
  const answer = await call("POST", "/v1/tokens/refresh", { body: { refresh_token: who.refresh_token } });
  const next = granted(answer) ? { ...who, ...tokens(answer.body) } : { ...who, ended: answer.status === 401 };
  await db.keep("session", next); // kept before it is used
  return next;
}

export async function noteShift(shift) {
  const session = await current();
  if (session) await db.keep("session", { ...session, shift });
}

/** Forget the tokens. Orders and whatever waits stay on the device, for the crew they belong to. */
export async function logOut() {
  await authorised("POST", "/v1/logout");
  await db.keep("session", null);
}
