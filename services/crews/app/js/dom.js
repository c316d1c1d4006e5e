// Small pieces to build pages of. Text is always set as text.

/** h("button.main", {onclick}, "…", child): an element with classes, attributes, handlers and children. */
export function h(what, attributes = {}, ...children) {
  const [name, ...classes] = what.split(".");
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes)) set(element, key, value);
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function set(element, key, value) {
  if (value === null || value === undefined || value === false) return;
  if (key.startsWith("on") || key === "value" || key === "checked") element[key] = value;
  else element.setAttribute(key, value === true ? "" : value);
}

/** A button whose work runs once per press, however often a wet glove hits it. */
export function button(kind, label, work, attributes = {}) {
  const element = h(`button.${kind}`, { type: "button", ...attributes }, label);
  element.onclick = async () => {
    if (element.disabled) return;
    element.disabled = true;
    try {
      await work();
    } finally {
      element.disabled = false;
    }
  };
  return element;
}

export const section = (title, ...children) => h("section.card", {}, title && h("h2", {}, title), ...children);
