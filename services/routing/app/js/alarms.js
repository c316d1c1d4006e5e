// What a person must look at now. Each thing has its own alarms, told anew whenever it changes.

import { call } from "./api.js";
import { h } from "./dom.js";
import { ago, t, time } from "./texts.js";

const RANK = { emergency: 0, urgent: 1, planned: 2, consultation: 3 };
const FIRST = ["crew_sos", "audit_silent", "crew_signal"];
const OWNERS = { crew_sos: "signal", crew_signal: "signal", crew_silent: "crew", crew_out: "crew" };

/** The key of the thing that an alarm is about. */
export function ownerOf(alarm) {
  if (alarm.code.startsWith("audit_")) return "audit";
  const kind = OWNERS[alarm.code];
  return kind ? `${kind}:${alarm.subject}` : `request:${alarm.request_id}`;
}

/** Alarms by the thing they are about. */
export function byOwner(alarms) {
  const found = new Map();
  for (const alarm of alarms) found.set(ownerOf(alarm), [...(found.get(ownerOf(alarm)) ?? []), alarm]);
  return found;
}

const weight = (alarm) => (FIRST.includes(alarm.code) ? FIRST.indexOf(alarm.code) - FIRST.length : RANK[alarm.category] ?? 9);

/** In the order in which the service tells them: SOS first, then by urgency, then the oldest. */
export const inOrder = (owners) => [...owners.values()].flat().sort((one, other) => weight(one) - weight(other) || new Date(one.since) - new Date(other.since));

const isCall = (alarm) => OWNERS[alarm.code] === "signal";
export const isSos = (alarm) => alarm.code === "crew_sos";

/** Crews that call, over the whole page; `took` is told when one has been taken on. */
export function calls(alarms, choose, took) {
  return alarms.filter(isCall).map((alarm) => h(isSos(alarm) ? "section.call.sos" : "section.call", { role: "alert", "data-signal": alarm.subject },
    h("b", {}, alarm.text), alarm.details.note && h("span", {}, alarm.details.note), h("span", {}, ago(alarm.since), place(alarm.details)),
    h("span.row", {},
      h("button.main", { onclick: () => takeOn(alarm.subject, took) }, t("console.take_on")),
      alarm.request_id && h("button", { onclick: () => choose(alarm.request_id) }, `№ ${alarm.number}`))));
}

const place = ({ lat, lon, position_at }) => (lat === null || lat === undefined ? "" : ` · ${lat.toFixed(5)}, ${lon.toFixed(5)} (${time(position_at)})`);

async function takeOn(signal, took) {
  const answer = await call("POST", `/v1/signals/${signal}/acknowledge`, { body: { answer: null } });
  took(signal, answer.status === 200 ? null : (answer.body?.title ?? t("console.no_answer")));
}

export function alarms(found, choose) {
  const rest = found.filter((alarm) => !isCall(alarm));
  const lines = rest.map((alarm) => h("li", { "data-alarm": alarm.code, tabindex: alarm.request_id && 0, onclick: () => alarm.request_id && choose(alarm.request_id) }, alarm.text, " ", h("span.soft", {}, ago(alarm.since)), " ", alarm.code === "undelivered" && again(alarm.subject)));
  return h("section.card", {}, h("h2", {}, t("console.alarms", { n: rest.length })), h("ul.plain.alarms", { role: "status" }, lines.length ? lines : h("li.good", {}, t("console.calm"))));
}

/** A delivery that a partner did not get; the alarm goes when intake says that it is on its way again. */
function again(delivery) {
  const button = h("button", {}, t("console.retry"));
  button.onclick = async (pressed) => {
    pressed.stopPropagation();
    button.disabled = true;
    const answer = await call("POST", `/v1/deliveries/${delivery}/retry`, { body: {} });
    if (answer.status !== 200) button.replaceWith(h("b", {}, answer.body?.title ?? t("console.no_answer")));
  };
  return button;
}

let sound = null;

/** One short tone; a browser that has not been touched yet stays silent, the page does not. */
export function beep() {
  sound ??= new AudioContext();
  const tone = sound.createOscillator();
  const loudness = sound.createGain();
  loudness.gain.value = 0.15;
  tone.frequency.value = 880;
  tone.connect(loudness).connect(sound.destination);
  tone.start();
  tone.stop(sound.currentTime + 0.25);
}
