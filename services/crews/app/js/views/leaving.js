// Can the crew leave this site for an emergency? One large button says it; a dangerous step is made safe first.

import { button, h, section } from "../dom.js";
import { holds, isOnSite, leavesFor, mayLeave } from "../leaving.js";
import { t } from "../texts.js";
import { form, tick } from "./form.js";
import { go } from "./routes.js";

/** Whether the crew may be called off now, and the button that changes it. */
export function leaving(shown, { rules }, actions) {
  if (!isOnSite(shown, rules)) return null;
  const running = holds(shown, rules);
  const free = mayLeave(shown, rules);
  const can = () => (running.length ? go(`order/${shown.assignment_id}/leave`) : actions.leave(shown, { can: true }));
  return section(t("leave.title"),
    h(`p.${free ? "leaves" : "stays"}`, { role: "status" }, t(free ? "leave.may" : running.length ? "leave.runs" : "leave.stays"),
      shown.said?.waiting && h("small.waits", {}, t("app.will_be_sent"))),
    running.length > 0 && h("ul", {}, running.map((hold) => h("li", {}, t(`leave.runs.${hold}`)))),
    free
      ? button("main", t("leave.cannot"), () => actions.leave(shown, { can: false }), { id: "leave" })
      : button("main", t("leave.can"), can, { id: "leave" }),
    free && button("plain", t("leave.shut_off"), () => actions.leave(shown, { can: false, why: "shut_off" })));
}

/** Before an offer is taken: which work it would take the crew from, and what there is not safe yet. */
export function instead(shown, { orders, rules }) {
  const held = leavesFor(shown, orders, rules);
  if (!held || shown.stage !== "offered") return null;
  return h("section.notice", { role: "status" },
    h("p", {}, t("leave.instead", { number: held.number })),
    holds(held, rules).length > 0 && h("a.button.plain", { href: `#/order/${held.assignment_id}/leave` }, t("leave.make_safe")));
}

/** Each step that runs is called safe by itself: nobody confirms what was not asked. */
export function makingSafe(state, id, actions) {
  const order = state.orders.find((one) => one.assignment_id === id);
  if (!order) return h("p.empty", {}, t("app.no_such_order"));
  const running = holds(order, state.rules);
  return form({
    name: `leave ${id} ${lastOf(order)}`,
    title: "leave.make_safe",
    label: "leave.can",
    fields: () => [h("p", {}, t("leave.before")), running.map((hold) => tick(hold, t(`hold.${hold}`)))],
    read: (fields) => {
      const made_safe = running.filter((hold) => fields[hold]);
      return made_safe.length < running.length ? { problem: t("leave.not_all") } : { body: { can: true, made_safe } };
    },
    send: (body) => actions.leave(order, body),
    back: `order/${id}`,
  });
}

/** What was ticked for one beginning of the work is not for the next. */
const lastOf = ({ steps = [], waiting }) => steps.length + waiting.length;
