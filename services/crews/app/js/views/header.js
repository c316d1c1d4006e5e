// The bar on top of every page: whose device it is, whether it is connected, what waits.

import { h } from "../dom.js";
import { t } from "../texts.js";

export function header(element, state, page) {
  const waiting = state.commands.filter((one) => one.state === "waiting").length;
  const refused = state.commands.some((one) => one.state === "refused");
  const sign = JSON.stringify([page.name, page.id, page.back, state.network, waiting, refused, state.session?.crew.name, t("app.title")]);
  if (element.dataset.sign === sign) return;
  element.dataset.sign = sign;
  const atHome = page.name === "home" || page.name === "login";
  const parts = [
    !atHome && h("a.back", { href: back(page, state), "aria-label": t("app.back") }, "‹"),
    h("span.who", {}, atHome ? (state.session?.crew.name ?? t("app.title")) : ""),
    state.session && net(state, waiting, refused),
    state.session && page.name !== "help" && h("a.sos", { href: "#/help" }, "SOS"),
    state.session && atHome && h("a.gear", { href: "#/settings", "aria-label": t("app.settings") }, "⚙"),
  ];
  element.replaceChildren(...parts.filter(Boolean));
}

function back(page, { documents }) {
  if (page.name === "need" || page.name === "write") return "#/help";
  const paper = page.name === "document" && documents.find((one) => one.id === page.id);
  return paper ? `#/order/${paper.assignment_id}/documents` : (page.back ?? "#/");
}

function tone(state, refused) {
  if (refused) return "bad";
  return state.network === "up" ? "good" : "weak";
}

/** A dot when all is well; few words when not, for the bar is narrow. All of it is said to a screen reader. */
function net(state, waiting, refused) {
  const spoken = [t(`net.${state.network}`), waiting > 0 && t("app.net_waiting", { count: waiting })];
  const label = spoken.filter(Boolean).join(" ");
  return h(`a.net.${tone(state, refused)}`, { href: "#/waiting", role: "status", "aria-label": label },
    said(state, refused), waiting > 0 && !refused && h("b", {}, waiting));
}

function said(state, refused) {
  if (refused) return t("app.net_refused");
  return state.network === "up" ? "" : t(`app.net_${state.network}`);
}
