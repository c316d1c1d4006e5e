// One request: everything about it, and what can be done with it.

import { call } from "./api.js";
import { urgency } from "./board.js";
import { h } from "./dom.js";
import { moment, t, time } from "./texts.js";

/** The card of a request; `again` draws it anew after a command, `write` opens the words with its crew. */
export async function card(id, notice, { again, write, outages }) {
  const [whole, advice] = await Promise.all([call("GET", `/v1/requests/${id}`), call("GET", `/v1/requests/${id}/recommendation`)]);
  if (whole.status !== 200) return h("section.card", {}, h("div.notice", {}, whole.body?.title ?? t("console.no_answer")));
  const command = (verb, body) => order(id, whole.tag, verb, body, again);
  return h("section.card", { "data-card": id },
    notice && h("div.notice", { role: "alert" }, notice),
    head(whole.body, write),
    added(whole.body),
    crews(whole.body, advice.status === 200 ? advice.body : null, command),
    untold(whole.body, command),
    actions(whole.body, command),
    outage(whole.body, outages, command),
    told(whole.body),
  );
}

async function order(id, tag, verb, body, again) {
  const answer = await call("POST", `/v1/requests/${id}/${verb}`, { body, tag, key: crypto.randomUUID() });
  again(answer.status === 200 ? null : (answer.body?.title ?? t("console.no_answer")));
}

function head(request, write) {
  return [
    h("h2", {}, `№ ${request.number} `, urgency(request), ` ${t(`status.${request.status}`)}`),
    h("p", {}, request.address?.text ?? "", h("br"), request.text),
    request.hazards.length > 0 && h("p.bad", {}, t("console.hazards"), ": ", request.hazards.map((hazard) => t(`hazard.${hazard}`)).join(", ")),
    request.transfer && h("p.soft", {}, request.transfer.unit, " · ", time(request.transfer.transferred_at), request.transfer.acknowledged_at ? ` ✓ ${time(request.transfer.acknowledged_at)}` : ""),
    request.unroutable && h("p.bad", {}, request.unroutable.text),
    request.assignment && h("p", {}, request.assignment.crew_name, " · ", t(`stage.${request.assignment.state}`), " ", h("button", { onclick: () => write(request.assignment.crew_id, request) }, t("console.write"))),
  ];
}

/** What the applicant said after the request was taken; read when somebody opens it. */
function added(request) {
  if (!request.supplements.count) return null;
  const words = h("ul.plain", {});
  const read = async (event) => {
    if (!event.target.open) return;
    const answer = await call("GET", `/v1/requests/${request.request_id}/messages`);
    const told = answer.status === 200 ? answer.body.messages : [];
    words.replaceChildren(...(told.length ? told.map((one) => h("li", {}, h("span.soft", {}, time(one.received_at)), " ", one.text)) : [h("li.bad", {}, answer.body?.title ?? t("console.no_answer"))]));
  };
  return h("details.added", { ontoggle: read }, h("summary.urgent", {}, t("console.supplements", { count: request.supplements.count, photos: request.supplements.photos })), words);
}

function crews(request, advice, command) {
  if (!advice) return null;
  const options = advice.ranked.slice(0, 5).map((option) => h("li", { "data-option": option.crew_id },
    h("div.row", {}, h("b", {}, option.crew_name), h(`span.way.${option.way}`, {}, t(`way.${option.way}`)), t("console.eta", { n: option.eta_minutes }), option.in_norm === false && h("span.bad", {}, t("console.late")),
      option.way !== "after" && h("button.main", { onclick: () => command("assign", { crew_id: option.crew_id }), disabled: request.assignment?.crew_id === option.crew_id }, t("console.assign")),
      !request.assignment && h("button", { onclick: () => command("pin", { crew_id: option.crew_id }) }, t("console.pin"))),
    h("div.soft", {}, [...option.merits, option.kept, ...option.effects].filter(Boolean).map((said) => said.text).join("; "))));
  const refused = advice.refused.map((crew) => h("li.soft", {}, `${crew.crew_name}: ${crew.reasons.map((reason) => reason.text).join(", ")}`));
  return [h("h2", {}, t("console.who"), advice.due_at && h("span.soft", {}, " ", t("console.due_at", { time: moment(advice.due_at) }))), h("ul.plain", {}, options), refused.length > 0 && h("details", {}, h("summary", {}, t("console.left_out", { n: refused.length })), h("ul.plain", {}, refused))];
}

