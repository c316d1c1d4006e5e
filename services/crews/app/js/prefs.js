// How the app looks on this device: bright, dark, as the phone says, or the highest contrast.

export const THEMES = ["auto", "light", "dark", "contrast"];

export const theme = () => localStorage.getItem("theme") ?? "auto";

export function dress(wanted = theme()) {
  localStorage.setItem("theme", wanted);
  document.documentElement.dataset.theme = wanted;
}
