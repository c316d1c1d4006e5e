// Alerts: who has been told of what, by what means, when, and who took it.

import { call } from "./api.js";
import { h } from "./dom.js";
import { ago, named, t, time } from "./texts.js";

const LIVE = ["waiting", "running"];
const GOOD = ["acknowledged", "delivered"];
const BAD = ["failed", "busy", "no_answer", "machine", "unacknowledged"];
const COLUMNS = ["whom", "means", "number", "state", "placed_at", "answered_at", "acknowledged_at", "received_by"];

export function alerts(found, again) {
  const live = found.filter((one) => LIVE.includes(one.stage) || one.untold.length > 0);
  const rest = found.filter((one) => !live.includes(one));
  return [
    h("h2", {}, t("desk.alerts", { n: live.length })),
    live.length ? live.map((one) => card(one, again)) : h("p.good", {}, t("desk.no_alerts")),
    rest.length > 0 && h("details", { id: "past" }, h("summary", {}, t("desk.past_alerts", { n: rest.length })), rest.map((one) => card(one, again))),
  ];
}

function card(one, again) {
  const notice = h("div.notice", { role: "alert", hidden: true });
  const { address, number, note } = one.facts;
  return h(one.untold.length ? "article.thing.danger" : "article.thing", { "data-alert": one.alert_id },
    h("h3", {}, named(one.names), " ", h("span.tag", {}, t(`stage.${one.stage}`)), " ", h("span.soft", {}, ago(one.created_at))),
    h("p", {}, [number && `№ ${number}`, address, note].filter(Boolean).join(" · ")),
    one.untold.map((person) => untold(one, person, notice, again)),
    one.attempts.length > 0 && h("div.scroll", {}, h("table", {}, h("thead", {}, h("tr", {}, COLUMNS.map((name) => h("th", {}, t(`column.${name}`))))), h("tbody", {}, one.attempts.map(attempt)))),
    one.reason && h("p.soft", {}, one.stage === "covered" ? t("desk.covered") : t("desk.reason", { reason: one.reason })),
    LIVE.includes(one.stage) && stop(one, notice, again), notice);
}

function attempt(one) {
  const look = GOOD.includes(one.state) ? "span.good" : BAD.includes(one.state) ? "span.bad" : "span";
  const detail = one.error_code ? ` (${t(`error.${one.error_code}`)})` : one.note ? ` (${t(`error.${one.note}`)})` : "";
  return h("tr", {}, [
    named(one.names), t(`means.${one.means}`), one.number, h(look, {}, t(`attempt.${one.state}`), detail),
    time(one.placed_at), time(one.answered_at), time(one.acknowledged_at), one.received_by && t(`by.${one.received_by}`),
  ].map((cell) => h("td", {}, cell ?? "")));
}

/** Whom nobody could reach: a person calls and writes down who took the message. */
function untold(alert, person, notice, again) {
  const who = h("input", { maxlength: 200, placeholder: t("desk.received_by"), "aria-label": t("desk.received_by"), "data-note": `${alert.alert_id} ${person.code}` });
  const write = () => command(alert, "told", { addressee: person.code, received_by: who.value }, notice, again);
  return h("div.row", { "data-untold": person.code }, h("b.bad", {}, t("desk.tell", { who: named(person.names) })), who, h("button.main", { onclick: write }, t("desk.written")));
}

function stop(alert, notice, again) {
  const reason = h("input", { maxlength: 500, placeholder: t("desk.why_stop"), "aria-label": t("desk.why_stop"), "data-note": `${alert.alert_id} stop` });
  return h("div.row", {}, reason, h("button.grave", { onclick: () => command(alert, "stop", { reason: reason.value }, notice, again) }, t("desk.stop")));
}

async function command(alert, verb, body, notice, again) {
  const answer = await call("POST", `/v1/alerts/${alert.alert_id}/${verb}`, { body });
  if (answer.status === 200) return again();
  notice.textContent = answer.body?.title ?? t("desk.no_answer");
  notice.hidden = false;
}
