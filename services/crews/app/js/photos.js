// Photos and video: kept on the phone as they are taken, sent in pieces that may be cut anywhere.

import { authorised, bearer } from "./session.js";
import * as db from "./db.js";
import { verdict } from "./merge.js";
import { here } from "./position.js";
import { uuid } from "./outbox.js";

const LONGEST_SIDE = 2048; // enough to read a meter, small enough for a basement's network
const SMALL_SIDE = 240;
const PIECE = 256 * 1024;
const STILL_PATIENCE_MS = 3000;
const learned = new Set(); // orders, in the states in which the service was asked for their pictures
let sending = null;

/** Pictures are known by their digest, which browsers count on safe addresses only. */
export const canTake = () => Boolean(globalThis.crypto?.subtle);

/** Keep a photo or a video of an order; it is safe once this returns. False for a video that is too long. */
export async function take(crew, order, file, rules) {
  const kind = file.type.startsWith("video/") ? "video" : "photo";
  if (kind === "video" && file.size > rules.video_bytes) return false;
  const blob = kind === "photo" ? await shrunk(file, LONGEST_SIDE) : file;
  const small = kind === "photo" ? await shrunk(file, SMALL_SIDE) : await still(file);
  const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  const sha256 = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const photo = {
    id: uuid(), crew, assignment_id: order.assignment_id, kind, blob, small, sha256,
    taken_at: new Date().toISOString(), purpose: rules.purposes[order.stage] ?? "during", place: here(), state: "waiting",
  };
  await db.change(["photos"], ({ photos }) => db.done(photos.put(photo)));
  return true;
}

const shrunk = async (file, longest) => drawn(await createImageBitmap(file, { imageOrientation: "from-image" }), longest);

/** The first picture of a video; null where the phone cannot show it, or is slow to. */
async function still(file) {
  const film = document.createElement("video");
  film.muted = true;
  film.preload = "auto";
  film.src = URL.createObjectURL(file);
  try {
    await new Promise((shown, failed) => {
      film.onloadeddata = shown;
      film.onerror = failed;
      setTimeout(failed, STILL_PATIENCE_MS);
    });
    return await drawn(await createImageBitmap(film), SMALL_SIDE);
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(film.src);
  }
}

function drawn(picture, longest) {
  const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [picture.width, picture.height].map((side) => Math.max(1, Math.round(side * scale)));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
}

/** Send what waits, one after another; `told` hears of each that is through or refused. Whether any was. */
export function send(crew, language, told) {
  sending ??= sendAll(crew, language, told).finally(() => { sending = null; });
  return sending;
}

async function sendAll(crew, language, told) {
  for (let any = false; ; any = true) {
    const next = (await db.all("photos")).find((one) => one.crew === crew && one.state === "waiting");
    if (!next) return any;
    const { state, problem } = await sendOne(next, language);
    if (state === "later") return any;
    const blob = state === "sent" ? null : next.blob; // what is with the service need not fill the phone
    await db.change(["photos"], ({ photos }) => db.done(photos.put({ ...next, blob, state, problem })));
    await told();
  }
}

async function sendOne(photo, language) {
  let answer = await authorised("POST", `/v1/assignments/${photo.assignment_id}/media`, { body: announced(photo), language });
  for (;;) {
    const outcome = verdict(answer);
    const place = answer.body?.details?.received;
    if (outcome === "refused" && place === undefined) return { state: "refused", problem: answer.body };
    if (outcome !== "done" && place === undefined) return { state: "later" };
    if (answer.body.finished) return { state: "sent" };
    answer = await onward(photo, place ?? answer.body.received, language);
  }
}

/** The next piece, or the end. */
function onward({ id, blob }, received, language) {
  if (received >= blob.size) return authorised("POST", `/v1/media/${id}/finish`, { language });
  const bytes = blob.slice(received, received + PIECE);
  return authorised("PATCH", `/v1/media/${id}/content`, { bytes, from: received, language });
}

function announced({ id, kind = "photo", blob, sha256, taken_at, purpose, place }) {
  const where = place ? { lat: place.lat, lon: place.lon, accuracy_m: place.accuracy_m } : {};
  return { id, kind, size: blob.size, sha256, taken_at, purpose, ...where };
}

/** Pictures of these orders that other phones have taken: their names, to be shown from the service. Whether any were new. */
export async function learn(crew, orders, language) {
  let any = false;
  for (const { assignment_id, change } of orders) {
    const sign = `${assignment_id} ${change}`;
    const answer = learned.has(sign) ? null : await authorised("GET", `/v1/assignments/${assignment_id}/media`, { language });
    if (answer?.status !== 200) continue;
    learned.add(sign);
    any = (await note(crew, answer.body.media.filter((one) => one.finished))) || any;
  }
  return any;
}

/** Keep the names of what is not here yet. Whether anything was not. */
function note(crew, found) {
  return db.change(["photos"], async ({ photos }) => {
    const known = new Set(await db.done(photos.getAllKeys()));
    const others = found.filter(({ id }) => !known.has(id));
    for (const { id, assignment_id, kind, taken_at, purpose } of others) {
      photos.put({ id, crew, assignment_id, kind, blob: null, small: null, taken_at, purpose, state: "sent" });
    }
    return others.length > 0;
  });
}

/** Whether it can be shown: it is on the phone, or the service worker can bring it. */
export const canShow = ({ blob }) => Boolean(blob || navigator.serviceWorker?.controller);

/** Where a player finds it; the service worker brings what is no longer on the phone, with the token of now. */
export async function source({ id, blob }) {
  if (blob) return URL.createObjectURL(blob);
  await bearer();
  return `/app/media/${id}`;
}

/** A refused one out of sight; one that waits can be taken back too. */
export const drop = (id) => db.change(["photos"], ({ photos }) => db.done(photos.delete(id)));
