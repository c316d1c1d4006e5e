// The photos and videos of an order: taken here and sent by themselves, or by another phone; shown large.

import { button, h, section } from "../dom.js";
import { canShow, source } from "../photos.js";
import { clock, t } from "../texts.js";

const addresses = new Map();

export function photos(order, state, actions) {
  const own = state.photos.filter((one) => one.assignment_id === order.assignment_id)
    .sort((a, b) => a.taken_at.localeCompare(b.taken_at));
  return section(t("photos.title"),
    own.length > 0 && h("div.photos", {}, own.map((one) => photo(one, actions))),
    taking(order, actions));
}

function photo(one, actions) {
  const { id, assignment_id, state, problem } = one;
  const href = canShow(one) && `#/order/${assignment_id}/picture/${id}`;
  return h("figure", {},
    h(href ? "a.film" : "div.film", { href, "aria-label": named(one) }, preview(one)),
    h("figcaption", {}, t(`photos.${state}`), problem && ` ${problem.title}`),
    state === "refused" && button("plain", t("photos.drop"), () => actions.dropPhoto(id)));
}

const named = ({ kind = "photo", purpose, taken_at }) => `${t(`paper.media.${kind}`)}, ${t(`paper.purpose.${purpose}`)}, ${clock(taken_at)}`;

function preview({ id, small, kind }) {
  const isFilm = kind === "video";
  return [small && h("img", { src: address(id, small), alt: "" }), (isFilm || !small) && h("span", {}, isFilm ? "▶" : "▣")];
}

/** One of them on a page of its own. */
export async function picture(state, _order, _actions, id) {
  const one = state.photos.find((photo) => photo.id === id);
  if (!one) return h("p.empty", {}, t("photos.gone"));
  const problem = h("p.notice.bad", { role: "alert", hidden: true }, t(one.blob ? "photos.unplayable" : "photos.not_now"));
  const shown = one.kind === "video"
    ? h("video", { controls: true, playsinline: true, preload: "metadata", "aria-label": named(one) })
    : h("img", { alt: named(one) });
  await show(shown, one, problem);
  return h("div.page.picture", {}, shown, problem, h("p.stage", {}, named(one), ", ", t(`photos.${one.state}`)));
}

/** Begin to show it; once more with a fresh token if that breaks off, and then say so. */
async function show(shown, one, problem) {
  const address = await source(one);
  let mayRepeat = !one.blob;
  shown.onplaying = () => { mayRepeat = !one.blob; };
  shown.onerror = async () => {
    problem.hidden = mayRepeat;
    if (!mayRepeat) return;
    mayRepeat = false;
    const at = shown.currentTime;
    shown.src = await source(one);
    if (at) shown.currentTime = at;
  };
  shown.src = address;
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
  return [h("div.row.narrow", {}, camera("photo", "image/*", keep), camera("video", "video/*", keep)), problem];
}

function camera(kind, accept, keep) {
  const input = h("input.unseen", { type: "file", accept, capture: "environment", id: kind });
  input.onchange = () => keep(input.files);
  return h("label.button.plain", { for: kind }, t(kind === "photo" ? "photos.take" : "photos.film"), input);
}
