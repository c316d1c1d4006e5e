// Photos and video: kept on the phone as they are taken, sent in pieces that may be cut anywhere.

import { authorised } from "./session.js";
import * as db from "./db.js";
import { verdict } from "./merge.js";
import { here } from "./position.js";
import { uuid } from "./outbox.js";

const LONGEST_SIDE = 2048; // enough to read a meter, small enough for a basement's network
const SMALL_SIDE = 240;
const PIECE = 256 * 1024;
let sending = null;

/** Pictures are known by their digest, which browsers count on safe addresses only. */
export const canTake = () => Boolean(globalThis.crypto?.subtle);

/** Keep a photo or a video of an order; it is safe once this returns. False for a video that is too long. */
export async function take(crew, order, file, rules) {
  const kind = file.type.startsWith("video/") ? "video" : "photo";
  if (kind === "video" && file.size > rules.video_bytes) return false;
  const blob = kind === "photo" ? await shrunk(file, LONGEST_SIDE) : file;
  const small = kind === "photo" ? await shrunk(file, SMALL_SIDE) : null;
  const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  const sha256 = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const photo = {
    id: uuid(), crew, assignment_id: order.assignment_id, kind, blob, small, sha256,
    taken_at: new Date().toISOString(), purpose: rules.purposes[order.stage] ?? "during", place: here(), state: "waiting",
  };
  await db.change(["photos"], ({ photos }) => db.done(photos.put(photo)));
  return true;
}

async function shrunk(file, longest) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
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

/** A refused one out of sight; one that waits can be taken back too. */
export const drop = (id) => db.change(["photos"], ({ photos }) => db.done(photos.delete(id)));
