// Steps that ask for something first: a reason, the safety gate, a result.

import { h } from "../dom.js";
import { asked, isTold, obstacle, records, unanswered, withStart } from "../gate.js";
import { leavesFor } from "../leaving.js";
import { figure, named, t } from "../texts.js";
import { choices, form, words } from "./form.js";
import { gateFields, growRows, label, progress } from "./gate.js";

const REASONS = {
  decline: ["busy", "no_equipment", "no_people", "vehicle", "other"],
  suspend: ["materials", "other_service", "no_access", "danger", "other"],
};

export const declining = (state, id, actions) => step(state, id, actions, "decline", refusing(state));
export const suspending = (state, id, actions) => step(state, id, actions, "suspend", plain(reasons("suspend"), reasonOf));
export const completing = (state, id, actions) => step(state, id, actions, "complete", ended(state));
export const starting = (state, id, actions) => step(state, id, actions, "start", guarded("working", state));
export const localising = (state, id, actions) => step(state, id, actions, "localise", localised(state));

/** The form of one step; of a refused one, to be mended. `make(order)` gives its fields and how they are read. */
function step(state, id, actions, verb, make) {
  const order = state.orders.find((one) => one.assignment_id === id);
  if (!order) return h("p.empty", {}, t("app.no_such_order"));
  const { fields, read, ready } = make(order);
  const send = ({ records: found = [], ...body }) => actions.reportWith(order, verb, found, body);
  const name = `${verb} ${id} ${timesSuspended(order)}`;
  return form({ name, title: `form.${verb}`, label: `verb.${verb}`, fields, read, send, back: `order/${id}`, ready });
}

/** What was confirmed before a suspension is asked for anew after it. */
function timesSuspended({ steps = [], waiting }) {
  return steps.filter((one) => one.stage === "suspended").length + waiting.filter((one) => one.verb === "suspend").length;
}

const plain = (fields, read) => () => ({ fields: () => fields, read });

function reasons(verb) {
  return [choices("reason", REASONS[verb], (name) => t(`reason.${name}`)), words("note", "form.reason_more")];
}

function reasonOf({ reason, note }) {
  const more = note.trim();
  if (!reason || (reason === "other" && !more)) return { problem: t("form.give_reason") };
  if (reason === "other") return { body: { reason: more } };
  return { body: { reason: t(`reason.${reason}`), ...(more && { note: more }) } };
}

/** A crew at work elsewhere may say that it cannot leave, which holds for that work too. */
const refusing = ({ orders, rules }) => (order) => {
  const stays = leavesFor(order, orders, rules) ? ["cannot_leave"] : [];
  const asking = choices("reason", [...stays, ...REASONS.decline], (name) => t(`reason.${name}`));
  return {
    fields: () => [asking, words("note", "form.reason_more")],
    read: (fields) => {
      const found = reasonOf(fields);
      return found.body && fields.reason === "cannot_leave" ? { body: { ...found.body, cannot_leave: true } } : found;
    },
  };
};

const noteOf = ({ note }) => ({ body: note.trim() ? { note: note.trim() } : {} });

/** The end; behind what is asked before a danger is called contained, if it was not called so. */
const ended = (state) => (order) => {
  const isContained = order.reached.includes("localised");
  const checks = isContained ? { fields: () => [], read: () => ({ body: {} }) } : guarded("localised", state)(order);
  const asking = [choices("result", state.rules.results, (name) => t(`result.${name}`)), words("note", "form.note")];
  return also(checks, asking, resultOf);
};

function resultOf({ result, note }) {
  return result ? { body: { result, ...noteOf({ note }).body } } : { problem: t("form.give_result") };
}

const localised = (state) => (order) => also(guarded("localised", state)(order), [words("note", "form.note")], noteOf);

/** A form with more fields behind its own. */
const also = (first, fields, read) => ({
  ...first,
  fields: (kept) => [first.fields(kept), fields],
  read: (given) => {
    const [one, other] = [first.read(given), read(given)];
    if (one.problem || other.problem) return one.problem ? one : other;
    return { body: { ...one.body, ...other.body } };
  },
});

/** A step behind the safety gate: what the dangers of the order ask before it. */
const guarded = (before, { rules, people }) => (order) => {
  const [told, items] = split(asked(order, before, rules), (item) => isTold(item, order.recorded));
  return {
    fields: (kept) => [
      told.map((item) => h("p", {}, "✓ ", label(item))),
      items.length > 0 && progress(items),
      gateFields(items, kept, rules, people),
    ],
    ready: (body, watch) => {
      growRows(body);
      watch((fields) => showProgress(body, items.length, unanswered(items, fields, rules)));
    },
    read: (fields) => {
      const closed = obstacle(items, fields, rules);
      if (closed) return said(closed);
      const found = records(items, fields, rules, new Date().toISOString());
      return { body: { records: found, ...(before === "working" && withStart(items, fields, rules)) } };
    },
  };
};

const split = (all, test) => [all.filter(test), all.filter((one) => !test(one))];

/** How much of the gate is answered, and which of its items are not. */
function showProgress(body, all, missing) {
  const told = body.querySelector("#progress");
  if (told) told.textContent = t(missing.length ? "gate.progress" : "gate.all_answered", { done: all - missing.length, all });
  const open = new Set(missing.map((item) => item.id));
  for (const item of body.querySelectorAll("[data-item]")) item.classList.toggle("done", !open.has(item.dataset.item));
}

function said({ nonsense, reading, missing }) {
  if (nonsense) return { problem: t("gate.no_number") };
  if (missing) return { problem: t("gate.missing"), missing: missing.map((item) => [item.id, label(item)]) };
  return { problem: t("error.air_not_safe", { ...reading, value: figure(reading.value), kind: named("reading", reading.kind), unit: named("paper.unit", reading.unit) }) };
}
