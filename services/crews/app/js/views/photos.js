// The photos of an order: taken here, sent by themselves.

import { button, h, section } from "../dom.js";
import { t } from "../texts.js";

const addresses = new Map();

export function photos(order, state, actions) {
  const own = state.photos.filter((one) => one.assignment_id === order.assignment_id);
  return section(t("photos.title"),
    own.length > 0 && h("div.photos", {}, own.map((one) => photo(one, actions))),
    taking(order, actions));
}

function photo({ id, small, state, problem }, actions) {
  return h("figure", {},
    h("img", { src: address(id, small), alt: t(`photos.${state}`) }),
    h("figcaption", {}, t(`photos.${state}`), problem && ` ${problem.title}`),
    state === "refused" && button("plain", t("photos.drop"), () => actions.dropPhoto(id)));
}

function address(id, picture) {
  if (!addresses.has(id)) addresses.set(id, URL.createObjectURL(picture));
  return addresses.get(id);
}

function taking(order, actions) {
  const input = h("input.unseen", { type: "file", accept: "image/*", capture: "environment", id: "photo" });
  input.onchange = async () => {
    for (const file of input.files) await actions.takePhoto(order, file);
  };
  return h("label.button.plain", { for: "photo" }, t("photos.take"), input);
}
