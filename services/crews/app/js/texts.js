// Texts for people, from the service's catalogues. A key without a text shows itself.

export const LANGUAGES = ["ru", "kk"];
let texts = {};
let chosen = "ru";

export const language = () => chosen;

/** The language kept on this device, else the phone's, else Russian. */
export function preferred() {
  const kept = localStorage.getItem("language");
  if (LANGUAGES.includes(kept)) return kept;
  return navigator.languages.map((tag) => tag.split("-")[0]).find((tag) => LANGUAGES.includes(tag)) ?? "ru";
}

export async function speak(wanted) {
  const response = await fetch(new URL(`../texts/${wanted}.json`, import.meta.url));
  texts = await response.json();
  chosen = wanted;
  localStorage.setItem("language", wanted);
  document.documentElement.lang = wanted;
  document.querySelector("link[rel=manifest]").href = new URL(`../manifests/${wanted}.webmanifest`, import.meta.url);
}

export const has = (key) => key in texts;

/** The text of `key` with `{name}` filled in. */
export function t(key, values = {}) {
  return (texts[key] ?? key).replace(/\{(\w+)\}/g, (hole, name) => String(values[name] ?? hole));
}

/** A name of the trade ("fault.pipe_burst"); an unknown one comes as it was sent. */
export const named = (group, value) => (has(`${group}.${value}`) ? t(`${group}.${value}`) : value);

/** The names known of a group of the trade, in the order of the catalogue. */
export const keysOf = (group) =>
  Object.keys(texts).filter((key) => key.startsWith(`${group}.`)).map((key) => key.slice(group.length + 1));

/** 4,5: as numbers are written in both languages. */
export const figure = (value) => Number(value).toLocaleString("ru", { maximumFractionDigits: 6, useGrouping: false });

/** 26.11.2026, as it is written in both languages. */
export const day = (moment) => new Date(moment).toLocaleDateString("ru", { day: "2-digit", month: "2-digit", year: "numeric" });

export const clock = (moment) =>
  new Date(moment).toLocaleTimeString(chosen, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
