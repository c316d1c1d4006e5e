// The safety gate as the service keeps it: what a danger asks, what of it is answered. No effects here.
// The scripts are the service's own (rules.json), so that work is not begun without network on other terms.

import { checksGas, unsafe } from "./stages.js";

/** What is asked of an order before a stage, each item once, in the order of the scripts. */
export function asked(order, before, { safety }) {
  const scripts = safety.scripts.filter(({ places, hazards }) =>
    (order.places ?? [order.place]).some((place) => places.includes(place)) || hazards.some((hazard) => order.hazards.includes(hazard)));
  const names = [...new Set(scripts.flatMap((script) => script.items))];
  return names.map((name) => safety.items[name]).filter((item) => item.before === before);
}

/** Whether a call was recorded already that counts for as long as the order lasts. */
export function isTold({ ask, lasts, id }, recorded) {
  const answers = recorded.filter(({ kind, data }) => kind === "safety" && data.item === id);
  return ask === "call" && lasts && answers.some(({ data }) => data.told || (data.absent && data.note));
}

/** How many answers an item wants; `fields` are those of the form, named after their items. */
export function wanted(item, fields) {
  if (item.ask !== "each") return 1;
  const counted = item.counted_by ? count(fields[`${item.counted_by} amount`]) : null;
  return counted ?? item.least;
}

/** Whole numbers only; null for anything else. */
export function count(text) {
  return /^\d{1,3}$/.test((text ?? "").trim()) ? Number(text) : null;
}

export const number = (text) => Number((text ?? "").trim().replace(",", "."));

/** The readings that stand in the fields of an item, as [place, reading]. */
export function readingsOf(item, fields, limits) {
  const rows = item.ask === "each" ? Array.from({ length: wanted(item, fields) }, (_, row) => ` ${row}`) : [""];
  return rows.flatMap((row) => limits
    .filter((limit) => (fields[fieldOf(item, limit, row)] ?? "").trim())
    .map(({ kind, unit }) => [
      fields[`${item.id}${row} place`]?.trim() ?? null,
      { kind, unit, value: number(fields[fieldOf(item, { kind, unit }, row)]) },
    ]));
}

export const fieldOf = (item, { kind, unit }, row = "") => `${item.id}${row} reading ${kind} ${unit}`;

/** Whether an item is answered by the fields, as the service would count it. */
export function isDone(item, fields, rules) {
  if (item.may_be_absent && fields[`${item.id} absent`]) return Boolean(fields[`${item.id} why`]?.trim());
  switch (item.ask) {
    case "amount": return count(fields[`${item.id} amount`]) >= item.least && count(fields[`${item.id} amount`]) !== null;
    case "reading": return checksGas(readingsOf(item, fields, rules.air_limits).map(([, reading]) => reading), rules);
    case "each": return places(item, fields, rules).size >= wanted(item, fields);
    case "call": return Boolean(fields[`${item.id} at`] && fields[`${item.id} who`]?.trim());
    case "briefing": return Boolean(fields[`${item.id} signed`] && fields[`${item.id} by`]?.trim() && people(item, fields).length);
    default: return Boolean(fields[item.id]);
  }
}

function places(item, fields, rules) {
  const measured = readingsOf(item, fields, rules.air_limits).filter(([, reading]) => checksGas([reading], rules));
  return new Set(measured.map(([place]) => (place ?? "").toLowerCase()));
}

const people = (item, fields) => (fields[`${item.id} people`] ?? "").split(/[\n,;]+/).map((one) => one.trim()).filter(Boolean);

/** What keeps the gate closed: {missing} items, {reading} outside its limit, {nonsense}; null if it is open. */
export function obstacle(items, fields, rules) {
  const readings = items.flatMap((item) => readingsOf(item, fields, rules.air_limits)).map(([, reading]) => reading);
  if (readings.some((reading) => !Number.isFinite(reading.value))) return { nonsense: true };
  const [bad] = unsafe(readings, rules);
  if (bad) return { reading: bad };
  const missing = unanswered(items, fields, rules);
  return missing.length ? { missing } : null;
}

export const unanswered = (items, fields, rules) => items.filter((one) => !isDone(one, fields, rules));

/** What was answered, as records to send; what goes with the command itself is left to it. */
export function records(items, fields, rules, at) {
  return items.filter((item) => !WITH_COMMAND.has(item.id)).flatMap((item) => answers(item, fields, rules, at));
}

const WITH_COMMAND = new Set(["ventilation", "gas_reading", "ppe"]);

function answers(item, fields, rules, at) {
  const safety = (answer) => ({ kind: "safety", at, safety: { item: item.id, ...answer } });
  if (item.may_be_absent && fields[`${item.id} absent`]) return [safety({ absent: true, note: fields[`${item.id} why`].trim() })];
  switch (item.ask) {
    case "amount": return [safety({ amount: count(fields[`${item.id} amount`]) })];
    case "call": return [safety({ told: told(item, fields) })];
    case "briefing": return [{ kind: "briefing", at, briefing: briefing(item, fields, at) }];
    case "reading":
    case "each": return readingsOf(item, fields, rules.air_limits)
      .map(([place, reading]) => safety({ reading, ...(place && { place }) }));
    default: return [safety({})];
  }
}

function told(item, fields) {
  const received = fields[`${item.id} received`]?.trim();
  return {
    who: fields[`${item.id} who`].trim(),
    channel: fields[`${item.id} channel`] || "phone",
    at: fields[`${item.id} at`],
    ...(received && { received_by: received }),
  };
}

function briefing(item, fields, at) {
  return { by: fields[`${item.id} by`].trim(), people: people(item, fields).map((name) => ({ name, signed_at: at })) };
}

/** What of the gate goes with the command to start, as it always did. */
export function withStart(items, fields, rules) {
  const having = (id) => items.find((item) => item.id === id);
  const gas = having("gas_reading");
  return {
    readings: gas ? readingsOf(gas, fields, rules.air_limits).map(([, reading]) => reading) : [],
    safety: { ventilation: Boolean(having("ventilation")), ppe: Boolean(having("ppe")) },
  };
}
