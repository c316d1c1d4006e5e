// One work order: dangers, where, what, what happened, and one large button for the next step.

import { button, h, section } from "../dom.js";
import { asked } from "../gate.js";
import { holds, leavesFor } from "../leaving.js";
import { ofKind } from "../records.js";
import { canTake } from "../photos.js";
import { isFinal, nextVerb, verbOf } from "../stages.js";
import { metresTo } from "../position.js";
import { clock, figure, named, t } from "../texts.js";
import { corrected } from "./correcting.js";
import { instead, leaving } from "./leaving.js";
import { NOTED } from "./notes.js";
import { countdown, entered, hazards, headline, refusal } from "./pieces.js";
import { photos } from "./photos.js";
import { go } from "./routes.js";

const NEED_FORM = new Set(["decline", "suspend", "localise", "complete"]);

export function order(state, id, actions) {
  const shown = state.orders.find((one) => one.assignment_id === id);
  if (!shown) return h("p.empty", {}, t("app.no_such_order"));
  return h("div.page.with-bar", {},
    shown.refused && refusal(shown, refusalButtons(shown, actions)),
    instead(shown, state),
    section(null, headline(shown), shown.stage === "offered" && countdown(shown)),
    shown.stage === "departed" && shown.arrival_seen_at && h("p.notice", { role: "status" }, t("app.arrival_seen")),
    !isFinal(shown, state.rules) && hazards(shown),
    leaving(shown, state, actions),
    place(shown),
    section(t("app.said"), h("blockquote", { lang: shown.language }, shown.text)),
    shown.reached.includes("accepted") && writing(shown, state),
    canTake() && photos(shown, state, actions),
    history(shown),
    bar(shown, state, actions),
  );
}

/** What may be written down, each with how much of it stands. */
function writing({ assignment_id: id, recorded }, { documents }) {
  const way = (page, text, count) => h("a.button.plain", { href: `#/order/${id}/${page}` }, text, count > 0 && h("b.count", {}, count));
  return section(t("notes.title"),
    h("div.row.narrow", {},
      NOTED.map((kind) => way(kind, t(`notes.${kind}`), ofKind(recorded, kind).length)),
      way("correct", t("correct.title"), 0)),
    way("documents", t("papers.title"), documents.filter((one) => one.assignment_id === id).length));
}

function refusalButtons(shown, actions) {
  const { refused } = shown;
  const mendable = refused.problem.status === 422 && ["start", "localise", "complete"].includes(refused.verb);
  return [
    mendable && button("main", t("app.correct"), () => go(`order/${shown.assignment_id}/${refused.verb}`)),
    button("plain", t("app.understood"), () => actions.setAside(shown.assignment_id)),
  ];
}

function place({ address, place: where, distance_m, eta_minutes, corrections }) {
  const { lat, lon, entrance, floor, flat, access } = address;
  const parts = { entrance, floor, flat };
  const away = metresTo(address) ?? distance_m;
  return section(t("app.where"),
    h("p", {}, Object.entries(parts).filter(([, value]) => value).map(([key, value]) => t(`app.${key}`, { value })).join(", ")),
    h("p", {}, named("place", where)),
    corrections.map((one) => h("p.corrected", {}, h("b", {}, t("correct.in_fact")), " ", corrected(one),
      one.waiting && h("small.waits", {}, t("app.will_be_sent")))),
    access?.intercom && h("p", {}, t("app.intercom"), " ", named("intercom", access.intercom.kind), " ", h("b", {}, access.intercom.note ?? "")),
    access?.window && h("p", {}, t("app.window", { from: clock(access.window.from), to: clock(access.window.to) })),
    h("p", {}, t("app.away", { km: figure((away / 1000).toFixed(1)), minutes: eta_minutes })),
    h("a.button.plain", { href: `geo:${lat},${lon}?q=${lat},${lon}(${encodeURIComponent(address.text)})` }, t("app.navigate")),
  );
}

function history({ steps = [], waiting, refused }) {
  const past = steps.map((step) => line(step.at, named("step", step.stage), step));
  const mark = h("small.waits", {}, t(refused ? "app.held" : "app.will_be_sent"));
  const coming = waiting.map((one) => line(one.body.at, t(`verb.${one.verb}`), one.body, mark.cloneNode(true)));
  if (!past.length && !coming.length) return null;
  return section(t("app.history"), h("ol.history", {}, past, coming));
}

function line(at, label, body, mark = null) {
  return h("li", {}, h("time", { datetime: at }, clock(at)), " ", label, mark, entered({ body }));
}

function bar(shown, state, actions) {
  if (isFinal(shown, state.rules) || shown.refused) return null;
  const next = nextVerb(shown, state.rules);
  const others = shown.may_become.map((stage) => verbOf(stage, state.rules)).filter((verb) => verb !== next);
  return h("nav.bar", {},
    next && button(`main${next === "accept" ? ".go" : ""}`, t(`verb.${next}`), () => take(shown, next, state, actions), { id: "next" }),
    others.map((verb) => button("plain", t(`verb.${verb}`), () => take(shown, verb, state, actions), { id: verb })),
  );
}

/** What is not safe to leave is made safe before another order is taken on. */
function take(shown, verb, { orders, rules }, actions) {
  const held = verb === "accept" ? leavesFor(shown, orders, rules) : null;
  if (held && holds(held, rules).length) return go(`order/${held.assignment_id}/leave`);
  const asks = NEED_FORM.has(verb) || (verb === "start" && asked(shown, "working", rules).length > 0);
  return asks ? go(`order/${shown.assignment_id}/${verb}`) : actions.report(shown, verb);
}
