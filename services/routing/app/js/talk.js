// Words to and from one crew, and which crews have written since somebody last looked.

import { call } from "./api.js";
import { h } from "./dom.js";
import { t, time } from "./texts.js";

/** One conversation at a time, in a place that nothing else redraws; `changed` hears of what is unread. */
export function talks(place, nameOf, changed) {
  const unread = new Set();
  const seen = new Map();
  let open = null;

  async function read(crew) {
    const answer = await call("GET", `/v1/crews/${crew}/messages`);
    return answer.status === 200 ? answer.body.messages : null;
  }

  /** Whether the crew has written something new; what was written without network comes late, between the rest. */
  function isNew(crew, told) {
    const before = seen.get(crew);
    seen.set(crew, new Set(told.map((one) => one.message_id)));
    if (before) return told.some((one) => one.from_crew && !before.has(one.message_id));
    return told.some((one) => one.from_crew) && !isOursJustNow(told.at(-1));
  }

  /** Show what was written, and leave what somebody is writing. */
  async function show() {
    const told = await read(open.crew);
    if (!open || !told) return;
    isNew(open.crew, told);
    open.lines.replaceChildren(...told.map(line));
    open.lines.scrollTop = open.lines.scrollHeight;
  }

  function close() {
    open = null;
    place.replaceChildren();
  }

  /** Open the conversation with a crew, about a request or none. */
  async function write(crew, request = null) {
    unread.delete(crew);
    const text = h("textarea", { rows: 2, maxlength: 2000, "aria-label": t("console.message") });
    const problem = h("div.notice", { role: "alert", hidden: true });
    open = { crew, lines: h("ul.plain.talk", { "aria-live": "polite" }) };
    const send = async (submitted) => {
      submitted.preventDefault();
      if (!text.value.trim()) return text.focus();
      const body = { text: text.value.trim(), request_id: request?.request_id ?? null };
      const answer = await call("POST", `/v1/crews/${crew}/messages`, { body });
      problem.hidden = answer.status === 201;
      problem.textContent = answer.body?.title ?? t("console.no_answer");
      if (answer.status !== 201) return;
      text.value = "";
      await show();
    };
    place.replaceChildren(h("section.card", { id: "talk", "data-talk": crew },
      h("h2", {}, t("console.talk", { crew: nameOf(crew) }), request && h("span.soft", {}, ` № ${request.number}`)),
      open.lines, problem,
      h("form", { onsubmit: send }, text, h("div.row", {}, h("button.main", { type: "submit" }, t("console.send")), h("button", { type: "button", onclick: close }, t("console.shut"))))));
    changed();
    await show();
    text.focus();
  }

  /** Something was written to a crew or by it. */
  async function heard(crew) {
    if (open?.crew === crew) return show();
    const told = await read(crew);
    if (told && isNew(crew, told)) unread.add(crew);
    changed();
  }

  /** A button for each crew that waits for an answer. */
  const waiting = () => [...unread].map((crew) => h("section.call", { role: "status", "data-unread": crew },
    h("b", {}, t("console.wrote", { crew: nameOf(crew) })), h("span.row", {}, h("button.main", { onclick: () => write(crew) }, t("console.read")))));

  return { write, heard, waiting };
}

const isOursJustNow = (one) => !one.from_crew && Date.now() - new Date(one.at) < 60000;

const line = (one) => h(one.from_crew ? "li" : "li.ours", {}, h("span.soft", {}, time(one.at), " ", one.from_crew ? "" : one.by), " ", one.text);
