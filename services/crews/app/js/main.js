// Boot, the loop that keeps device and service in step, and the page that is shown.

import * as alarm from "./alarm.js";
import * as db from "./db.js";
import * as duty from "./duty.js";
import { isLive, listen } from "./live.js";
import * as outbox from "./outbox.js";
import * as papers from "./papers.js";
import * as photos from "./photos.js";
import * as position from "./position.js";
import { dress } from "./prefs.js";
import * as push from "./push.js";
import { asFound } from "./records.js";
import * as session from "./session.js";
import * as shelf from "./shelf.js";
import { isActive, projected } from "./stages.js";
import * as sync from "./sync.js";
import { language, named, preferred, speak, t } from "./texts.js";
import { h } from "./dom.js";
import { keepFresh, update } from "./version.js";
import { routes } from "./views/routes.js";
import { header } from "./views/header.js";
import { told } from "./views/pieces.js";

const EVERY_MS = 5000;
const LONGEST_NOTE = 4000;
const LIVE_EVERY = 6; // while news come by themselves, one look in so many
const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("avariyka") : null;
let rules;
let network = "down";
let state = null;
let drawn = "";
let hollow = false; // whether what is drawn only says that there is nothing

/** What pages may do. Each keeps what was entered first, then lets it be sent. */
const actions = {
  async report(order, verb, body = {}) {
    const path = `/v1/assignments/${order.assignment_id}/${verb}`;
    await keepAndSend({ subject: order.assignment_id, verb, path, body });
  },
  /** A step with what was recorded for it: the records go first, each under an id of its own. */
  async reportWith(order, verb, records, body) {
    const crew = state.session.crew.id;
    const subject = order.assignment_id;
    if (order.refused?.verb === verb) return actions.mend(order.refused, body, records);
    for (const record of records) await outbox.enqueue(crew, recording(subject, record));
    await actions.report(order, verb, body);
  },
  record: (order, record) => keepAndSend(recording(order.assignment_id, { at: new Date().toISOString(), ...record })),
  correct: (order, body) =>
    keepAndSend({ subject: order.assignment_id, verb: "correct", path: about(order.assignment_id, "correct"), body }),
  leave: (order, body) =>
    keepAndSend({ subject: order.assignment_id, verb: "leave", path: about(order.assignment_id, "leave"), body }),
  /** A new document of an order; its id. */
  async draft(order, body) {
    const id = outbox.uuid();
    const path = about(order.assignment_id, "documents");
    await keepAndSend({ subject: id, after: order.assignment_id, verb: "draft", path, body: { id, ...body } });
    return id;
  },
  revise: (paper, statement) => keepAndSend(revising(paper, statement)),
  /** The first signature freezes a document: before it, the facts are taken anew. */
  async sign(paper, signature) {
    const isFirst = paper.state === "draft";
    if (isFirst) await outbox.enqueue(state.session.crew.id, revising(paper, paper.statement));
    const body = { id: outbox.uuid(), version: paper.version + (isFirst ? 1 : 0), ...signature };
    await keepAndSend({ ...belongs(paper), verb: "sign", path: `/v1/documents/${paper.id}/signatures`, body });
  },
  async shift(on) {
    await keepAndSend({ subject: "shift", verb: "shift", method: "PUT", path: "/v1/me/shift", body: { on } });
  },
  confirm: ({ id }) => keepAndSend({ subject: id, verb: "confirm", path: `/v1/me/duty/${id}/confirm`, body: {} }),
  sos: (id) => keepAndSend({ subject: `sos ${Date.now()}`, verb: "sos", path: about(id, "sos"), body: whereabouts(), urgent: true }),
  signal: (id, body) =>
    keepAndSend({ subject: "talk", verb: "signal", path: about(id, "signal"), body: { ...whereabouts(), ...body } }),
  write: (id, body) => keepAndSend({ subject: "talk", verb: "message", path: about(id, "message", "messages"), body }),
  async readMessages() {
    const [newest] = state.messages.filter((one) => !one.from_crew);
    if (newest && newest.at !== state.read) await db.keep(`read by ${state.session.crew.id}`, newest.at);
  },
  async mend(command, body, records = []) {
    await outbox.mend(command.id, body, records.map((record) => recording(command.subject, record)));
    await afterChange();
  },
  async setAside(subject) {
    const crew = state.session.crew.id;
    for (const command of await outbox.setAside(crew, subject)) {
      const order = state.orders.find((one) => [subject, command.after].includes(one.assignment_id));
      const note = order && told(command);
      const body = { note: note?.slice(0, LONGEST_NOTE) };
      if (note) await outbox.enqueue(crew, { subject: order.assignment_id, verb: "note", path: about(order.assignment_id, "note"), body });
    }
    await afterChange();
  },
  logIn: (login, password) => entered(session.logIn(login, password, language())),
  pair: (code) => entered(session.pair(code, language())),
  async logOut() {
    await push.unsubscribe();
    await session.logOut();
    await shelf.clear();
    await afterChange();
  },
  async speak(wanted) {
    await speak(wanted);
    await db.keep("language", wanted);
    await show(true);
  },
  /** False for a video that is too long. */
  async takePhoto(order, file) {
    const isKept = await photos.take(state.session.crew.id, order, file, rules);
    await afterChange();
    return isKept;
  },
  async dropPhoto(id) {
    await photos.drop(id);
    await show();
  },
  redraw: () => show(true),
  update,
};

