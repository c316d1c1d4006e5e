// Steps that ask for something first: a reason, the safety gate, a result. Every letter is kept as it is typed.

import { button, h } from "../dom.js";
import * as drafts from "../drafts.js";
import { checksGas, unsafe } from "../stages.js";
import { named, t } from "../texts.js";
import { go } from "./routes.js";

const REASONS = {
  decline: ["busy", "no_equipment", "no_people", "vehicle", "other"],
  suspend: ["materials", "other_service", "no_access", "danger", "other"],
};
const LONGEST = 900;

export const declining = (state, id, actions) => form(state, id, actions, "decline", reasons("decline"), reasonOf("decline"));
export const suspending = (state, id, actions) => form(state, id, actions, "suspend", reasons("suspend"), reasonOf("suspend"));
export const localising = (state, id, actions) => form(state, id, actions, "localise", [noteField()], noteOf);
export const completing = (state, id, actions) =>
  form(state, id, actions, "complete", [choices("result", state.rules.results, (name) => t(`result.${name}`)), noteField()], resultOf);
export const starting = (state, id, actions) => form(state, id, actions, "start", gate(state.rules), safetyOf(state.rules));

/** A page with a form for one verb. `read(fields)` gives {body} to send or {problem} to show. */
async function form(state, id, actions, verb, fields, read) {
  const order = state.orders.find((one) => one.assignment_id === id);
  if (!order) return h("p.empty", {}, t("app.no_such_order"));
  const name = `${verb} ${id}`;
  const problem = h("p.notice.bad", { role: "alert", hidden: true });
  const body = h("form.card", { novalidate: true }, h("h1", {}, t(`form.${verb}`)), fields, problem);
  body.onsubmit = (event) => event.preventDefault();
  drafts.fill(body, await drafts.read(name));
  drafts.watch(name, body);
  const send = () => submit(order, verb, name, read(drafts.fieldsOf(body)), problem, actions);
  return h("div.page.with-bar", {}, body, h("nav.bar", {}, button("main", t(`verb.${verb}`), send, { id: "next" })));
}

async function submit(order, verb, name, { body, problem }, place, actions) {
  place.hidden = !problem;
  place.textContent = problem ?? "";
  if (problem) return place.scrollIntoView({ block: "center" });
  if (order.refused?.verb === verb) await actions.mend(order.refused, body);
  else await actions.report(order, verb, body);
  await drafts.forget(name);
  go(`order/${order.assignment_id}`);
}

function choices(name, values, label) {
  return h("fieldset", {}, h("legend", {}, t(`form.${name}`)), values.map((value) =>
    h("label.choice", {}, h("input", { type: "radio", name, value }), h("span", {}, label(value)))));
}

function reasons(verb) {
  return [choices("reason", REASONS[verb], (name) => t(`reason.${name}`)), noteField("form.reason_more")];
}

function reasonOf(verb) {
  return ({ reason, note }) => {
    const words = note.trim();
    if (!reason || (reason === "other" && !words)) return { problem: t("form.give_reason") };
    const chosen = reason === "other" ? words : t(`reason.${reason}`);
    return { body: { reason: chosen, ...(words && chosen !== words && { note: words }) }, verb };
  };
}

function noteField(label = "form.note") {
  return h("label.field", {}, h("span", {}, t(label)), h("textarea", { name: "note", rows: 3, maxlength: LONGEST }));
}

const noteOf = ({ note }) => ({ body: note.trim() ? { note: note.trim() } : {} });

function resultOf({ result, note }) {
  if (!result) return { problem: t("form.give_result") };
  return { body: { result, ...noteOf({ note }).body } };
}

function tick(name) {
  return h("label.choice", {}, h("input", { type: "checkbox", name }), h("span", {}, t(`gate.${name}`)));
}

function gate(rules) {
  const [first, ...rest] = rules.air_limits;
  return [
    tick("ventilation"),
    h("fieldset", {}, h("legend", {}, t("gate.readings")), readingField(first),
      rest.length > 0 && h("details", {}, h("summary", {}, t("gate.others")), rest.map(readingField))),
    tick("ppe"),
  ];
}

const fieldOf = ({ kind, unit }) => `reading ${kind} ${unit}`;

function readingField(limit) {
  const { highest, lowest } = limit;
  const unit = named("unit", limit.unit);
  const bound = highest !== null ? t("gate.highest", { value: highest, unit }) : t("gate.lowest", { value: lowest, unit });
  return h("label.field.reading", {},
    h("span", {}, named("reading", limit.kind), ", ", unit, h("small", {}, bound)),
    h("input", { name: fieldOf(limit), inputmode: "decimal", autocomplete: "off" }));
}

function safetyOf(rules) {
  return (fields) => {
    const given = rules.air_limits.filter((limit) => fields[fieldOf(limit)].trim());
    const readings = given.map((limit) => ({ kind: limit.kind, unit: limit.unit, value: number(fields[fieldOf(limit)]) }));
    const wrong = complaint(fields, readings, rules);
    return wrong ? { problem: wrong } : { body: { readings, safety: { ventilation: true, ppe: true } } };
  };
}

const number = (text) => Number(text.trim().replace(",", "."));

/** The first thing that keeps the gate closed, in the order in which it is done: vent, measure, protect. */
function complaint(fields, readings, rules) {
  if (readings.some((reading) => !Number.isFinite(reading.value))) return t("gate.no_number");
  const [bad] = unsafe(readings, rules);
  if (bad) return t("error.air_not_safe", { ...bad, kind: named("reading", bad.kind), unit: named("unit", bad.unit) });
  if (!fields.ventilation) return t("safety.ventilation");
  if (!checksGas(readings, rules)) return t("safety.gas_reading");
  return fields.ppe ? null : t("safety.ppe");
}
