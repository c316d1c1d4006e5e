// Coming in, also again when the session has ended; what waits to be sent stays where it is.

import { button, h } from "../dom.js";
import { LANGUAGES, language, t } from "../texts.js";
import { go } from "./routes.js";

export function login(state, _id, actions) {
  return h("div.page", {}, languages(actions), byCode(actions), byPassword(state, actions));
}

/** A phone is paired once by a code that the dispatcher reads out: nobody types a password on it. */
function byCode(actions) {
  const code = h("input", { name: "code", inputmode: "numeric", autocomplete: "one-time-code", maxlength: 20 });
  return form("login.pair", [field("login.code", code)], () => actions.pair(code.value), "login.connect");
}

function byPassword(state, actions) {
  const name = h("input", { name: "login", autocomplete: "username", autocapitalize: "none", value: state.session?.login ?? "" });
  const secret = h("input", { name: "password", type: "password", autocomplete: "current-password" });
  const fields = [field("login.login", name), field("login.password", secret)];
  return h("details", { open: Boolean(state.session?.login) }, h("summary", {}, t("login.with_password")),
    form(null, fields, () => actions.logIn(name.value.trim(), secret.value), "login.enter"));
}

const field = (label, input) => h("label.field", {}, h("span", {}, t(label)), input);

function form(title, fields, attempt, label) {
  const problem = h("p.notice.bad", { role: "alert", hidden: true });
  const enter = button("main", t(label), async () => {
    const refused = await attempt();
    problem.hidden = !refused;
    problem.textContent = refused ? said(refused) : "";
    if (!refused) go("");
  });
  const element = h("form.card", {}, title && h("h1", {}, t(title)), fields, problem, enter);
  element.onsubmit = (event) => { event.preventDefault(); enter.click(); };
  return element;
}

function said(problem) {
  return problem.title ?? t(problem.code.startsWith("app.") ? problem.code : `error.${problem.code}`);
}

export function languages(actions) {
  return h("div.row", { role: "group" }, LANGUAGES.map((one) =>
    button("plain", t(`language.${one}`), () => actions.speak(one), { lang: one, "aria-pressed": String(one === language()) })));
}
