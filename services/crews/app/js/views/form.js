// The frame of every page that asks for something. Each letter is kept as it is typed.

import { button, h } from "../dom.js";
import * as drafts from "../drafts.js";
import { t } from "../texts.js";
import { go } from "./routes.js";

export const LONGEST = 900;

/** A form under `name`, which its draft is kept by. `fields(kept)` makes its fields, `read(fields)` gives {body}
 * to send or {problem} to show; once sent, the page `back` is shown. `ready(form)` may add what it needs. */
export async function form({ name, title, label, fields, read, send, back, ready = () => {} }) {
  const kept = await drafts.read(name);
  const problem = h("p.notice.bad", { role: "alert", hidden: true });
  const body = h("form.card", { novalidate: true }, h("h1", {}, t(title)), fields(kept), problem);
  body.onsubmit = (event) => event.preventDefault();
  drafts.fill(body, kept);
  ready(body);
  drafts.watch(name, body);
  const submit = async () => {
    const found = read(drafts.fieldsOf(body));
    problem.hidden = !found.problem;
    problem.textContent = found.problem ?? "";
    if (found.problem) return (found.at ? body.querySelector(found.at) : problem).scrollIntoView({ block: "center" });
    await send(found.body);
    await drafts.forget(name);
    go(back);
  };
  return h("div.page.with-bar", {}, body, h("nav.bar", {}, button("main", t(label), submit, { id: "next" })));
}

export function choices(name, values, label, title = `form.${name}`) {
  return h("fieldset", {}, h("legend", {}, t(title)), values.map((value) =>
    h("label.choice", {}, h("input", { type: "radio", name, value }), h("span", {}, label(value)))));
}

export function tick(name, label) {
  return h("label.choice", {}, h("input", { type: "checkbox", name }), h("span", {}, label));
}

export function words(name, label) {
  return h("label.field", {}, h("span", {}, t(label)), h("textarea", { name, rows: 3, maxlength: LONGEST }));
}
