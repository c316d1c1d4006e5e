// Where the crew is, told while it is on shift: fixes in batches, kept for a while when there is no network.

import { authorised } from "./session.js";

const EVERY_MS = 15000;
const MOST = 120;
let watch = null;
let fixes = [];
let latest = null;
let sentAt = 0;

/** {lat, lon, accuracy_m, at}, or null while that is not known. */
export const here = () => latest;

/** Watch while on shift; stop with it. */
export function follow(onShift) {
  if (!navigator.geolocation || onShift === (watch !== null)) return;
  if (onShift) {
    watch = navigator.geolocation.watchPosition(note, () => {}, { enableHighAccuracy: true, maximumAge: 10000 });
  } else {
    navigator.geolocation.clearWatch(watch);
    watch = null;
  }
}

function note({ coords, timestamp }) {
  const at = new Date(timestamp).toISOString();
  latest = { lat: coords.latitude, lon: coords.longitude, accuracy_m: coords.accuracy, at };
  fixes = [...fixes, latest].slice(-MOST);
  tell();
}

async function tell() {
  if (Date.now() - sentAt < EVERY_MS) return;
  sentAt = Date.now();
  const batch = fixes;
  const answer = await authorised("POST", "/v1/me/positions", { body: { sent_at: new Date().toISOString(), fixes: batch } });
  if (answer.status === 202) fixes = fixes.filter((fix) => !batch.includes(fix));
}

/** Metres from here to a place; null while it is not known where here is. */
export function metresTo({ lat, lon }) {
  if (!latest || lat === undefined) return null;
  const rad = Math.PI / 180;
  const x = (lon - latest.lon) * rad * Math.cos(((lat + latest.lat) / 2) * rad);
  return Math.round(6371000 * Math.hypot(x, (lat - latest.lat) * rad));
}
