// Steps that ask for something first: a reason, the safety gate, a result. Every letter is kept as it is typed.

import { h } from "../dom.js";
import { checksGas, unsafe } from "../stages.js";
import { named, t } from "../texts.js";
import { choices, form, tick, words } from "./form.js";

const REASONS = {
  decline: ["busy", "no_equipment", "no_people", "vehicle", "other"],
  suspend: ["materials", "other_service", "no_access", "danger", "other"],
};

export const declining = (state, id, actions) => step(state, id, actions, "decline", reasons("decline"), reasonOf);
export const suspending = (state, id, actions) => step(state, id, actions, "suspend", reasons("suspend"), reasonOf);
export const localising = (state, id, actions) => step(state, id, actions, "localise", [words("note", "form.note")], noteOf);
export const completing = (state, id, actions) => step(state, id, actions, "complete", ending(state.rules), resultOf);
export const starting = (state, id, actions) => step(state, id, actions, "start", gate(state.rules), safetyOf(state.rules));

/** The form of one step; of a refused one, to be mended. */
function step(state, id, actions, verb, fields, read) {
  const order = state.orders.find((one) => one.assignment_id === id);
  if (!order) return h("p.empty", {}, t("app.no_such_order"));
  const send = (body) =>
    order.refused?.verb === verb ? actions.mend(order.refused, body) : actions.report(order, verb, body);
  return form({ name: `${verb} ${id}`, title: `form.${verb}`, label: `verb.${verb}`, fields, read, send, back: `order/${id}` });
}

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

function gate(rules) {
  const [first, ...rest] = rules.air_limits;
  return [
    tick("ventilation", t("gate.ventilation")),
    h("fieldset", {}, h("legend", {}, t("gate.readings")), readingField(first),
      rest.length > 0 && h("details", {}, h("summary", {}, t("gate.others")), rest.map(readingField))),
    tick("ppe", t("gate.ppe")),
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
