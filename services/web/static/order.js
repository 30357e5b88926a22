// In which order images stand: by case, those behind the case's answer first; or as a table is sorted.

import { cases, look, probability, shown } from "./state.js";

export function ordered() {
  return look.view === "table" && look.sort ? sorted() : [...byCase().values()].flat();
}

export function byCase() {
  const found = new Map();
  for (const image of shown()) found.set(image.case, [...(found.get(image.case) ?? []), image]);
  const names = [...found.keys()].sort((a, b) => (a === "") - (b === "") || a.localeCompare(b));
  return new Map(names.map((name) => [name, found.get(name).sort(supportingFirst(name))]));
}

function supportingFirst(name) {
  const behind = cases.get(name)?.result?.outputs.presence?.supporting_images ?? [];
  const places = new Map(behind.map((one, place) => [one.image_id, place]));
  const place = (image) => places.get(image.id) ?? places.size;
  return (a, b) => place(a) - place(b)
    || probability(b, "presence") - probability(a, "presence") || a.created - b.created;
}

function sorted() {
  const up = look.descending ? -1 : 1;
  const compare = ["name", "case"].includes(look.sort)
    ? (a, b) => a[look.sort].localeCompare(b[look.sort])
    : (a, b) => probability(a, look.sort) - probability(b, look.sort);
  return shown().sort((a, b) => up * compare(a, b) || a.created - b.created);
}
