// Which page an address shows. `still` pages are being filled in: nothing redraws them from outside.

import { completing, declining, localising, starting, suspending } from "./forms.js";
import { help, needing, writing } from "./help.js";
import { home } from "./home.js";
import { login } from "./login.js";
import { order } from "./order.js";
import { settings } from "./settings.js";
import { waiting } from "./waiting.js";

const FORMS = {
  decline: declining,
  start: starting,
  localise: localising,
  suspend: suspending,
  complete: completing,
};

export function routes(hash) {
  const [, name = "", id = null, verb = null] = hash.split("/");
  if (name === "order" && FORMS[verb]) return { name: verb, id, view: FORMS[verb], still: true };
  if (name === "order") return { name, id, view: order };
  if (name === "help") return { name, id: null, view: help };
  if (name === "need") return { name, id: null, view: needing, still: true };
  if (name === "write") return { name, id: null, view: writing, still: true };
  if (name === "login") return { name, id: null, view: login, still: true };
  if (name === "settings") return { name, id: null, view: settings };
  if (name === "waiting") return { name, id: null, view: waiting };
  return { name: "home", id: null, view: home };
}

export const go = (path) => { location.hash = `#/${path}`; };
