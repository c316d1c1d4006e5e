// Every word of the page comes from the catalogues.

import { inLanguage } from "./api.js";

let texts = {};

export async function learn() {
  texts = await (await fetch(`/desk/files/texts/${inLanguage()}.json`)).json();
  document.documentElement.lang = inLanguage();
}

export const knows = (key) => key in texts;

/** The text of a key with {names} filled in; a word nobody translated is shown as it is. */
export function t(key, values = {}) {
  return (texts[key] ?? key.split(".").pop()).replace(/\{(\w+)\}/g, (hole, name) => values[name] ?? hole);
}

/** What stands in both languages, in the reader's. */
export const named = (names) => names[inLanguage()] ?? Object.values(names)[0] ?? "";

/** The clock time, with the day if that is another than today. */
export function time(at) {
  if (!at) return "";
  const moment = new Date(at);
  const day = moment.toDateString() === new Date().toDateString() ? {} : { day: "2-digit", month: "2-digit" };
  return moment.toLocaleString(inLanguage(), { hour: "2-digit", minute: "2-digit", second: "2-digit", ...day });
}

/** How long ago, in whole minutes or hours. */
export function ago(moment) {
  const minutes = Math.max(0, Math.round((Date.now() - new Date(moment)) / 60000));
  return minutes < 120 ? t("desk.minutes", { n: minutes }) : t("desk.hours", { n: Math.round(minutes / 60) });
}
