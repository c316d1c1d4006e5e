// What stands in a form that was not finished: kept at every letter, found again after a reload.

import * as db from "./db.js";

const name = (form) => `draft ${form}`;

export const read = async (form) => (await db.fact(name(form))) ?? {};
export const forget = (form) => db.keep(name(form), null);

/** Keep the fields of a form as they are now. */
export function watch(form, element) {
  element.addEventListener("input", () => db.keep(name(form), fieldsOf(element)));
}

export function fieldsOf(element) {
  const fields = {};
  for (const input of element.querySelectorAll("[name]")) {
    if (input.type === "radio") {
      if (input.checked) fields[input.name] = input.value;
    } else {
      fields[input.name] = input.type === "checkbox" ? input.checked : input.value;
    }
  }
  return fields;
}

/** Put kept fields back into a form. */
export function fill(element, fields) {
  for (const input of element.querySelectorAll("[name]")) {
    const value = fields[input.name];
    if (value === undefined) continue;
    if (input.type === "radio") input.checked = input.value === value;
    else if (input.type === "checkbox") input.checked = value;
    else input.value = value;
  }
}
