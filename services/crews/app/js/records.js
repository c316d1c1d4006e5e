// What a crew wrote down on site, as it stands: with the service, or still on the phone. No effects here.

import { lastSaid } from "./leaving.js";

/** The records of an order that count, neither replaced nor taken back; those not sent yet are `waiting`. */
export function standing(id, records, commands) {
  const known = records.filter((one) => one.assignment_id === id);
  const ids = new Set(known.map((one) => one.id));
  const coming = commands.filter((one) => one.subject === id && one.verb === "record" && one.state !== "set_aside");
  const all = [...known, ...coming.map(asRecord).filter((one) => !ids.has(one.id))];
  const replaced = new Set(all.map((one) => one.replaces));
  return all.filter((one) => !replaced.has(one.id) && one.kind !== "retraction");
}

function asRecord({ subject, body }) {
  const { id, kind, at, replaces = null } = body;
  return { id, assignment_id: subject, kind, device_at: at, replaces, data: body[kind], waiting: true };
}

export const ofKind = (records, kind) => records.filter((one) => one.kind === kind);

/** The order with what was recorded on it, and with where it really is and what is dangerous there, as its
 * crew found it: what was found only adds to what the order says, for the safety gate asks for both. */
export function asFound(order, records, commands) {
  const recorded = standing(order.assignment_id, records, commands);
  const corrections = [...toldCorrections(order), ...waitingCorrections(order, commands)];
  const dangers = ofKind(recorded, "danger").map((one) => one.data);
  return {
    ...order,
    recorded,
    corrections,
    said: lastSaid(order, commands),
    systems: distinct([order.system, ...corrections.map((one) => one.system)]),
    places: distinct([order.place, ...[...corrections, ...dangers].map((one) => one.place)]),
    hazards: distinct([...order.hazards, ...dangers.map((one) => one.hazard)]),
  };
}

const distinct = (values) => [...new Set(values.filter(Boolean))];

function toldCorrections({ notes = [] }) {
  return notes.filter((one) => one.command === "correct" && one.refused === null).map((one) => one.entered);
}

function waitingCorrections({ assignment_id }, commands) {
  const own = commands.filter((one) => one.subject === assignment_id && one.verb === "correct");
  return own.filter((one) => one.state === "waiting").map((one) => ({ ...one.body, waiting: true }));
}
