// The desk: whom to call, how alerts fare, whom they tell. Asked anew every few seconds.

import { alerts } from "./alerts.js";
import { call, inLanguage, isIn, logIn, logOut, speak } from "./api.js";
import { calls } from "./calls.js";
import { h } from "./dom.js";
import { lists } from "./lists.js";
import { learn, t } from "./texts.js";

const EVERY_MS = 5000;
const page = document.getElementById("page");
const place = {};
const mine = new Map();

/** Ask for everything that this person may see, and draw it. */
async function look() {
  if (!place.live) return;
  const [toCall, told] = await Promise.all([call("GET", "/v1/calls-to-make?limit=200"), call("GET", "/v1/alerts?limit=50")]);
  if (!place.live) return;
  if (toCall.status === 401) return leave();
  const live = toCall.status === 200;
  place.live.className = live ? "live" : "live lost";
  place.live.textContent = t(live ? "desk.live" : "desk.lost");
  if (live) draw(place.calls, calls(toCall.body.calls, mine, look));
  if (live) document.title = toCall.body.calls.length ? `(${toCall.body.calls.length}) ${t("desk.title")}` : t("desk.title");
  place.alerts.hidden = place.lists.hidden = told.status === 403;
  if (told.status === 200) draw(place.alerts, alerts(told.body.alerts, look));
}

/** Draw anew; what somebody is writing stays, with the place where they write. */
function draw(where, content) {
  const written = new Map([...where.querySelectorAll("[data-note]")].map((field) => [field.dataset.note, field]));
  const busy = document.activeElement;
  const open = where.querySelector("details")?.open;
  where.replaceChildren(...content.flat(Infinity).filter(Boolean));
  for (const field of where.querySelectorAll("[data-note]")) {
    const before = written.get(field.dataset.note);
    if (!before) continue;
    field.value = before.value;
    if (before !== busy) continue;
    field.focus();
    field.setSelectionRange(before.selectionStart, before.selectionEnd);
  }
  const details = where.querySelector("details");
  if (details && open) details.open = true;
}

async function lookAtLists() {
  if (!place.lists.open) return;
  const answer = await call("GET", "/v1/alert-lists");
  if (answer.status === 200) place.listed.replaceChildren(...lists(answer.body.lists, lookAtLists));
}

function desk() {
  place.live = h("span.live", {}, "");
  place.calls = h("section.card", { id: "calls" });
  place.alerts = h("section.card", { id: "alerts" });
  place.listed = h("div");
  place.lists = h("details.card", { id: "lists", ontoggle: lookAtLists }, h("summary", {}, t("desk.lists")), place.listed);
  page.replaceChildren(
    h("header", {}, h("h1", {}, t("desk.title")), place.live, languages(), h("button", { onclick: leave }, t("desk.log_out"))),
    h("div.desk", {}, place.calls, h("div", {}, place.alerts, place.lists)));
  look();
}

const languages = () => h("span.line", {}, ["ru", "kk"].filter((name) => name !== inLanguage()).map((name) => h("button", { lang: name, onclick: () => (speak(name), start()) }, t(`language.${name}`))));

function leave() {
  logOut();
  mine.clear();
  start();
}

function gate(notice) {
  const login = h("input", { autocomplete: "username", required: true, "aria-label": t("desk.login"), placeholder: t("desk.login") });
  const password = h("input", { type: "password", autocomplete: "current-password", required: true, "aria-label": t("desk.password"), placeholder: t("desk.password") });
  const enter = async (submitted) => {
    submitted.preventDefault();
    const answer = await logIn(login.value, password.value);
    if (answer.status === 200) start();
    else gate(answer.body?.title ?? t("desk.no_answer"));
  };
  page.replaceChildren(h("form.card.login", { onsubmit: enter }, h("h2", {}, t("desk.title")), notice && h("div.notice", { role: "alert" }, notice), login, password, h("button.main", { type: "submit" }, t("desk.enter")), languages()));
  login.focus();
}

async function start() {
  await learn();
  document.title = t("desk.title");
  for (const name of Object.keys(place)) delete place[name];
  if (isIn()) desk();
  else gate(null);
}

setInterval(() => isIn() && look(), EVERY_MS);
start();
