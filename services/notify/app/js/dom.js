// Small pieces to build the page of. Text is always set as text.

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
  if (key.startsWith("on") || key === "value") element[key] = value;
  else element.setAttribute(key, value === true ? "" : value);
}
