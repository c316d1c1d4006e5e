// Small pieces to build the page of. Text is always set as text.

/** h("button.main", {onclick}, "…", child): an element with classes, attributes, handlers and children. */
export function h(what, attributes = {}, ...children) {
  return fill(document.createElement(what.split(".")[0]), what, attributes, children);
}

/** The same for what is drawn. */
export function svg(what, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", what.split(".")[0]), what, attributes, children);
}

function fill(element, what, attributes, children) {
  const classes = what.split(".").slice(1).join(" ");
  if (classes) element.setAttribute("class", classes);
  for (const [key, value] of Object.entries(attributes)) set(element, key, value);
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function set(element, key, value) {
  if (value === null || value === undefined || value === false) return;
  if (key.startsWith("on") || key === "value") element[key] = value;
  else element.setAttribute(key, value === true ? "" : value);
}
