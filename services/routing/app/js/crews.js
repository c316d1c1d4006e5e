// Crews on shift: what each has in hand, what is next and by when. And the outages that are not over.

import { call } from "./api.js";
import { h } from "./dom.js";
import { moment, t, time } from "./texts.js";

/** The list of crews, asked for whenever it is opened; `again` draws it anew. */
export function crews(known, load, { choose, write }, again) {
  const queues = new Map((load?.crews ?? []).map((crew) => [crew.crew_id, crew]));
  const present = [...known.values()].filter((crew) => crew.on_shift).sort((one, other) => one.name.localeCompare(other.name));
  return h("ul.plain.crews", {}, present.map((crew) => line(crew, queues.get(crew.crew_id), { choose, write }, again)));
}

function line(crew, load, { choose, write }, again) {
  const now = crew.holding ? numbered(crew.holding, choose, t(`stage.${crew.holding.state}`)) : h("span.good", {}, t("console.free"));
  return h("li", { "data-crew": crew.crew_id },
    h("b", {}, crew.name), " ", crew.out ? h("span.bad", {}, t(`out.${crew.out}`)) : now,
    " ", h("button.link", { onclick: () => write(crew.crew_id), "aria-label": t("console.talk", { crew: crew.name }) }, t("console.write")),
    load?.minutes_booked > 0 && h("span.soft", {}, " ", t("console.booked", { n: load.minutes_booked })),
    load?.queue.length > 0 && h("ol.queue", {}, load.queue.map((next) => h("li", {}, numbered(next, choose, times(next)), next.pinned && h("button.link", { onclick: () => unpin(next.request_id, again) }, t("console.unpin"))))));
}

async function unpin(id, again) {
  await call("POST", `/v1/requests/${id}/unpin`, { body: {}, key: crypto.randomUUID() });
  again();
}

const numbered = (request, choose, words) => h("span", {}, h("button.link", { onclick: () => choose(request.request_id) }, `№ ${request.number}`), " ", words);

function times(next) {
  const late = next.arrives_at && next.due_at && new Date(next.arrives_at) > new Date(next.due_at);
  return [
    next.arrives_at && h(late ? "span.bad" : "span", {}, t("console.there_at", { time: time(next.arrives_at) })), " ",
    next.due_at && h("span.soft", {}, t("console.due_at", { time: time(next.due_at) })),
  ];
}

export async function readLoad() {
  const answer = await call("GET", "/v1/load");
  return answer.status === 200 ? answer.body : null;
}

export function outages(known) {
  const open = [...known.values()].filter((outage) => !["closed", "called_off"].includes(outage.state));
  if (open.length === 0) return null;
  const lines = open.map((outage) => h("li", { "data-outage": outage.number },
    h("b", {}, `№ ${outage.number} `), outage.symptoms.map((symptom) => t(`symptom.${symptom}`)).join(", "), " ",
    h("span.soft", {}, t(`outage.${outage.state}`), " · ", t("console.houses", { n: outage.houses.length }), " · ", outage.houses[0]?.address, outage.ends_by && ` · ${t("console.until_planned", { time: moment(outage.ends_by) })}`),
    outage.cause && h("div", {}, t("console.cause", { cause: outage.cause }))));
  return h("section.card", {}, h("h2", {}, t("console.outages", { n: open.length })), h("ul.plain", {}, lines));
}
