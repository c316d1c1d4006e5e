// Alert lists: of which event whom to tell, in which order. Who may, writes down the numbers.

import { call, mayEdit } from "./api.js";
import { h } from "./dom.js";
import { named, t } from "./texts.js";

export function lists(found, again) {
  return found.map((list) => (mayEdit() ? editor(list, again) : h("article.thing", { "data-list": list.event }, heading(list), steps(list, numbers))));
}

const heading = (list) => h("h3", {}, named(list.names), " ", !list.active && h("span.tag.bad", {}, t("desk.inactive")));

const steps = (list, shown) => h("ol", {}, list.steps.map((one) => h("li", {},
  h("span.soft", {}, t(`mode.${one.mode}`), " · ", t("desk.waits", { n: one.wait_s }), " · ", t("desk.rounds", { n: one.rounds })),
  h("ul.plain", {}, one.addressees.map((person) => h("li.row", {}, named(person.names), h("span.soft", {}, t(`means.${person.means}`)), duty(person), shown(person)))))));

const duty = (person) => person.purpose && h("span", {}, t("desk.on_call", { purpose: person.purpose }));

function numbers(person) {
  if (person.numbers.length) return h("span", {}, person.numbers.join(", "));
  return !person.purpose && h("span.bad", {}, t("desk.no_number"));
}

/** The numbers of each addressee as a field, and whether the list is in use; saved from the version that was read. */
function editor(list, again) {
  const notice = h("div.notice", { role: "alert", hidden: true });
  const fields = new Map();
  const field = (person) => {
    const label = `${t("column.number")}: ${named(person.names)}`;
    const input = h("input", { value: person.numbers.join(", "), placeholder: "+7…", "aria-label": label, inputmode: "tel" });
    fields.set(person, input);
    return input;
  };
  const active = h("input", { type: "checkbox", checked: list.active });
  const save = async () => {
    const { names, starts } = list;
    const edited = list.steps.map((step) => ({ ...step, addressees: step.addressees.map((person) => ({ ...person, numbers: split(fields.get(person).value) })) }));
    const answer = await call("PUT", `/v1/alert-lists/${list.event}`, { body: { names, starts, steps: edited, active: active.checked }, tag: `"${list.version}"` });
    if (answer.status === 200) return again();
    notice.textContent = answer.status === 400 ? t("desk.bad_number") : (answer.body?.title ?? t("desk.no_answer"));
    notice.hidden = false;
  };
  return h("article.thing", { "data-list": list.event }, heading(list), steps(list, field),
    h("div.row", {}, h("label", {}, active, " ", t("desk.in_use")), h("button.main", { onclick: save }, t("desk.save"))), notice);
}

const split = (text) => text.split(/[,;]/).map((number) => number.replace(/[\s()-]/g, "")).filter(Boolean);
