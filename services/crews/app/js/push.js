// Being woken when the app is not open: this phone's address at its browser's push service, told to ours.

import * as db from "./db.js";
import { authorised } from "./session.js";

const AGAIN_MS = 86400000;

/** Subscribe this phone for the crew, once a day; where nothing is configured or allowed, nothing happens. */
export async function subscribe(crew) {
  if (globalThis.Notification?.permission !== "granted" || !navigator.serviceWorker) return;
  const last = await db.fact("push");
  if (last?.crew === crew && Date.now() - last.at < AGAIN_MS) return;
  const id = await register();
  if (id) await db.keep("push", { crew, id, at: Date.now() });
}

async function register() {
  const key = await authorised("GET", "/v1/push/key");
  if (!key.body?.public_key) return null;
  const { pushManager } = await navigator.serviceWorker.ready;
  const address = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key.body.public_key });
  const kept = await authorised("POST", "/v1/me/push-subscriptions", { body: address.toJSON() });
  return kept.status === 201 ? kept.body.id : null;
}

/** Wake this phone no more; whoever logs in next subscribes anew. */
export async function unsubscribe() {
  const last = await db.fact("push");
  if (last) await authorised("DELETE", `/v1/me/push-subscriptions/${last.id}`);
  await db.keep("push", null);
}
