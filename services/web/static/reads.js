// The reader's own call of the open image: agree, or say otherwise.

import { ask } from "./api.js";
import { $, element, OUTPUTS, TITLES } from "./dom.js";

const selects = {};
let image = null;
let said = null;
let others = null;

export function startReads() {
  for (const name of OUTPUTS) {
    selects[name] = element("select", { name },
      element("option", { value: "", textContent: "not assessed" }),
      element("option", { value: "1", textContent: "yes" }),
      element("option", { value: "0", textContent: "no" }));
  }
  said = element("p", { role: "status" });
  others = element("div");
  const button = (textContent, onclick, className = "") =>
    element("button", { type: "button", textContent, onclick, className });
  $("#read").append(
    ...OUTPUTS.map((name) => element("label", {}, TITLES[name], selects[name])),
    button("Agree with the model", agree), button("Save my call", correct), said, others,
    button("Delete image", remove, "danger"));
}

const reader = () => $("#reader").value.trim();

// The same image again: what others said may be new, what is being chosen stays.
export function showReads(shown) {
  const another = image?.id !== shown.id;
  image = shown;
  if (another) {
    said.textContent = "";
    const mine = image.reads.find((read) => read.reader === reader())?.calls ?? {};
    for (const name of OUTPUTS) selects[name].value = String(mine[name] ?? "");
  }
  others.replaceChildren(...image.reads.map((read) => element("p", {
    textContent: `${read.reader}: ${OUTPUTS.filter((name) => read.calls[name] === 1)
      .map((name) => TITLES[name]).join(", ") || "no deposit"}` })));
}

function agree() {
  const answers = image.result?.outputs;
  if (!answers) {
    said.textContent = "There is no answer to agree with.";
    return;
  }
  for (const name of OUTPUTS) {
    selects[name].value = { positive: "1", negative: "0" }[answers[name].call] ?? "";
  }
  correct();
}

async function correct() {
  if (!reader()) {
    said.textContent = "Enter your initials on the page first.";
    return;
  }
  const calls = Object.fromEntries(OUTPUTS.map((name) =>
    [name, selects[name].value === "" ? null : Number(selects[name].value)]));
  try {
    await ask(`/api/images/${image.id}/reads`,
      { method: "PUT", body: JSON.stringify({ reader: reader(), calls }) });
    said.textContent = "Saved.";
  } catch (error) {
    said.textContent = error.message;
  }
}

async function remove() {
  if (!window.confirm("Delete this image, its result and all calls?")) return;
  try {
    await ask(`/api/images/${image.id}`, { method: "DELETE" });
  } catch (error) {
    said.textContent = error.message;
  }
}
