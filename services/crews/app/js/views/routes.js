// Which page an address shows. `still` pages are being filled in: nothing redraws them from outside.

import { correcting } from "./correcting.js";
import { document_, documents, page } from "./documents.js";
import { completing, declining, localising, starting, suspending } from "./forms.js";
import { help, needing, writing } from "./help.js";
import { home } from "./home.js";
import { makingSafe } from "./leaving.js";
import { login } from "./login.js";
import { NOTED, noting } from "./notes.js";
import { order } from "./order.js";
import { picture } from "./photos.js";
import { settings } from "./settings.js";
import { drafting, editing, signing } from "./signing.js";
import { waiting } from "./waiting.js";

const FORMS = {
  decline: declining,
  start: starting,
  localise: localising,
  suspend: suspending,
  complete: completing,
  correct: correcting,
  leave: makingSafe,
  draft: drafting,
  picture,
  ...Object.fromEntries(NOTED.map((kind) => [kind, noting(kind)])),
};
const ON_PAPER = { edit: editing, sign: signing, read: page };

export function routes(hash) {
  const [, name = "", id = null, verb = null, more = null] = hash.split("/");
  if (name === "order" && verb === "documents") return { name: verb, id, view: documents, back: `#/order/${id}` };
  if (name === "order" && FORMS[verb]) return { name: verb, id, view: FORMS[verb], more, still: true, back: backFrom(verb, id) };
  if (name === "document" && ON_PAPER[verb]) return { name: verb, id, view: ON_PAPER[verb], more, still: true, back: `#/document/${id}` };
  if (name === "document") return { name, id, view: document_ };
  if (name === "order") return { name, id, view: order };
  if (name === "help") return { name, id: null, view: help };
  if (name === "need") return { name, id: null, view: needing, still: true };
  if (name === "write") return { name, id: null, view: writing, still: true };
  if (name === "login") return { name, id: null, view: login, still: true };
  if (name === "settings") return { name, id: null, view: settings };
  if (name === "waiting") return { name, id: null, view: waiting };
  return { name: "home", id: null, view: home };
}

const backFrom = (verb, id) => `#/order/${id}${verb === "draft" ? "/documents" : ""}`;

export const go = (path) => { location.hash = `#/${path}`; };
