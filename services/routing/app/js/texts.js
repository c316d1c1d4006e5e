// Every word of the page comes from the catalogues.

import { inLanguage } from "./api.js";

let texts = {};

export async function learn() {
  texts = await (await fetch(`/console/files/texts/${inLanguage()}.json`)).json();
  document.documentElement.lang = inLanguage();
}

/** The text of a key with {names} filled in; a word nobody translated is shown as it is. */
export function t(key, values = {}) {
  return (texts[key] ?? key.split(".").pop()).replace(/\{(\w+)\}/g, (hole, name) => values[name] ?? hole);
}

export const time = (moment) => (moment ? new Date(moment).toLocaleTimeString(inLanguage(), { hour: "2-digit", minute: "2-digit" }) : "");

export const moment = (at) => new Date(at).toLocaleString(inLanguage(), { dateStyle: "short", timeStyle: "short" });

/** How long ago, in whole minutes or hours. */
export function ago(moment) {
  const minutes = Math.max(0, Math.round((Date.now() - new Date(moment)) / 60000));
  return minutes < 120 ? t("console.minutes", { n: minutes }) : t("console.hours", { n: Math.round(minutes / 60) });
}
