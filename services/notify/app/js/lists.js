// Alert lists: of which event whom to tell, in which order.

import { h } from "./dom.js";
import { named, t } from "./texts.js";

export function lists(found) {
  return found.map((list) => h("article.thing", { "data-list": list.event },
    h("h3", {}, named(list.names), " ", !list.active && h("span.tag.bad", {}, t("desk.inactive"))),
    h("ol", {}, list.steps.map(step))));
}

function step(one) {
  return h("li", {}, h("span.soft", {}, t(`mode.${one.mode}`), " · ", t("desk.waits", { n: one.wait_s }), " · ", t("desk.rounds", { n: one.rounds })),
    h("ul.plain", {}, one.addressees.map((person) => h("li", {}, named(person.names), " ", h("span.soft", {}, t(`means.${person.means}`)), " ", numbers(person)))));
}

function numbers(person) {
  const duty = person.purpose && t("desk.on_call", { purpose: person.purpose });
  const known = [duty, ...person.numbers].filter(Boolean).join(", ");
  return known ? h("span", {}, known) : h("span.bad", {}, t("desk.no_number"));
}
