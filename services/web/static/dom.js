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
