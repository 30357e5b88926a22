// What was given together, with how far it is: looked at alone, or deleted.

import { ask } from "./api.js";
import { $, element } from "./dom.js";
import { images, look } from "./state.js";

const WHEN = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export function startHistory(render) {
  const choose = () => {
    look.upload = new URLSearchParams(location.hash.slice(1)).get("upload") ?? "";
    render();
  };
  window.addEventListener("hashchange", choose);
  choose();
}

function uploads() {
  const found = new Map();
  for (const image of images.values()) {
    const one = found.get(image.upload)
      ?? { id: image.upload, created: image.created, images: 0, done: 0, failed: 0, cases: new Set() };
    one.images += 1;
    one.done += image.result ? 1 : 0;
    one.failed += image.result?.error ? 1 : 0;
    one.created = Math.min(one.created, image.created);
    one.cases.add(image.case);
    found.set(image.upload, one);
  }
  return [...found.values()].sort((a, b) => b.created - a.created);
}

export function renderHistory() {
  const all = uploads();
  $("#history").hidden = all.length === 0;
  $("#history summary").textContent = `History: ${all.length} ${all.length === 1 ? "upload" : "uploads"}`;
  $("#history tbody").replaceChildren(...all.map(row));
  const one = look.upload && all.find((upload) => upload.id === look.upload);
  $("#only").hidden = !look.upload;
  $("#only span").textContent = one
    ? `Only the upload of ${when(one)}.` : "This upload is not there: it was deleted.";
}

const when = (upload) => WHEN.format(new Date(upload.created * 1000));

function state({ images: all, done, failed }) {
  const wrong = failed ? `, ${failed} without an answer` : "";
  return done < all ? `${done} of ${all} done${wrong}` : `done${wrong}`;
}

function row(upload) {
  const hash = `#${new URLSearchParams({ upload: upload.id })}`;
  const named = [...upload.cases].filter(Boolean).join(", ") || "no case";
  const show = element("a", { href: hash, textContent: "Show", dataset: { key: `show ${upload.id}` },
    ariaLabel: `Show the upload of ${when(upload)}` });
  const remove = element("button", { type: "button", className: "danger", textContent: "Delete",
    dataset: { key: `delete ${upload.id}` }, ariaLabel: `Delete the upload of ${when(upload)}`,
    onclick: () => deleted(upload) });
  return element("tr", {},
    element("th", { scope: "row", textContent: when(upload) }),
    element("td", {}, element("bdi", { textContent: named })),
    element("td", { className: "number", textContent: upload.images }),
    element("td", { textContent: state(upload) }),
    element("td", {}, show, remove));
}

async function deleted(upload) {
  const question = `Delete ${upload.images} images of ${when(upload)}, their results and all calls?`;
  if (!window.confirm(question)) return;
  try {
    await ask(`/api/uploads/${encodeURIComponent(upload.id)}`, { method: "DELETE" });
    $("#history [role=status]").textContent = "Deleted.";
  } catch (error) {
    $("#history [role=status]").textContent = error.message;
  }
}
