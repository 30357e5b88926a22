// Small helpers: elements with text, never with markup.

export const $ = (selector) => document.querySelector(selector);

export function element(name, properties = {}, ...children) {
  const { dataset = {}, aria = {}, ...rest } = properties;
  const made = Object.assign(document.createElement(name), rest);
  Object.assign(made.dataset, dataset);
  for (const [key, value] of Object.entries(aria)) made.setAttribute(`aria-${key}`, value);
  made.append(...children.filter((child) => child !== null));
  return made;
}

// Gives an element these children. Those it has already stay where they are: what is taken out and
// put in again is laid out and painted anew.
export function arrange(parent, ...children) {
  const wanted = new Set(children.filter((child) => child !== null));
  for (const child of [...parent.childNodes]) if (!wanted.has(child)) child.remove();
  let place = parent.firstChild;
  for (const child of wanted) {
    if (child === place) place = place.nextSibling;
    else parent.insertBefore(child, place);
  }
}

export const OUTPUTS = [
  "presence", "mesangial", "subepithelial", "intramembranous", "subendothelial",
];

export const TITLES = {
  presence: "Deposit present",
  mesangial: "Mesangial",
  subepithelial: "Subepithelial",
  intramembranous: "Intramembranous",
  subendothelial: "Subendothelial",
};

export const CALLS = { positive: "yes", negative: "no", indeterminate: "no call" };
