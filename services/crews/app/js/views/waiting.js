// What is not with the service yet, and what it did not accept: nothing entered is out of sight.

import { button, h, section } from "../dom.js";
import { clock, t } from "../texts.js";
import { entered } from "./pieces.js";

export function waiting(state, _id, actions) {
  const groups = ["refused", "waiting", "set_aside"].map((kind) => [kind, state.commands.filter((one) => one.state === kind)]);
  return h("div.page", {},
    h("p.notice", {}, t(`net.${state.network}`)),
    groups.filter(([, found]) => found.length).map(([kind, found]) =>
      section(t(`waiting.${kind}`), h("ol.history", {}, found.map((one) => line(one, state.orders, actions))))),
    state.commands.length === 0 && h("p.empty", {}, t("waiting.nothing")),
  );
}

function line(command, orders, actions) {
  const order = orders.find((one) => [command.subject, command.after].includes(one.assignment_id));
  const isPaper = command.subject !== order?.assignment_id;
  return h("li", {}, h("time", {}, clock(command.body.at)), " ", t(`verb.${command.verb}`),
    order && h("a", { href: `#/order/${order.assignment_id}` }, ` № ${order.number}, ${order.address.text}`),
    command.problem && h("p.bad", {}, command.problem.title), entered(command),
    // what belongs to an order is settled on its page
    command.state === "refused" && isPaper && button("plain", t("app.understood"), () => actions.setAside(command.subject)));
}