/** Whom an alert could not reach: called by the dispatcher, who writes down who took the message. */
function untold(request, command) {
  return request.untold.map((one) => {
    const who = h("input", { placeholder: t("console.who_took_it"), "aria-label": t("console.who_took_it"), maxlength: 200 });
    const tell = () => (who.value.trim() ? command("told", { alert_id: one.alert_id, received_by: who.value.trim() }) : who.focus());
    return h("div.notice", { "data-untold": one.alert_id }, one.text, h("div.row", {}, who, h("button.main", { onclick: tell }, t("console.told_myself"))));
  });
}

function actions(request, command) {
  const reason = h("input", { placeholder: t("console.reason"), "aria-label": t("console.reason"), maxlength: 1000 });
  const why = () => reason.value.trim();
  const withReason = (verb, more = {}) => () => (why() ? command(verb, { reason: why(), ...more() }) : reason.focus());
  const none = () => ({});
  const category = h("select", { "aria-label": t("console.urgency") }, ["emergency", "urgent", "planned", "consultation"].map((name) => h("option", { value: name, selected: name === request.category }, t(`category.${name}`))));
  const until = h("input", { type: "datetime-local", "aria-label": t("console.defer_until") });
  const call_ = (party, result) => () => command("calls", { party, result, note: why() || null });
  return [
    h("h2", {}, t("console.do")),
    h("div.row", {}, reason),
    h("div.row", {},
      request.assignment && h("button", { onclick: withReason("withdraw", none) }, t("console.withdraw")),
      request.transfer && !request.transfer.acknowledged_at && h("button", { onclick: () => command("acknowledge", { channel: "phone" }) }, t("console.acknowledge")),
      request.state === "done" && h("button.main", { onclick: () => command("close", { delay_reason: why() || null }) }, t("console.close")),
      h("button.grave", { onclick: withReason("cancellation", () => ({ decision: "cancel" })) }, t("console.cancel")),
      request.cancellation_asked_at && h("button", { onclick: withReason("cancellation", () => ({ decision: "keep" })) }, t("console.keep"))),
    h("div.row", {}, category, h("button", { onclick: withReason("urgency", () => ({ category: category.value })) }, t("console.change_urgency"))),
    request.deferred_until
      ? h("div.row", {}, h("button", { onclick: () => command("resume", {}) }, t("console.resume")))
      : h("div.row", {}, until, h("button", { onclick: () => until.value ? withReason("defer", () => ({ until: new Date(until.value).toISOString() }))() : until.focus() }, t("console.defer"))),
    h("div.row", {}, t("console.called"),
      ["resident", "crew", "organisation"].map((party) => [
        h("button", { onclick: call_(party, "reached") }, t(`console.${party}`)),
        h("button", { onclick: call_(party, "no_answer"), title: t("console.no_reply"), "aria-label": `${t(`console.${party}`)}: ${t("console.no_reply")}` }, "✗")])),
  ];
}

/** One crew for many requests: joined to an outage that is open, or split off the one it is on. */
function outage(request, outages, command) {
  if (request.outage) {
    return [h("h2", {}, t("console.outage", { number: request.outage.number })),
      h("button", { onclick: () => command("split", { outage_id: request.outage.outage_id }) }, t("console.split"))];
  }
  const open = outages.filter((one) => !["closed", "called_off"].includes(one.state));
  if (!open.length) return null;
  const which = h("select", { "aria-label": t("console.which_outage") }, open.map((one) =>
    h("option", { value: one.outage_id }, `№ ${one.number} · ${one.houses[0]?.address ?? ""}`)));
  return [h("h2", {}, t("console.which_outage")), h("div.row", {}, which, h("button", { onclick: () => command("join", { outage_id: which.value }) }, t("console.join")))];
}

function told(request) {
  const lines = (request.timeline?.entries ?? []).map((entry) => h("li", {}, h("span.soft", {}, time(entry.at)), " ", entry.text));
  const calls = request.calls.map((one) => h("li", {}, h("span.soft", {}, time(one.at)), ` ☎ ${t(`console.${one.party}`)} · ${t(`result.${one.result}`)} ${one.note ?? ""}`));
  return [h("h2", {}, t("console.timeline")), request.partial && h("p.bad", {}, t("console.partial")), h("ul.plain", {}, lines, calls)];
}
