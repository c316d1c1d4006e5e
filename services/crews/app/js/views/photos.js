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
    small ? h("img", { src: address(id, small), alt: t(`photos.${state}`) }) : h("div.film", {}, "▶"),
    h("figcaption", {}, t(`photos.${state}`), problem && ` ${problem.title}`),
    state === "refused" && button("plain", t("photos.drop"), () => actions.dropPhoto(id)));
}

function address(id, picture) {
  if (!addresses.has(id)) addresses.set(id, URL.createObjectURL(picture));
  return addresses.get(id);
}

function taking(order, actions) {
  const problem = h("p.notice.bad", { role: "alert", hidden: true }, t("photos.too_long"));
  const keep = async (files) => {
    for (const file of files) problem.hidden = await actions.takePhoto(order, file);
  };
  return [h("div.row", {}, camera("photo", "image/*", keep), camera("video", "video/*", keep)), problem];
}

function camera(kind, accept, keep) {
  const input = h("input.unseen", { type: "file", accept, capture: "environment", id: kind });
  input.onchange = () => keep(input.files);
  return h("label.button.plain", { for: kind }, t(kind === "photo" ? "photos.take" : "photos.film"), input);
}
