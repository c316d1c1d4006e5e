// The dispatcher's console: what is open, what is wrong, who is where; live.

import { call, follow, inLanguage, isIn, logIn, logOut, speak } from "./api.js";
import { alarms, beep, byOwner, calls, inOrder, isSos } from "./alarms.js";
import { board, shown } from "./board.js";
import { card } from "./card.js";
import { crews, outages, readLoad } from "./crews.js";
import { h } from "./dom.js";
import { map } from "./map.js";
import { talks } from "./talk.js";
import { learn, t } from "./texts.js";

const page = document.getElementById("page");
const known = { requests: new Map(), crews: new Map(), outages: new Map(), alarms: new Map(), load: null, fresh: new Set() };
const filter = { text: "", category: "", all: false };
const place = {};
let chosen = null;
let live = false;
let drawing = null;
let talk = null;
let over = new AbortController();

function draw() {
  drawing ??= requestAnimationFrame(() => {
    drawing = null;
    if (!place.board) return;
    const requests = shown(known.requests, filter);
    const wrong = inOrder(known.alarms);
    place.board.replaceChildren(requests.length ? board(requests, { chosen, fresh: known.fresh, choose, wrong: known.alarms }) : t("console.nothing"));
    place.alarms.replaceChildren(alarms(wrong, choose));
    place.calls.replaceChildren(...calls(wrong, choose, taken), ...talk.waiting());
    place.outages.replaceChildren(...[outages(known.outages)].filter(Boolean));
    place.crews.replaceChildren(crews(known.crews, known.load, { choose, write: talk.write }, lookAtQueues));
    const sos = wrong.filter(isSos).length;
    document.title = sos ? t("console.sos", { n: sos }) : t("console.title");
    place.map.replaceChildren(map(known.crews, requests, choose));
    place.live.className = live ? "live" : "live lost";
    place.live.textContent = t(live ? "console.live" : "console.lost");
    known.fresh.clear();
  });
}

async function choose(id, notice = null) {
  const isNew = chosen !== id;
  chosen = id;
  const found = await card(id, notice, { again: (refusal) => choose(id, refusal), write: talk.write, outages: [...known.outages.values()] });
  if (chosen === id) place.card.replaceChildren(found);
  if (isNew) place.card.scrollIntoView({ block: "nearest" });
  draw();
}

function taken(signal, refusal) {
  if (refusal === null) known.alarms.delete(`signal:${signal}`);
  draw();
}