const recording = (id, record) =>
  ({ subject: id, verb: "record", path: `/v1/assignments/${id}/records`, body: { id: outbox.uuid(), ...record } });

const belongs = ({ id, assignment_id }) => ({ subject: id, after: assignment_id });

function revising(paper, statement) {
  const body = { version: paper.version, statement };
  return { ...belongs(paper), verb: "revise", method: "PUT", path: `/v1/documents/${paper.id}`, body };
}

const about = (id, verb, otherwise = verb) => (id ? `/v1/assignments/${id}/${verb}` : `/v1/${otherwise}`);

function whereabouts() {
  const here = position.here();
  return here ? { position: here } : {};
}

async function entered(attempt) {
  const problem = await attempt;
  if (!problem) {
    await afterChange();
    wakeable();
  }
  return problem;
}

async function keepAndSend(command) {
  await outbox.enqueue(state.session.crew.id, command);
  await afterChange();
}

async function afterChange() {
  await show();
  channel?.postMessage("changed");
  step();
}

/** Everything a page shows, read anew from the device. */
async function look() {
  const who = await session.current();
  const commands = await db.all("commands");
  const own = commands.filter((one) => one.crew === who?.crew.id);
  const orders = (await db.all("orders")).filter((one) => one.crew_id === who?.crew.id);
  const [records, heads] = await Promise.all([ours("records", who), ours("documents", who)]);
  const seen = orders.map((order) => asFound(projected(order, own, rules), records, own));
  const shown = seen.sort((a, b) => b.change - a.change);
  const documents = papers.projected(heads, own, rules);
  const [messages, signals] = [await recent("messages", who), await recent("signals", who)];
  const planned = who ? duty.projected(await duty.kept(who.crew.id), own, Date.now()) : [];
  const pictures = await ours("photos", who);
  const people = who ? await duty.people(who.crew.id) : [];
  const read = who ? await db.fact(`read by ${who.crew.id}`) : undefined;
  const others = commands.filter((one) => one.crew !== who?.crew.id && one.state === "waiting").length;
  return { session: who, orders: shown, commands: own, documents, planned, people, messages, signals, photos: pictures, read, others, network, rules, update: update.ready() };
}

/** What is kept of this crew in a store. */
async function ours(store, who) {
  return (await db.all(store)).filter((one) => one.crew === who?.crew.id);
}

/** The same, the newest first. */
async function recent(store, who) {
  return (await ours(store, who)).sort((a, b) => b.at.localeCompare(a.at));
}

