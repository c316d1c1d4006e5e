// People in danger, people needed, words to and from the dispatcher. A call that has not gone out says so.

import { button, h, section } from "../dom.js";
import { isActive } from "../stages.js";
import { clock, named, t } from "../texts.js";
import { choices, form, words } from "./form.js";
import { go } from "./routes.js";

const NEEDS = ["help", "resources", "other_service"];

export function help(state, _id, actions) {
  const unsent = state.commands.filter((one) => one.state === "waiting" && (one.urgent || one.verb === "signal"));
  actions.readMessages();
  return h("div.page", {},
    section(null, button("main.sos", t("help.sos"), () => actions.sos(under(state)), { id: "sos" }), h("p", {}, t("help.sos_what"))),
    unsent.map(notSent),
    state.signals.map(signal),
    button("plain", t("help.need"), () => go("need"), { id: "need" }),
    section(t("help.messages"),
      button("plain", t("help.write"), () => go("write"), { id: "write" }),
      h("ol.history", {}, waitingWords(state), state.messages.map(message))),
  );
}

/** The order that a call belongs to: the one under way, if there is one. */
export const under = ({ orders, rules }) => orders.find((order) => isActive(order, rules))?.assignment_id ?? null;

const notSent = ({ verb, body }) => h("section.notice.bad", { role: "alert" },
  h("h2", {}, t("help.not_sent", { what: t(`verb.${verb}`), time: clock(body.at) })),
  h("p", {}, t("help.call_112")), h("a.button.plain", { href: "tel:112" }, "112"));

function signal({ kind, at, note, acknowledged_at, acknowledged_by, answer }) {
  return h(`section.notice${acknowledged_at ? ".heard" : ""}`, { role: "status" },
    h("h2", {}, named("signal", kind), " ", clock(at)),
    note && h("p", {}, note),
    acknowledged_at
      ? h("p", {}, t("help.acknowledged", { by: acknowledged_by, time: clock(acknowledged_at) }), answer && ` ${answer}`)
      : h("p", {}, t("help.unacknowledged")));
}

function message({ from_crew, by, text, at }) {
  return h(`li${from_crew ? "" : ".theirs"}`, {}, h("time", { datetime: at }, clock(at)), " ",
    h("b", {}, from_crew ? t("help.we") : by), h("p", {}, text));
}

function waitingWords({ commands }) {
  return commands.filter((one) => one.verb === "message" && one.state === "waiting").map(({ body }) =>
    h("li", {}, h("time", { datetime: body.at }, clock(body.at)), " ", h("small.waits", {}, t("app.will_be_sent")), h("p", {}, body.text)));
}

export function needing(state, _id, actions) {
  const service = h("label.field", {}, h("span", {}, t("help.which_service")),
    h("select", { name: "service" }, h("option", { value: "" }, "—"),
      state.rules.systems.map((one) => h("option", { value: one }, named("system", one)))));
  return form({
    name: "need",
    title: "help.need",
    label: "help.send",
    fields: () => [choices("kind", NEEDS, (kind) => t(`signal.${kind}`), "help.what"), service, words("note", "form.reason_more")],
    read: ({ kind, service: wanted, note }) => {
      if (!kind || (kind === "other_service" && !wanted)) return { problem: t("help.say_what") };
      return { body: { kind, ...(kind === "other_service" && { service: wanted }), ...(note.trim() && { note: note.trim() }) } };
    },
    ready: (_body, watch) => watch(({ kind }) => { service.hidden = kind !== "other_service"; }),
    send: (body) => actions.signal(under(state), body),
    back: "help",
  });
}

export function writing(state, _id, actions) {
  return form({
    name: "write",
    title: "help.write",
    label: "help.send",
    fields: () => [words("text", "help.text")],
    read: ({ text }) => (text.trim() ? { body: { text: text.trim() } } : { problem: t("help.say_what") }),
    send: (body) => actions.write(under(state), body),
    back: "help",
  });
}
