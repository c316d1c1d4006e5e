// Steps that ask for something first: a reason, the safety gate, a result.

import { h } from "../dom.js";
import { asked, obstacle, records, withStart } from "../gate.js";
import { named, t } from "../texts.js";
import { choices, form, words } from "./form.js";
import { count, gateFields } from "./gate.js";

const REASONS = {
  decline: ["busy", "no_equipment", "no_people", "vehicle", "other"],
  suspend: ["materials", "other_service", "no_access", "danger", "other"],
};

export const declining = (state, id, actions) => step(state, id, actions, "decline", plain(reasons("decline"), reasonOf));
export const suspending = (state, id, actions) => step(state, id, actions, "suspend", plain(reasons("suspend"), reasonOf));
export const completing = (state, id, actions) => step(state, id, actions, "complete", plain(ending(state.rules), resultOf));
export const starting = (state, id, actions) => step(state, id, actions, "start", guarded("working", state.rules));
export const localising = (state, id, actions) => step(state, id, actions, "localise", guarded("localised", state.rules));

/** The form of one step; of a refused one, to be mended. `make(order)` gives its fields and how they are read. */
function step(state, id, actions, verb, make) {
  const order = state.orders.find((one) => one.assignment_id === id);
  if (!order) return h("p.empty", {}, t("app.no_such_order"));
  const { fields, read } = make(order);
  const send = ({ records: found = [], ...body }) => actions.reportWith(order, verb, found, body);
  const name = `${verb} ${id} ${timesSuspended(order)}`;
  return form({ name, title: `form.${verb}`, label: `verb.${verb}`, fields, read, send, back: `order/${id}`, ready: count });
}

/** What was confirmed before a suspension is asked for anew after it. */
function timesSuspended({ steps = [], waiting }) {
  return steps.filter((one) => one.stage === "suspended").length + waiting.filter((one) => one.verb === "suspend").length;
}

const plain = (fields, read) => () => ({ fields: () => fields, read });
const ending = (rules) => [choices("result", rules.results, (name) => t(`result.${name}`)), words("note", "form.note")];

function reasons(verb) {
  return [choices("reason", REASONS[verb], (name) => t(`reason.${name}`)), words("note", "form.reason_more")];
}

function reasonOf({ reason, note }) {
  const more = note.trim();
  if (!reason || (reason === "other" && !more)) return { problem: t("form.give_reason") };
  if (reason === "other") return { body: { reason: more } };
  return { body: { reason: t(`reason.${reason}`), ...(more && { note: more }) } };
}

const noteOf = ({ note }) => ({ body: note.trim() ? { note: note.trim() } : {} });

function resultOf({ result, note }) {
  return result ? { body: { result, ...noteOf({ note }).body } } : { problem: t("form.give_result") };
}

/** A step behind the safety gate: what the dangers of the order ask before it. */
const guarded = (before, rules) => (order) => {
  const items = asked(order, before, rules);
  return {
    fields: (kept) => [gateFields(items, kept, rules), before === "localised" && words("note", "form.note")],
    read: (fields) => {
      const closed = obstacle(items, fields, rules);
      if (closed) return said(closed);
      const found = records(items, fields, rules, new Date().toISOString());
      return { body: { records: found, ...(before === "working" ? withStart(items, fields, rules) : noteOf(fields).body) } };
    },
  };
};

function said({ nonsense, reading, item }) {
  if (nonsense) return { problem: t("gate.no_number") };
  if (item) return { problem: t(`safety.${item.id}`) };
  return { problem: t("error.air_not_safe", { ...reading, kind: named("reading", reading.kind), unit: named("unit", reading.unit) }) };
}
