// What a crew says in a document, and signatures under it.

import { button, h } from "../dom.js";
import { pad } from "../pad.js";
import { t } from "../texts.js";
import { choices, entry, form, words } from "./form.js";
import { saidAs } from "./documents.js";

const SAID = {
  accident_act: ["place", "cause", "circumstances", "damage", "harmed", "causer"],
  survey_act: ["circumstances", "cause", "damage", "conclusion", "recommendations"],
};
const OURS = new Set(["leader", "fitter"]); // parties that are of the crew
const SHORT = new Set(["place", "harmed", "causer"]);

/** A new document: `more` is its type, and after a dot the document that it corrects. */
export function drafting(state, id, actions, more) {
  const order = state.orders.find((one) => one.assignment_id === id);
  if (!order) return h("p.empty", {}, t("app.no_such_order"));
  const [type, corrects = null] = more.split(".");
  const old = state.documents.find((one) => one.id === corrects);
  const send = async (statement) => `document/${await actions.draft(order, { type, statement, corrects })}`;
  return saying({ name: `draft ${id} ${more}`, type, statement: old?.statement ?? {}, label: "papers.make", send });
}

/** A draft said otherwise. */
export function editing(state, id, actions) {
  const paper = state.documents.find((one) => one.id === id);
  if (!paper || paper.state !== "draft") return h("p.empty", {}, t("papers.frozen"));
  const send = (statement) => actions.revise(paper, statement);
  const { type, statement } = paper;
  return saying({ name: `edit ${id} ${paper.version}`, type, statement, label: "notes.keep", send, back: `document/${id}` });
}

function saying({ name, type, statement, label, send, back }) {
  const names = SAID[type] ?? ["conclusion", "recommendations"];
  return form({
    name, title: `paper.title.${type}`, label, send, back,
    fields: () => [
      h("p", {}, t("papers.facts")),
      type === "accident_act" && entry("happened_at", saidAs("happened_at"), { type: "datetime-local", value: local(statement.happened_at) }),
      names.map((one) => SHORT.has(one)
        ? entry(one, saidAs(one), { value: statement[one] ?? "", maxlength: 500 })
        : words(one, `paper.label.said.${one}`, statement[one] ?? "")),
    ],
    read: (fields) => ({ body: said(statement, fields) }),
  });
}

function said(before, { happened_at, ...fields }) {
  const now = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value.trim() || null]));
  return { ...before, ...now, ...(happened_at && { happened_at: new Date(happened_at).toISOString() }) };
}

/** A moment as a field of a form shows it, by the phone's clock. */
function local(moment) {
  if (!moment) return "";
  const at = new Date(moment);
  return new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

/** A signature of a party, or that it refused or was not there. */
export async function signing(state, id, actions, party) {
  const paper = state.documents.find((one) => one.id === id);
  if (!paper) return h("p.empty", {}, t("papers.none"));
  const { means, unsigned } = state.rules.documents;
  const box = pad("strokes");
  const page = await form({
    name: `sign ${id} ${party}`,
    title: `paper.party.${party}`,
    label: "papers.put",
    fields: () => [
      h("p", {}, t("papers.signs", { title: t(`paper.title.${paper.type}`) })),
      entry("name", t("papers.name"), { list: "people", value: usual(party, state.people) }),
      h("datalist", { id: "people" }, OURS.has(party) && state.people.map(({ name }) => h("option", { value: name }))),
      choices("means", means, (one) => t(`papers.means.${one}`), "papers.means"),
      h("div", { "data-for": "drawn" }, h("p", {}, t("papers.draw")), box.element, button("plain", t("papers.again"), box.clear)),
      h("div", { "data-for": unsigned.join(" ") }, words("reason", "form.reason")),
    ],
    ready: (body, watch) => {
      box.show();
      body.querySelector("[value=drawn]").addEventListener("change", () =>
        requestAnimationFrame(() => box.element.scrollIntoView({ block: "center" })));
      watch(({ means: chosen = "" }) => {
        for (const one of body.querySelectorAll("[data-for]")) one.hidden = !one.dataset.for.split(" ").includes(chosen);
      });
    },
    read: (fields) => signatureOf(party, fields, unsigned),
    send: (signature) => actions.sign(paper, signature),
    back: `document/${id}`,
  });
  return page;
}

/** Who of the crew signs as this party, if only one can. */
const usual = (party, people) => (party === "leader" && people.find((one) => one.leader)?.name) || "";

function signatureOf(party, { name, means, strokes, reason }, unsigned) {
  const drawn = JSON.parse(strokes || "[]");
  if (!name.trim() || !means) return { problem: t("papers.say_who") };
  if (means === "drawn" && !drawn.length) return { problem: t("papers.nothing_drawn") };
  if (unsigned.includes(means) && !reason.trim()) return { problem: t("form.give_reason") };
  const more = means === "drawn" ? { strokes: drawn } : unsigned.includes(means) ? { reason: reason.trim() } : {};
  return { body: { party, means, name: name.trim(), ...more } };
}
