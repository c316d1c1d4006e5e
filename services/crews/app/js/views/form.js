// The frame of every page that asks for something. Each letter is kept as it is typed.

import { button, h } from "../dom.js";
import * as drafts from "../drafts.js";
import { t } from "../texts.js";
import { go } from "./routes.js";

export const LONGEST = 900;

/** A form under `name`, which its draft is kept by. `fields(kept)` makes its fields, `read(fields)` gives {body}
 * to send or {problem} to show, with {missing} pairs of a field's data-item and its text; once sent, the page
 * `back` is shown, or what `send` names instead. `ready(form, watch)` may add what it needs; `watch(told)` tells
 * the fields at every letter. */
export async function form({ name, title, label, fields, read, send, back, ready = () => {} }) {
  const kept = await drafts.read(name);
  const problem = h("div.notice.bad", { role: "alert", hidden: true });
  const body = h("form.card", { novalidate: true }, h("h1", {}, t(title)), fields(kept), problem);
  body.onsubmit = (event) => event.preventDefault();
  drafts.fill(body, kept);
  drafts.watch(name, body);
  ready(body, (told) => {
    told(drafts.fieldsOf(body));
    body.addEventListener("input", () => told(drafts.fieldsOf(body)));
  });
  const submit = async () => {
    const found = read(drafts.fieldsOf(body));
    problem.hidden = !found.problem;
    problem.replaceChildren(...(found.problem ? [found.problem, missing(found, body)] : []).filter(Boolean));
    if (found.problem) return problem.scrollIntoView({ block: "start" });
    const at = location.hash;
    const next = await send(found.body, () => drafts.forget(name));
    await drafts.forget(name);
    if (location.hash === at) go(next ?? back); // who has gone on meanwhile is not called back
  };
  return h("div.page.with-bar", {}, body, h("nav.bar", {}, button("main", t(label), submit, { id: "next" })));
}

/** What is still to be answered, each a way to its place in the form. */
function missing({ missing: items }, body) {
  const there = (id) => () => body.querySelector(`[data-item="${id}"]`).scrollIntoView({ block: "center" });
  return items && h("ol", {}, items.map(([id, text]) => h("li", {}, button("link", text, there(id)))));
}

export function choices(name, values, label, title = `form.${name}`) {
  return h("fieldset", {}, h("legend", {}, t(title)), values.map((value) =>
    h("label.choice", {}, h("input", { type: "radio", name, value }), h("span", {}, label(value)))));
}

export function entry(name, label, attributes = {}) {
  return h("label.field", {}, h("span", {}, label), h("input", { name, autocomplete: "off", maxlength: 200, ...attributes }));
}

/** One of `options`, pairs of a value and its text; none is chosen at first, unless `attributes.value` names it. */
export function pick(name, label, options, { empty = "—", ...attributes } = {}) {
  const all = empty === null ? options : [["", empty], ...options];
  return h("label.field", {}, h("span", {}, label),
    h("select", { name, ...attributes }, all.map(([value, text]) => h("option", { value }, text))));
}

export function tick(name, label) {
  return h("label.choice", {}, h("input", { type: "checkbox", name }), h("span", {}, label));
}

export function words(name, label, value = "") {
  return h("label.field", {}, h("span", {}, t(label)), h("textarea", { name, rows: 3, maxlength: LONGEST, value }));
}
