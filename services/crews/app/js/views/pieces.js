// Pieces that several pages show of an order.

import { serverNow } from "../api.js";
import { h } from "../dom.js";
import { clock, figure, has, named, t } from "../texts.js";

/** Number, urgency, fault and address: what tells one order from another. */
export function headline(order) {
  return [
    h("p.tags", {},
      h(`span.tag.${order.category}`, {}, named("category", order.category)),
      h("span.tag", {}, named("system", order.system)),
      h("span.number", {}, `№ ${order.number}`)),
    dangers(order).length > 0 && h("p.tags", {}, dangers(order).map((key) => h("span.tag.danger", {}, "⚠ ", t(key)))),
    h("h2", {}, named("fault", order.fault)),
    h("p.address", {}, order.address.text),
    h("p.stage", {}, named("step", order.stage), order.waiting.length > 0 && !order.refused && h("small.waits", {}, t("app.will_be_sent"))),
  ];
}

/** Time left to answer an offer, by the service's clock. */
export function countdown(order) {
  const element = h("p.countdown", { "data-until": order.respond_by, role: "timer" });
  const tick = () => {
    const left = Math.round((Date.parse(order.respond_by) - serverNow()) / 1000);
    element.textContent = left > 0 ? t("app.answer_within", { time: minutes(left) }) : t("app.answer_late");
    element.classList.toggle("late", left <= 30);
  };
  element.addEventListener("tick", tick);
  tick();
  return element;
}

const minutes = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

/** Keys of what is dangerous here: the hazards, and a place where the air may kill. */
function dangers(order) {
  const confined = order.places.map((place) => `confined.${place}`).filter(has);
  return [...order.hazards.map((hazard) => `hazard.${hazard}`), ...confined];
}

/** Dangers in red, each with what to do about it. */
export function hazards(order) {
  const keys = dangers(order);
  if (!keys.length) return null;
  return h("section.hazards", { role: "alert" },
    keys.map((key) => [
      h("h2", {}, "⚠ ", t(key)),
      h("ul", {}, t(`${key}.script`).split("\n").filter(Boolean).map((line) => h("li", {}, line))),
    ]));
}

/** What a refused step was, why it was refused, what is true now, and what it held back. */
export function refusal(order, buttons) {
  const { refused, waiting } = order;
  const { errors = {}, details } = refused.problem;
  return h("section.notice.bad", { role: "alert" },
    h("h2", {}, t("app.refused", { step: t(`verb.${refused.verb}`), time: clock(refused.body.at) })),
    h("p", {}, refused.problem.title),
    Object.entries(errors ?? {}).map(([name, lines]) => h("p", {}, [lines].flat().join(" "), source(details?.why?.[name]))),
    h("p", {}, t("app.true_now"), " ", h("b", {}, named("step", order.true_stage))),
    waiting.length > 0 && h("p", {}, t("app.held_back"), " ", waiting.map((one) => t(`verb.${one.verb}`)).join(", ")),
    entered(refused),
    buttons,
  );
}

/** By which item of the professional standard something is asked. */
const source = (item) => item && h("small", {}, ` (${item})`);

/** What the crew had entered with a step. */
export function entered(command) {
  const parts = partsOf(command);
  return parts.length > 0 && h("p.entered", {}, parts.join(" · "));
}

/** A refused step in words, for the dispatcher; null if nothing was entered with it. */
export function told(command) {
  const parts = partsOf(command);
  const name = t("app.refused", { step: t(`verb.${command.verb}`), time: clock(command.body.at) });
  return parts.length > 0 ? [name, ...parts].join(" · ") : null;
}

function partsOf({ body }) {
  const readings = (body.readings ?? []).map((one) => `${named("reading", one.kind)} ${figure(one.value)} ${named("paper.unit", one.unit)}`);
  const reason = body.reason && named("withdrawal", body.reason);
  const { happened_at: _at, ...statement } = body.statement ?? {};
  const said = Object.values(statement).filter(Boolean);
  return [reason, body.note, body.result && named("result", body.result), body.name, ...readings, ...said].filter(Boolean);
}