/** Draw the page if anything it shows has changed; a form being filled in is left alone, but not a page that
 * had nothing to show yet: its order may have come. */
async function show(anyway = false) {
  state = await look();
  const page = state.session ? routes(location.hash) : routes("#/login");
  header(document.querySelector("header"), state, page);
  if (anyway || signOf(page) !== drawn) await draw(page);
  else document.querySelector("main").firstElementChild?.dispatchEvent(new CustomEvent("fresh", { detail: state }));
  attend();
}

const signOf = (page, at = location.hash) => JSON.stringify([at, language(), page.still && !hollow ? null : state]);

async function draw(page) {
  const main = document.querySelector("main");
  const at = location.hash;
  const isSame = JSON.parse(drawn || "[]")[0] === at;
  const top = isSame ? scrollY : 0;
  drawn = signOf(page, at);
  main.replaceChildren(await page.view(state, page.id, actions, page.more));
  hollow = main.firstElementChild.matches("p.empty");
  drawn = signOf(page, at);
  main.dataset.at = at.replace(/^#\//, "");
  scrollTo(0, top);
  if (!isSame) main.focus({ preventScroll: true });
  document.title = t("app.title");
}

function attend() {
  const offers = state.orders.filter((order) => order.stage === "offered");
  alarm.attend(offers, (offer) => ({ title: t("app.new_offer"), body: `${named("fault", offer.fault)}. ${offer.address.text}` }));
  position.follow(Boolean(state.session?.shift?.on));
}

let stepping = null;
let again = false;

/** One round: send what waits, fetch what changed, show it. Rounds never overlap; what happens during one is
 * seen by the next, which follows at once. */
function step() {
  if (stepping) again = true;
  stepping ??= round().finally(() => {
    stepping = null;
    const wanted = again;
    again = false;
    if (wanted) step();
  });
  return stepping;
}

/** A phone that cannot be woken still learns everything when its app is opened. */
function wakeable() {
  if (state.session && !state.session.ended) push.subscribe(state.session.crew.id).catch(() => {});
}

let beats = 0;

/** Look from time to time whatever the live stream says; often while it is silent or something waits. */
function beat() {
  const isQuiet = isLive() && network === "up" && !state?.commands.some((one) => one.state === "waiting");
  if (!isQuiet || beats++ % LIVE_EVERY === 0) step();
}

async function round() {
  const sent = await outbox.drain(rules, language());
  const heard = sent === "login" ? "login" : await sync.pull(language());
  network = sent === "later" && heard === "up" ? "down" : heard;
  await show();
  if (heard === "up") await pictures();
}

/** Send what was taken here, in its own time; learn what other phones have taken. */
async function pictures() {
  const crew = state.session.crew.id;
  photos.send(crew, language(), show).then((any) => any && step());
  if (await photos.learn(crew, state.orders.filter((order) => isActive(order, rules)), language())) await show();
}

function countDown() {
  for (const element of document.querySelectorAll("[data-until]")) element.dispatchEvent(new Event("tick"));
}

async function boot() {
  dress();
  await speak(preferred());
  await db.keep("language", language());
  rules = await (await fetch(new URL("../rules.json", import.meta.url))).json();
  navigator.storage?.persist?.();
  alarm.arm();
  addEventListener("hashchange", () => show());
  addEventListener("online", step);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && step());
  if (channel) channel.onmessage = () => show();
  setInterval(beat, EVERY_MS);
  setInterval(countDown, 1000);
  await Promise.all([outbox.tidy(), sync.tidy(rules)]);
  shelf.clear(new Set((await db.all("documents")).map((one) => one.id))).catch(() => {});
  await show();
  keepFresh(() => state.orders.some((order) => isActive(order, rules)), () => show());
  await step();
  listen(step);
  wakeable();
}

boot().catch((failure) => {
  document.querySelector("main").replaceChildren(h("pre.failure", {}, String(failure?.stack ?? failure)));
});
