// The safety gate as a page: what to confirm, to measure, to count, whom to call. Kept as it is filled in.

import { h } from "../dom.js";
import { fieldOf, wanted } from "../gate.js";
import { clock, figure, has, named, t } from "../texts.js";
import { tick } from "./form.js";

const CHANNELS = ["phone", "radio", "in_person"];
const MOST_ROWS = 40;

/** The fields of some items; `kept` are those that were filled in before, `people` those of the crew. */
export function gateFields(items, kept, rules, people) {
  return items.map((item) => {
    const parts = [KINDS[item.ask](item, kept, rules, people), item.may_be_absent && absent(item)];
    return h("fieldset.item", { "data-item": item.id }, parts);
  });
}

export const label = (item) => (has(`gate.${item.id}`) ? t(`gate.${item.id}`) : t(`paper.safety.${item.id}`));
const legend = (item) => h("legend", {}, label(item), has(`safety.${item.id}`) && h("small", {}, t(`safety.${item.id}`)));

export const progress = (items) => h("p.notice", { id: "progress", role: "status" }, t("gate.progress", { done: 0, all: items.length }));

const KINDS = {
  confirm: (item) => tick(item.id, [label(item), detail(item)]),
  reading: (item, _kept, rules) => [legend(item), readings(item, rules)],
  amount: (item) => [legend(item), entry(`${item.id} amount`, null, { inputmode: "numeric", maxlength: 3, "data-counts": item.id })],
  each: (item, kept, rules) => [legend(item), rows(item, kept, rules)],
  call: (item, kept) => [legend(item), call(item, kept)],
  briefing: (item, _kept, _rules, people) => [
    legend(item),
    entry(`${item.id} by`, "gate.briefed_by", { value: people.find((one) => one.leader)?.name ?? "" }),
    h("label.field", {}, h("span", {}, t("gate.briefed")), h("textarea", {
      name: `${item.id} people`, rows: 3, maxlength: 900, value: people.filter((one) => !one.leader).map((one) => one.name).join("\n"),
    })),
    tick(`${item.id} signed`, t("gate.signed")),
  ],
};

/** What the script says exactly, under the short name of what is confirmed. */
const detail = (item) => has(`gate.${item.id}`) || !has(`safety.${item.id}`) ? null : h("small", {}, t(`safety.${item.id}`));

function entry(name, text, attributes = {}) {
  const input = h("input", { name, autocomplete: "off", maxlength: 100, ...attributes });
  return text ? h("label.field", {}, h("span", {}, t(text)), input) : h("div.field", {}, set(input, name));
}

function set(input, name) {
  const item = name.split(" ")[0];
  input.setAttribute("aria-label", t(has(`gate.${item}`) ? `gate.${item}` : `paper.safety.${item}`));
  return input;
}

function readings(item, rules, row = "") {
  const [first, ...rest] = rules.air_limits.map((limit) => reading(item, limit, row));
  return [first, rest.length > 0 && h("details", {}, h("summary", {}, t("gate.others")), rest)];
}

function reading(item, limit, row) {
  const unit = named("paper.unit", limit.unit);
  const { highest, lowest } = limit;
  const bound = highest !== null ? t("gate.highest", { value: figure(highest), unit }) : t("gate.lowest", { value: figure(lowest), unit });
  return h("label.field", {}, h("span", {}, named("reading", limit.kind), ", ", unit, h("small", {}, bound)),
    h("input", { name: fieldOf(item, limit, row), inputmode: "decimal", autocomplete: "off", maxlength: 12 }));
}

/** A place and its reading, as many times as the item that counts them says; grows while that is typed. */
function rows(item, kept, rules) {
  const place = h("div.rows", { "data-rows": item.counted_by });
  const grow = (fields) => {
    const many = Math.min(wanted(item, fields), MOST_ROWS);
    while (place.children.length > many) place.lastChild.remove();
    while (place.children.length < many) place.append(oneRow(item, place.children.length, rules));
  };
  grow(kept);
  place.addEventListener("counted", ({ detail: text }) => grow({ [`${item.counted_by} amount`]: text }));
  return place;
}

function oneRow(item, at, rules) {
  const [gas] = rules.air_limits;
  return h("div.pair", {},
    h("label.field", {}, h("span", {}, t("gate.place")),
      h("input", { name: `${item.id} ${at} place`, value: String(at + 1), maxlength: 100, autocomplete: "off" })),
    reading(item, gas, ` ${at}`));
}

/** Whom one told: the moment is that of the tick. */
function call(item, kept) {
  const at = h("input", { name: `${item.id} at`, type: "hidden", value: kept[`${item.id} at`] ?? "" });
  const when = h("small", {}, at.value && clock(at.value));
  const done = tick(`${item.id} told`, [t("gate.told"), when]);
  done.addEventListener("change", ({ target }) => {
    at.value = target.checked ? new Date().toISOString() : "";
    when.textContent = at.value && clock(at.value);
    at.dispatchEvent(new Event("input", { bubbles: true }));
  });
  const known = has(`gate.who.${item.id}`) ? t(`gate.who.${item.id}`) : "";
  return [
    entry(`${item.id} who`, "gate.who", { value: known }),
    h("label.field", {}, h("span", {}, t("gate.channel")),
      h("select", { name: `${item.id} channel` }, CHANNELS.map((one) => h("option", { value: one }, t(`channel.${one}`))))),
    entry(`${item.id} received`, "gate.received"),
    done, at,
  ];
}

function absent(item) {
  return h("details", {}, h("summary", {}, t("gate.absent")),
    tick(`${item.id} absent`, t("gate.absent_here")), entry(`${item.id} why`, "gate.why"));
}

/** Tell the rows how many of them are wanted whenever a count is typed. */
export function growRows(form) {
  form.addEventListener("input", ({ target }) => {
    const counted = target.dataset?.counts;
    if (!counted) return;
    for (const rows_ of form.querySelectorAll(`[data-rows="${counted}"]`)) {
      rows_.dispatchEvent(new CustomEvent("counted", { detail: target.value }));
    }
  });
}
