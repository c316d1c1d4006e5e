// Hear at once that there is something to learn: the service's stream, read for as long as it lasts.

import { bearer } from "./session.js";

const AGAIN_MS = 2000;
const LONGEST_PAUSE_MS = 30000;
const SILENCE_MS = 45000; // the service gives a sign of life every 15 s
let open = false;

/** Whether news come by themselves now. */
export const isLive = () => open;

/** Call `heard` whenever there is news, for ever; the line may break as often as it likes. */
export async function listen(heard) {
  for (let pause = AGAIN_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    if (await follow(heard)) pause = AGAIN_MS;
    await new Promise((go) => setTimeout(go, pause));
  }
}

/** One connection until it ends; true if there was one. */
async function follow(heard) {
  const token = await bearer();
  if (!token) return false;
  const line = new AbortController();
  try {
    const response = await fetch("/v1/stream", { headers: { Authorization: `Bearer ${token}` }, cache: "no-store", signal: line.signal });
    if (!response.ok) return false;
    open = true;
    await read(response.body.getReader(), line, heard);
  } catch {
    // it broke; it is opened again
  } finally {
    open = false;
  }
  return true;
}

async function read(reader, line, heard) {
  const decoder = new TextDecoder();
  for (;;) {
    const silence = setTimeout(() => line.abort(), SILENCE_MS);
    const { done, value } = await reader.read().finally(() => clearTimeout(silence));
    if (done) return;
    if (decoder.decode(value, { stream: true }).includes("data:")) heard();
  }
}
