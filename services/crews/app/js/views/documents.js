// The documents of an order: drafted from what was written down, signed with a finger, read as a page or PDF.

import { button, h, section } from "../dom.js";
import { unsaid } from "../papers.js";
import { ofKind } from "../records.js";
import * as shelf from "../shelf.js";
import { LANGUAGES, clock, day, t } from "../texts.js";
import { NOTED, lineOf } from "./notes.js";
import { entered } from "./pieces.js";
import { go } from "./routes.js";

/** The documents of an order, and the kinds that may be drafted. */
export function documents(state, id) {
  const own = state.documents.filter((one) => one.assignment_id === id);
  const kinds = Object.keys(state.rules.documents.signers);
  return h("div.page", {},
    own.length ? own.map(card) : h("p.empty", {}, t("papers.none")),
    section(t("papers.new"), kinds.map((kind) =>
      h("a.button.plain", { href: `#/order/${id}/draft/${kind}` }, t(`paper.title.${kind}`)))));
}

const card = (paper) => h("a.order", { href: `#/document/${paper.id}` }, headline(paper));

function headline(paper) {
  return [
    h("h2", {}, t(`paper.title.${paper.type}`)),
    h("p.tags", {}, h(`span.tag.${paper.state}`, {}, t(`papers.${paper.state}`)),
      paper.waiting > 0 && h("small.waits", {}, t(paper.refused ? "app.held" : "app.will_be_sent"))),
    h("p", {}, numbered(paper)),
    paper.missing_parties.length > 0 && h("p.stage", {}, t("papers.to_sign"), " ", paper.missing_parties.map(party).join(", ")),
    paper.refused && h("p.bad", {}, t("app.refused_short")),
  ];
}

/** Number and date; a document that nobody has signed has no number, and one signed without network gets it later. */
function numbered({ number, state, frozen_at, drafted_at }) {
  if (number) return t("paper.number", { number, date: day(frozen_at) });
  return t(state === "draft" ? "paper.draft" : "papers.number_later", { date: day(drafted_at) });
}

const party = (one) => t(`paper.party.${one}`);

/** One document: where it stands, what goes into it, who is still to sign. */
export function document_(state, id, actions) {
  const paper = state.documents.find((one) => one.id === id);
  if (!paper) return h("p.empty", {}, t("papers.none"));
  const order = state.orders.find((one) => one.assignment_id === paper.assignment_id);
  return h("div.page", {},
    paper.refused && refusal(paper, actions),
    section(null, headline(paper)),
    paper.corrected_by && h("a.notice", { href: `#/document/${paper.corrected_by}` }, t("papers.corrected")),
    paper.state === "draft" && content(paper, order, state),
    signing(paper, state),
    reading(paper, state),
    paper.number && h("a.button.plain", { href: `#/order/${paper.assignment_id}/draft/${paper.type}.${paper.id}` }, t("papers.correct")));
}

function refusal(paper, actions) {
  const { verb, body, problem } = paper.refused;
  return h("section.notice.bad", { role: "alert" },
    h("h2", {}, t("app.refused", { step: t(`verb.${verb}`), time: clock(body.at) })),
    h("p", {}, problem.title),
    Object.values(problem.errors ?? {}).flat().map((line) => h("p", {}, line)),
    entered(paper.refused),
    button("plain", t("app.understood"), () => actions.setAside(paper.id)));
}

/** What a draft will say: what the crew said, and what it wrote down. */
function content(paper, order, state) {
  const said = Object.entries(paper.statement).filter(([, value]) => value);
  const pictures = state.photos.filter((one) => one.assignment_id === paper.assignment_id && one.state !== "refused").length;
  const missing = unsaid(paper, state.rules).map((name) => t(`document.missing.${name}`));
  if (paper.type === "accident_act" && pictures === 0) missing.push(t("document.missing.media"));
  return section(t("papers.will_say"),
    missing.map((line) => h("p.bad", {}, line)),
    said.map(([name, value]) => h("p", {}, h("b", {}, saidAs(name), ": "), name === "happened_at" ? `${day(value)} ${clock(value)}` : value)),
    NOTED.map((kind) => written(kind, order?.recorded ?? [])),
    pictures > 0 && h("p", {}, t("papers.pictures", { count: pictures })),
    h("a.button.plain", { href: `#/document/${paper.id}/edit` }, t("papers.edit")));
}

export const saidAs = (name) => t(name === "happened_at" ? "papers.happened_at" : `paper.label.said.${name}`);

function written(kind, recorded) {
  const found = ofKind(recorded, kind);
  return found.length > 0 && h("div", {}, h("b", {}, t(`notes.${kind}`)), h("ul", {}, found.map((one) => h("li", {}, lineOf(one)))));
}

function signing(paper, state) {
  const others = state.rules.documents.parties.filter((one) => !paper.missing_parties.includes(one));
  const ways = (parties, kind) => parties.map((one) => h(`a.button.${kind}`, { href: `#/document/${paper.id}/sign/${one}` }, t("papers.sign", { party: party(one) })));
  return section(t("paper.signatures"),
    h("ol.history", {}, paper.signatures.map((one) =>
      h("li", {}, h("time", { datetime: one.at }, clock(one.at)), " ", party(one.party), ": ", h("b", {}, one.name), ", ", t(`paper.means.${one.means}`),
        one.waiting && h("small.waits", {}, t("app.will_be_sent"))))),
    !paper.refused && ways(paper.missing_parties, "main"),
    !paper.refused && h("details", {}, h("summary", {}, t("papers.others")), ways(others, "plain")));
}

function reading(paper, { network }) {
  const isHere = paper.version > 0 && paper.waiting === 0;
  if (!isHere) return h("p.notice", {}, t("papers.not_yet"));
  const problem = h("p.notice", { role: "alert", hidden: true }, t("papers.no_network"));
  const inEach = (key, work) => h("div.row", {}, LANGUAGES.map((one) =>
    button("plain", t(key, { language: t(`language.${one}`) }), async () => { problem.hidden = await work(one); }, { lang: one })));
  return section(t("papers.read"),
    shelf.canRead() && inEach("papers.open", (one) => opened(paper, one)),
    inEach("papers.pdf", (one) => shelf.save(paper, one)),
    network !== "up" && h("p", {}, t("papers.offline")),
    problem);
}

async function opened(paper, language) {
  const isHere = await shelf.bring(paper, language);
  if (isHere) go(`document/${paper.id}/read/${language}`);
  return isHere;
}

/** The document as the service wrote it in one language. */
export function page(state, id, _actions, language) {
  const paper = state.documents.find((one) => one.id === id);
  if (!paper) return h("p.empty", {}, t("papers.none"));
  const src = shelf.addressOf(paper, language);
  return h("iframe.paper", { src, sandbox: "allow-same-origin", title: t(`paper.title.${paper.type}`) });
}
