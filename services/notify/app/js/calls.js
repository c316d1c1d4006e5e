// Residents whom no message has reached: somebody calls them and says how it went.

import { call } from "./api.js";
import { h } from "./dom.js";
import { ago, knows, t, time } from "./texts.js";

const RESULTS = ["told", "no_answer", "wrong_number", "refused"];
const isDanger = (one) => one.urgent || one.category === "emergency";

/** The list; `mine` keeps the calls that this person has taken, whose numbers are shown; `again` asks anew. */
export function calls(found, mine, again) {
  const lines = found.map((one) => line(mine.get(one.call_id) ?? one, mine, again));
  return [h("h2", {}, t("desk.calls", { n: found.length })), lines.length ? lines : h("p.good", {}, t("desk.all_told"))];
}

function line(one, mine, again) {
  const notice = h("div.notice", { role: "alert", hidden: true });
  return h(isDanger(one) ? "article.thing.danger" : "article.thing", { "data-call": one.call_id },
    h("h3", {}, `№ ${one.request_number} `, one.category && h(`span.tag.${one.category}`, {}, t(`category.${one.category}`)), " ", h("span.soft", {}, ago(one.since))),
    h("p", {}, mine.has(one.call_id) ? h("a.number", { href: `tel:${one.to}` }, one.to) : one.to, " ", h("span.soft", {}, t(`language.${one.language}`))),
    h("p.say", { lang: one.language }, one.text),
    h("p.soft", {}, why(one.why), one.tries > 0 && ` · ${t("desk.tried", { n: one.tries })}`, new Date(one.due_at) > new Date() && ` · ${t("desk.not_before", { time: time(one.due_at) })}`),
    mine.has(one.call_id) ? results(one, mine, again, notice) : take(one, mine, again, notice),
    notice);
}

const why = (code) => (knows(`why.${code}`) ? t(`why.${code}`) : t("why.undelivered", { code }));

function take(one, mine, again, notice) {
  const held = one.state === "taken" && h("span.soft", {}, t("desk.taken_by", { who: one.taken_by }));
  return h("div.row", {}, h("button.main", { onclick: () => command(one, "take", undefined, notice, (card) => mine.set(card.call_id, card), again) }, t("desk.take")), held);
}

function results(one, mine, again, notice) {
  const note = h("input", { maxlength: 500, placeholder: t("desk.note"), "aria-label": t("desk.note"), "data-note": one.call_id });
  const end = (result) => command(one, "result", { result, note: note.value || null }, notice, () => mine.delete(one.call_id), again);
  return h("div", {}, h("div.row", {}, note), h("div.row", {}, RESULTS.map((name) => h(name === "told" ? "button.main" : "button", { onclick: () => end(name) }, t(`result.${name}`)))));
}

async function command(one, verb, body, notice, then, again) {
  const answer = await call("POST", `/v1/calls-to-make/${one.call_id}/${verb}`, { body: body ?? {} });
  if (answer.status === 200) {
    then(answer.body);
    return again();
  }
  notice.textContent = answer.body?.title ?? t("desk.no_answer");
  notice.hidden = false;
}