async function readAll() {
  const requests = new Map();
  for (let cursor = "", open = "true"; cursor !== null; ) {
    const answer = await call("GET", `/v1/requests?open=${open}&order=urgent&limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    if (answer.status !== 200) return answer.status === 401 ? leave() : undefined;
    for (const request of answer.body.requests) requests.set(request.request_id, request);
    cursor = answer.body.next_cursor;
  }
  known.requests = requests;
  const [crews, outages] = await Promise.all([call("GET", "/v1/crews"), call("GET", "/v1/outages")]);
  for (const crew of crews.body?.crews ?? []) known.crews.set(crew.crew_id, crew);
  known.outages = new Map((outages.body?.outages ?? []).map((outage) => [outage.outage_id, outage]));
  await readAlarms();
}

async function readAlarms() {
  const answer = await call("GET", "/v1/alarms");
  if (answer.status === 200) known.alarms = byOwner(answer.body.alarms);
  draw();
}

let loadSoon = null;

/** Queues are planned every few seconds: they are asked for only while somebody looks at them. */
function lookAtQueues() {
  if (!place.queues?.open || loadSoon) return;
  loadSoon = setTimeout(async () => {
    loadSoon = null;
    known.load = (await readLoad()) ?? known.load;
    draw();
  }, 300);
}

function tell(event, data) {
  if (event === "login") return leave();
  if (event === "ready" || event === "reset") return readAll();
  if (event === "request") {
    known.requests.set(data.request_id, data);
    known.fresh.add(data.request_id);
    known.alarms.set(`request:${data.request_id}`, data.alarms);
    if (data.request_id === chosen && !place.card.contains(document.activeElement)) choose(chosen);
  }
  if (event === "crew") {
    known.crews.set(data.crew_id, data);
    known.alarms.set(`crew:${data.crew_id}`, data.alarms);
    lookAtQueues();
  }
  if (event === "signal") {
    if (data.alarms.some(isSos)) beep();
    known.alarms.set(`signal:${data.signal_id}`, data.alarms);
  }
  if (event === "message") talk.heard(data.id);
  if (event === "audit") known.alarms.set("audit", data.alarms);
  if (event === "outage") known.outages.set(data.outage_id, data);
  draw();
}

function desk() {
  for (const name of ["board", "alarms", "calls", "outages", "crews", "map", "card", "talks", "live"]) place[name] = h(name === "live" ? "span.live" : "div", { id: name });
  place.queues = h("details.card", { id: "queues", ontoggle: lookAtQueues }, h("summary", {}, t("console.crews")), place.crews);
  talk = talks(place.talks, (crew) => known.crews.get(crew)?.name ?? "", draw);
  const text = h("input", { type: "search", placeholder: t("console.search"), "aria-label": t("console.search"), oninput: () => ((filter.text = text.value), draw()) });
  const category = h("select", { "aria-label": t("console.urgency"), onchange: () => ((filter.category = category.value), draw()) },
    ["", "emergency", "urgent", "planned", "consultation"].map((name) => h("option", { value: name }, t(name ? `category.${name}` : "console.every"))));
  page.replaceChildren(
    h("header", {}, h("h1", {}, t("console.title")), place.live, elsewhere(), languages(), h("button", { onclick: leave }, t("console.log_out"))),
    place.calls,
    h("div.desk", {}, h("div", {}, place.alarms, place.outages, h("section.card", {}, h("div.filters", {}, text, category), place.board)), h("div", {}, place.talks, place.card, place.queues, h("section.card", {}, h("h2", {}, t("console.map")), place.map))));
  over.abort();
  over = new AbortController();
  follow(tell, (isLive) => ((live = isLive), draw()), over.signal);
  draw();
}

/** Ways to desks of other services, where the deployment says that there are any. */
function elsewhere() {
  const ways = h("nav.line");
  fetch("/console/files/links.json").then((answer) => answer.json()).then((links) =>
    ways.replaceChildren(...Object.entries(links).map(([name, href]) => h("a", { href, target: name, rel: "opener" }, t(`console.link.${name}`))))).catch(() => {});
  return ways;
}

const languages = () => h("span.line", {}, ["ru", "kk"].filter((name) => name !== inLanguage()).map((name) => h("button", { lang: name, onclick: () => (speak(name), start()) }, t(`language.${name}`))));

function leave() {
  over.abort();
  logOut();
  start();
}

function gate(notice) {
  const login = h("input", { autocomplete: "username", required: true, "aria-label": t("console.login"), placeholder: t("console.login") });
  const password = h("input", { type: "password", autocomplete: "current-password", required: true, "aria-label": t("console.password"), placeholder: t("console.password") });
  const enter = async (submitted) => {
    submitted.preventDefault();
    const answer = await logIn(login.value, password.value);
    if (answer.status === 200) start();
    else gate(answer.body?.title ?? t("console.no_answer"));
  };
  page.replaceChildren(h("form.card.login", { onsubmit: enter }, h("h2", {}, t("console.title")), notice && h("div.notice", { role: "alert" }, notice), login, password, h("button.main", { type: "submit" }, t("console.enter")), languages()));
  login.focus();
}

async function start() {
  await learn();
  document.title = t("console.title");
  for (const name of Object.keys(place)) delete place[name];
  if (isIn()) desk();
  else gate(null);
}

setInterval(() => isIn() && (readAlarms(), lookAtQueues()), 30000);
setInterval(() => isIn() && [...known.alarms.values()].flat().some(isSos) && beep(), 5000);
start();
