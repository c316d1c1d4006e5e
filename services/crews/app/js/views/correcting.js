// Place, fault or address are otherwise than the order says.

import { h } from "../dom.js";
import { here } from "../position.js";
import { keysOf, named, t } from "../texts.js";
import { entry, form, pick, tick, words } from "./form.js";

export function correcting(state, id, actions) {
  const order = state.orders.find((one) => one.assignment_id === id);
  if (!order) return h("p.empty", {}, t("app.no_such_order"));
  const { places, systems } = state.rules;
  const faults = keysOf("fault").map((fault) => [fault, named("fault", fault)]).sort(([, a], [, b]) => a.localeCompare(b));
  return form({
    name: `correct ${id}`,
    title: "correct.title",
    label: "help.send",
    fields: () => [
      h("p", {}, t("correct.what")),
      pick("place", t("paper.label.place"), places.map((one) => [one, named("place", one)])),
      pick("fault", t("correct.fault"), faults),
      pick("system", t("paper.label.system"), systems.map((one) => [one, named("system", one)])),
      entry("address", t("paper.label.address"), { maxlength: 300 }),
      here() && tick("here", t("correct.here")),
      words("note", "form.reason_more"),
    ],
    read: (fields) => read(fields),
    send: (body) => actions.correct(order, body),
    back: `order/${id}`,
  });
}

function read({ note, here: isHere, ...fields }) {
  const found = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value.trim()]).filter(([, value]) => value));
  const at = isHere ? here() : null;
  const body = { ...found, ...(at && { lat: at.lat, lon: at.lon }) };
  if (!Object.keys(body).length) return { problem: t("correct.nothing") };
  return { body: { ...body, ...(note.trim() && { note: note.trim() }) } };
}

/** A correction in words. */
export function corrected({ place, fault, system, address, lat, note }) {
  const parts = [
    place && named("place", place), fault && named("fault", fault), system && named("system", system), address,
    lat && t("correct.here"), note,
  ];
  return parts.filter(Boolean).join(", ");
}
