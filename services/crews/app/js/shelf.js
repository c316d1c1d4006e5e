// Documents to read: brought from the service once, then on the phone, also without network.

import { authorised } from "./session.js";

const SHELF = "avariyka-papers"; // the service worker serves it
const HARMLESS = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'";

/** Where a page of a document is read from, in the version that was asked for. */
export const addressOf = ({ id, version, signatures }, language) =>
  `/app/papers/${id}.${version}.${signatures.length}.${language}.html`;

export const canRead = () => Boolean(navigator.serviceWorker?.controller && globalThis.caches);

/** Bring the page of a document to the phone; false if it is not here and cannot be had now. */
export async function bring(paper, language) {
  const shelf = await caches.open(SHELF);
  const address = addressOf(paper, language);
  if (await shelf.match(address)) return true;
  const file = await fetched(paper, "html", language);
  if (!file) return false;
  const headers = { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": HARMLESS };
  await shelf.put(address, new Response(file, { headers }));
  return true;
}

/** Save a document as PDF among the phone's files; false without network. */
export async function save(paper, language) {
  const file = await fetched(paper, "pdf", language);
  if (!file) return false;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = `${(paper.number ?? "draft").replace("/", "-")}.pdf`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  return true;
}

async function fetched({ id }, kind, language) {
  const answer = await authorised("GET", `/v1/documents/${id}.${kind}?lang=${language}`, { wantsFile: true });
  return answer.status === 200 ? answer.body : null;
}

/** Forget every page, or those of documents that are no longer on the phone. */
export async function clear(staying = new Set()) {
  if (!globalThis.caches) return;
  const shelf = await caches.open(SHELF);
  for (const { url } of await shelf.keys()) {
    const [id] = url.split("/").at(-1).split(".");
    if (!staying.has(id)) await shelf.delete(url);
  }
}
