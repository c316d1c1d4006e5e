// The list of requests.

import { h } from "./dom.js";
import { ago, moment, t } from "./texts.js";

const RANK = { emergency: 0, urgent: 1, planned: 2, consultation: 3 };
const OVER = new Set(["done", "closed", "cancelled", "rejected", "consulted"]);

const rank = (request) => RANK[request.category] ?? 4;
const byUrgency = (one, other) => rank(one) - rank(other) || new Date(other.registered_at) - new Date(one.registered_at);

export function shown(requests, filter) {
  const words = filter.text.toLowerCase();
  return [...requests.values()]
    .filter((request) => filter.all || !OVER.has(request.state))
    .filter((request) => !filter.category || request.category === filter.category)
    .filter((request) => !words || `${request.number} ${request.text} ${request.address?.text}`.toLowerCase().includes(words))
    .sort(byUrgency);
}

export function board(requests, { chosen, fresh, choose, wrong }) {
  const columns = ["number", "urgency", "where", "what", "state", "crew", "since"];
  return h("table", {},
    h("thead", {}, h("tr", {}, columns.map((name) => h("th", { scope: "col" }, t(`console.${name}`))))),
    h("tbody", {}, requests.map((request) => line(request, chosen, fresh, choose, wrong.get(`request:${request.request_id}`) ?? []))),
  );
}

function line(request, chosen, fresh, choose, wrong) {
  const id = request.request_id;
  const marks = [id === chosen && "chosen", fresh.has(id) && "fresh"].filter(Boolean).join(" ");
  return h("tr", { class: marks || null, "data-request": id, tabindex: 0, onclick: () => choose(id), onkeydown: (press) => press.key === "Enter" && choose(id) },
    h("td", {}, request.number),
    h("td", {}, urgency(request)),
    h("td", {}, request.address?.text ?? ""),
    h("td", {}, request.text, extras(request)),
    h("td", {}, t(`status.${request.status}`), trouble(request, wrong)),
    h("td", {}, request.assignment ? `${request.assignment.crew_name} · ${t(`stage.${request.assignment.state}`)}` : "—"),
    h("td.soft", {}, ago(request.registered_at)),
  );
}

export const urgency = (request) => h(`span.tag.${request.category ?? "soft"}`, {}, t(`category.${request.category ?? "unknown"}`));

function extras(request) {
  const added = request.supplements;
  return [
    request.outage && h("div.soft", {}, t("console.outage", { number: request.outage.number })),
    added?.count > 0 && h("div.urgent", {}, t("console.supplements", { count: added.count, photos: added.photos })),
  ];
}

const trouble = (request, wrong) => [
  request.deferred_until && h("div.soft", {}, t("console.until", { time: moment(request.deferred_until) })),
  wrong.map((alarm) => h("div.bad", { title: alarm.text }, alarm.text.split(". ")[0])),
];

