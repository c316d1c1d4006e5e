// What the crew has now: offers first, then the job under way, then the rest, then the shift.

import { button, h, section } from "../dom.js";
import { isActive, isFinal } from "../stages.js";
import { clock, day, t } from "../texts.js";
import { countdown, headline } from "./pieces.js";

export function home(state, _id, actions) {
  const { rules, orders } = state;
  const offers = orders.filter((order) => order.stage === "offered");
  const active = orders.filter((order) => isActive(order, rules));
  const ended = orders.filter((order) => isFinal(order, rules));
  return h("div.page", {},
    notices(state, active.length > 0, actions),
    offers.map((order) => card(order, "offer")),
    active.map((order) => card(order, "active")),
    !offers.length && !active.length && h("p.empty", {}, t(onShift(state) ? "app.no_orders" : "app.off_shift")),
    shift(state, actions),
    plan(state, actions),
    ended.length > 0 && section(t("app.ended"), ended.map((order) => card(order, "ended"))),
  );
}

function notices({ session, others, update, messages, read }, isBusy, actions) {
  const [word] = messages.filter((one) => !one.from_crew);
  return [
    word && word.at !== read && h("a.notice", { href: "#/help" }, t("app.new_message", { text: word.text })),
    session.ended && h("a.notice.bad", { href: "#/login" }, t("app.login_again")),
    others > 0 && h("p.notice", {}, t("app.others_wait", { count: others })),
    update && isBusy && h("p.notice", {}, t("app.update_later")),
    update && !isBusy && h("div.notice", {}, h("p", {}, t("app.update_ready")), button("plain", t("app.update_now"), actions.update)),
  ];
}

function card(order, kind) {
  return h(`a.order.${kind}${order.category === "emergency" ? ".emergency" : ""}`, { href: `#/order/${order.assignment_id}` },
    headline(order),
    kind === "offer" && countdown(order),
    order.refused && h("p.bad", {}, t("app.refused_short")),
  );
}

const SHOWN = 4;

/** The shifts that are planned, the running one first, each to be confirmed by its crew. */
function plan({ planned }, actions) {
  return planned.length > 0 && section(t("duty.title"), planned.slice(0, SHOWN).map((one) => planned_(one, actions)));
}

function planned_(one, actions) {
  const isConfirmed = one.confirmed_at || one.waiting;
  return h(`div${one.runs && !isConfirmed ? ".notice" : ""}`, {},
    h("p", {}, h("b", {}, day(one.starts_at), " ", clock(one.starts_at), "–", clock(one.ends_at)), isConfirmed && `, ${t("duty.confirmed")}`,
      one.waiting && h("small.waits", {}, t("app.will_be_sent"))),
    one.runs && !isConfirmed && h("p", {}, t("duty.unconfirmed")),
    !isConfirmed && button(one.runs ? "main" : "plain", t("duty.confirm"), () => actions.confirm(one)));
}

const onShift = (state) => Boolean(shown(state)?.on);

/** The shift as the crew wants it: the last wish that waits, else what the service knows. */
function shown({ session, commands }) {
  const wish = commands.findLast((one) => one.subject === "shift" && one.state === "waiting");
  return wish ? { on: wish.body.on, ends_at: null, waiting: true } : session.shift;
}

function shift(state, actions) {
  const now = shown(state);
  const refused = state.commands.find((one) => one.subject === "shift" && one.state === "refused");
  const until = now?.on && now.ends_at ? t("app.shift_until", { time: clock(now.ends_at) }) : null;
  return section(t("app.shift"),
    h("p", {}, t(now?.on ? "app.on_shift" : "app.not_on_shift"), until && ` ${until}`, now?.waiting && h("small.waits", {}, t("app.will_be_sent"))),
    refused && h("div.notice.bad", {}, refused.problem.title, button("plain", t("app.understood"), () => actions.setAside("shift"))),
    now?.on
      ? button("plain", t("app.end_shift"), () => actions.shift(false))
      : button("main", t("app.begin_shift"), () => actions.shift(true)),
  );
}
