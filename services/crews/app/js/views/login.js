// Logging in, also again when the token has run out; what waits to be sent stays where it is.

import { button, h } from "../dom.js";
import { LANGUAGES, language, t } from "../texts.js";
import { go } from "./routes.js";

export function login(state, _id, actions) {
  const problem = h("p.notice.bad", { role: "alert", hidden: true });
  const name = h("input", { name: "login", autocomplete: "username", autocapitalize: "none", value: state.session?.login ?? "" });
  const secret = h("input", { name: "password", type: "password", autocomplete: "current-password" });
  const send = async () => {
    const refused = await actions.logIn(name.value.trim(), secret.value);
    problem.hidden = !refused;
    problem.textContent = refused ? said(refused) : "";
    if (!refused) go("");
  };
  const enter = button("main", t("login.enter"), send, { id: "next" });
  const form = h("form.card", {}, h("h1", {}, t("login.title")),
    h("label.field", {}, h("span", {}, t("login.login")), name),
    h("label.field", {}, h("span", {}, t("login.password")), secret),
    problem, enter);
  form.onsubmit = (event) => { event.preventDefault(); enter.click(); };
  return h("div.page", {}, languages(actions), form);
}

function said(problem) {
  return problem.title ?? t(problem.code.startsWith("app.") ? problem.code : `error.${problem.code}`);
}

export function languages(actions) {
  return h("div.row", { role: "group" }, LANGUAGES.map((one) =>
    button("plain", t(`language.${one}`), () => actions.speak(one), { lang: one, "aria-pressed": String(one === language()) })));
}
