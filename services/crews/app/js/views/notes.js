// What is written down on site: materials, works, readings, defects, diagnostics, dangers. One page for each kind:
// what stands already, and a form for one more.

import { button, h, section } from "../dom.js";
import { number } from "../gate.js";
import { ofKind } from "../records.js";
import { clock, figure, has, named, t } from "../texts.js";
import { entry, form, pick, words } from "./form.js";

const label = (name) => t(`paper.label.${name}`);
const word = (group, code) => (has(`paper.${group}.${code}`) ? t(`paper.${group}.${code}`) : named(group, code));
const quantity = (units) => [
  entry("quantity", label("quantity"), { inputmode: "decimal", maxlength: 12 }),
  pick("unit", t("notes.unit"), units.map((unit) => [unit, word("unit", unit)])),
];
const instrument = () => h("details", {}, h("summary", {}, label("instrument")),
  entry("instrument", label("instrument"), { maxlength: 100 }),
  entry("instrument_number", t("notes.instrument_number"), { maxlength: 100 }),
  entry("checked_until", t("notes.checked_until"), { type: "date" }));
const shown = (code) => (code ? word("unit", code) : "");
const counted = ({ quantity: many, unit }) => (many === null || many === undefined ? "" : `${figure(many)} ${shown(unit)}`);

/** Each kind: its fields, what is read of them (null where a field must be filled in), and its line in a list. */
const KINDS = {
  material: {
    fields: ({ materials, units }) => [
      pick("code", label("material"), Object.keys(materials).map((code) => [code, `${t(`paper.material.${code}`)}, ${shown(materials[code])}`]), { empty: t("notes.other_material") }),
      h("div", { "data-without": "code" }, entry("name", t("notes.material_name"))),
      entry("quantity", label("quantity"), { inputmode: "decimal", maxlength: 12 }),
      h("div", { "data-without": "code" }, pick("unit", t("notes.unit"), units.map((unit) => [unit, shown(unit)]))),
    ],
    read: (said, { materials }) => {
      const what = said.code ? { code: said.code, unit: materials[said.code] } : { name: said.name, unit: said.unit };
      return what.unit && (what.code || what.name) && said.quantity > 0 ? { ...what, quantity: said.quantity } : null;
    },
    line: (one) => [one.code ? t(`paper.material.${one.code}`) : one.name, counted(one)],
  },
  work: {
    fields: ({ units }) => [words("text", "notes.what_done"), quantity(units)],
    read: ({ text, quantity: many, unit }) => (text ? { text, ...(many > 0 && { quantity: many, unit }) } : null),
    line: (one) => [one.text, counted(one)],
  },
  reading: {
    fields: ({ instruments, air_limits }) => [
      pick("what", label("measured"), [...instruments, ...air_limits].map(({ kind, unit }) =>
        [`${kind} ${unit}`, `${word("reading", kind)}, ${named("paper.unit", unit)}`])),
      entry("value", label("value"), { inputmode: "decimal", maxlength: 12 }),
      entry("place", label("where")),
      instrument(),
    ],
    read: ({ what, value, ...more }) => {
      const [kind, unit] = (what ?? "").split(" ");
      return kind && Number.isFinite(value) ? { kind, unit, value, ...more } : null;
    },
    line: (one) => [word("reading", one.kind), `${figure(one.value)} ${named("paper.unit", one.unit)}`, one.place],
  },
  defect: {
    fields: ({ units }) => [
      entry("element", label("element")), words("defect", "paper.label.defect"), entry("place", label("where")),
      quantity(units), words("remedy", "paper.label.remedy"),
    ],
    read: (said) => (said.element && said.defect ? said : null),
    line: (one) => [one.element, one.defect, one.place, counted(one), one.remedy],
  },
  diagnostic: {
    fields: ({ methods, conditions }) => [
      entry("examined", label("examined")), entry("place", label("where")),
      pick("method", label("method"), methods.map((one) => [one, word("method", one)])),
      words("result", "paper.label.result"),
      pick("condition", label("condition"), conditions.map((one) => [one, word("condition", one)])),
      instrument(),
    ],
    read: (said) => (said.method && said.examined && said.result ? said : null),
    line: (one) => [one.examined, word("method", one.method), one.result, one.condition && word("condition", one.condition)],
  },
  danger: {
    fields: ({ dangers }) => [
      h("p", {}, t("notes.danger_what")),
      pick("hazard", label("hazards"), dangers.hazards.map((one) => [one, t(`hazard.${one}`)])),
      pick("place", label("where"), dangers.places.map((one) => [one, named("place", one)])),
      words("note", "form.reason_more"),
    ],
    read: (said) => (said.hazard || said.place ? said : null),
    line: (one) => [one.hazard && t(`hazard.${one.hazard}`), one.place && named("place", one.place), one.note],
  },
};
export const NOTED = Object.keys(KINDS);
const NUMBERS = new Set(["quantity", "value"]);

/** A record in words. */
export const lineOf = ({ kind, data }) => KINDS[kind].line(data).filter(Boolean).join(", ");

export const noting = (kind) => async (state, id, actions) => {
  const order = state.orders.find((one) => one.assignment_id === id);
  if (!order) return h("p.empty", {}, t("app.no_such_order"));
  const { fields, read } = KINDS[kind];
  const page = await form({
    name: `${kind} ${id}`,
    title: `notes.${kind}`,
    label: "notes.keep",
    fields: () => fields(state.rules),
    ready: onlyWithout,
    read: (given) => {
      const body = read(filled(given), state.rules);
      return body ? { body } : { problem: t("notes.fill_in") };
    },
    send: async (body, forget) => {
      await actions.record(order, { kind, [kind]: body });
      await forget();
      await actions.redraw();
      return `order/${id}/${kind}`;
    },
  });
  const written = (now) => list(now.orders.find((one) => one.assignment_id === id), kind, actions);
  let shown = written(state);
  page.prepend(shown);
  page.addEventListener("fresh", ({ detail: now }) => {
    const fresh = written(now);
    shown.replaceWith(fresh);
    shown = fresh;
  });
  return page;
};

/** What was filled in: empty fields left out, numbers as numbers. */
function filled(given) {
  const said = Object.entries(given).map(([name, value]) => [name, value.trim()]).filter(([, value]) => value);
  return Object.fromEntries(said.map(([name, value]) => [name, NUMBERS.has(name) ? number(value) : value]));
}

/** Show fields that stand in for another one only while that is empty. */
function onlyWithout(body, watch) {
  watch((fields) => {
    for (const one of body.querySelectorAll("[data-without]")) one.hidden = Boolean(fields[one.dataset.without]);
  });
}

function list(order, kind, actions) {
  const standing = ofKind(order?.recorded ?? [], kind);
  if (!standing.length) return h("div", { hidden: true });
  const drop = ({ id }) => actions.record(order, { kind: "retraction", replaces: id, retraction: {} }).then(actions.redraw);
  return section(t("notes.standing"), h("ol.history", {}, standing.map((one) =>
    h("li", {}, h("time", { datetime: one.device_at }, clock(one.device_at)), " ", lineOf(one),
      one.waiting && h("small.waits", {}, t("app.will_be_sent")),
      button("link", t("notes.drop"), () => drop(one))))));
}
