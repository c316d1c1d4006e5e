// Language, light, the version, and leaving.

import { button, h, section } from "../dom.js";
import { THEMES, dress, theme } from "../prefs.js";
import { t } from "../texts.js";
import { languages } from "./login.js";

const VERSION = new URL("../..", import.meta.url).pathname.split("/").at(-2);

export function settings(state, _id, actions) {
  const unsent = state.commands.filter((one) => one.state !== "set_aside").length;
  return h("div.page", {},
    section(t("settings.language"), languages(actions)),
    section(t("settings.look"), h("div.row", { role: "group" }, THEMES.map((one) => light(one, actions)))),
    section(t("settings.device"),
      h("p", {}, [state.session?.crew.name, state.session?.login].filter(Boolean).join(" · ")),
      unsent > 0 && h("p.bad", {}, t("settings.unsent", { count: unsent })),
      button("plain", t("settings.log_out"), actions.logOut),
      h("p", {}, h("small", {}, t("settings.version", { version: VERSION })))),
  );
}

function light(one, actions) {
  const put = () => {
    dress(one);
    actions.redraw();
  };
  return button("plain", t(`theme.${one}`), put, { "aria-pressed": String(one === theme()) });
}
