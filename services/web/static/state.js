// What the page knows: images, cases, the model's thresholds, and how it is looked at.

export const images = new Map();
export const cases = new Map();
export const model = { thresholds: {}, version: 0 };

export const look = {
  view: remembered("view", ["cards", "table"]),
  sort: remembered("sort", ["", "name", "case", "presence", "mesangial", "subepithelial",
    "intramembranous", "subendothelial"]),
  descending: remembered("descending", ["yes", "no"]) === "yes",
  upload: "",
};

function remembered(name, known) {
  const found = localStorage.getItem(name) ?? known[0];
  return known.includes(found) ? found : known[0];
}

export function remember(name, value) {
  look[name] = value;
  localStorage.setItem(name, typeof value === "boolean" ? (value ? "yes" : "no") : value);
}

export function setModel(outputs) {
  model.thresholds = Object.fromEntries(outputs.map((one) => [one.label, one]));
  model.version += 1;
}

export function take(change) {
  if (change.is_case) cases.set(change.case, change);
  else if (change.gone) images.delete(change.id);
  else images.set(change.id, change);
}

export function forget() {
  images.clear();
  cases.clear();
}

export const probability = (image, output) => image.result?.outputs?.[output].probability ?? -1;

// Those that are looked at: all, or one upload's.
export function shown() {
  const all = [...images.values()];
  return look.upload ? all.filter((image) => image.upload === look.upload) : all;
}
