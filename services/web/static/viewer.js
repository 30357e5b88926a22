// One image large: pan, zoom, overlay, facts, the reader's own call; all of it by keyboard.

import { ask } from "./api.js";
import { $, element, OUTPUTS, TITLES } from "./dom.js";
import { paint } from "./heat.js";
import { bar, findings, images, ordered } from "./results.js";

let current = null;
let output = "presence";
let overlay = true;
let view = { x: 0, y: 0, zoom: 1 };

export function startViewer() {
  const dialog = $("#viewer");
  for (const name of OUTPUTS) {
    const radio = element("input", { type: "radio", name: "output", value: name });
    radio.addEventListener("change", () => choose(name));
    $("#outputs").append(element("label", {}, radio, TITLES[name]));
  }
  dialog.addEventListener("click", (event) => {
    const act = event.target.dataset.do;
    if (act === "close") dialog.close();
    if (act === "next") step(1);
    if (act === "previous") step(-1);
  });
  dialog.addEventListener("keydown", onKey);
  dialog.addEventListener("close", () => {
    document.querySelector(`[data-image="${current}"]`)?.focus();
    current = null;
  });
  $("#opacity").addEventListener("input", showOverlay);
  $("#preview").addEventListener("error", () => { $("#no-preview").hidden = false; });
  $("#preview").addEventListener("load", scale);
  startPanning($("#stage"));
}

export function openViewer(id) {
  current = id;
  view = { x: 0, y: 0, zoom: 1 };
  $("#no-preview").hidden = true;
  $("#preview").src = `/api/images/${id}/preview`;
  show();
  place();
  if (!$("#viewer").open) $("#viewer").showModal();
  $("#stage").focus();
}

export function refreshViewer(id) {
  if (id !== current) return;
  if (images.has(id)) show();
  else $("#viewer").close();
}

function show() {
  const image = images.get(current);
  $("#viewer-title").replaceChildren(element("bdi", { textContent: image.name }));
  $("#preview").alt = `Micrograph ${image.name}`;
  showFacts(image);
  showRead(image);
  choose(output);
}

function showFacts(image) {
  const result = image.result;
  const facts = $("#facts");
  facts.replaceChildren();
  if (!result) return facts.append(element("p", { textContent: "Waiting for the model …" }));
  if (result.error) {
    return facts.append(element("p", { className: "error", textContent: result.error.message }));
  }
  const { input, model } = result;
  const size = `${input.width} × ${input.height} pixels, ${input.bit_depth} bit ${input.format}; `
    + `${input.pixel_size_nm.toFixed(2)} nm per pixel (from the ${input.pixel_size_source})`;
  facts.append(...OUTPUTS.map((one) => bar(one, result.outputs[one])));
  const remarks = findings(result);
  if (remarks) facts.append(remarks);
  facts.append(
    element("p", { textContent: size.replace("from the assumed", "assumed") }),
    element("p", { textContent: `Model ${model.name} ${model.version}` }),
    element("p", { textContent: result.notice }));
  return undefined;
}

function showRead(image) {
  const reader = $("#reader").value.trim();
  const mine = image.reads.find((read) => read.reader === reader)?.calls ?? {};
  const answers = image.result?.outputs ?? {};
  const rows = OUTPUTS.map((name) => {
    const select = element("select", { name },
      element("option", { value: "", textContent: "not assessed" }),
      element("option", { value: "1", textContent: "yes" }),
      element("option", { value: "0", textContent: "no" }));
    select.value = String(mine[name] ?? "");
    return element("label", {}, TITLES[name], select);
  });
  const said = element("p", { role: "status" });
  const save = (calls) => record(image.id, calls, said);
  const agree = element("button", { type: "button", textContent: "Agree with the model",
    onclick: () => save(Object.fromEntries(OUTPUTS.map((name) =>
      [name, { positive: 1, negative: 0 }[answers[name]?.call] ?? null]))) });
  const correct = element("button", { type: "button", textContent: "Save my call",
    onclick: () => save(Object.fromEntries(rows.map((row) => {
      const select = row.querySelector("select");
      return [select.name, select.value === "" ? null : Number(select.value)];
    }))) });
  const remove = element("button", { type: "button", textContent: "Delete image", className: "danger",
    onclick: () => window.confirm("Delete this image, its result and all calls?")
      && ask(`/api/images/${image.id}`, { method: "DELETE" }) });
  const others = image.reads.map((read) => element("p", { textContent: `${read.reader}: `
    + OUTPUTS.filter((name) => read.calls[name] === 1).map((name) => TITLES[name]).join(", ") }));
  $("#read").replaceChildren($("#read legend"), ...rows, agree, correct, said, ...others, remove);
}

async function record(id, calls, said) {
  const reader = $("#reader").value.trim();
  if (!reader) {
    said.textContent = "Enter your initials on the page first.";
    return;
  }
  try {
    await ask(`/api/images/${id}/reads`,
      { method: "PUT", body: JSON.stringify({ reader, calls }) });
    said.textContent = "Saved.";
  } catch (error) {
    said.textContent = error.message;
  }
}

function choose(name) {
  output = name;
  $(`#outputs input[value="${name}"]`).checked = true;
  showOverlay();
}

function showOverlay() {
  const result = images.get(current)?.result;
  const map = result?.heat_maps?.[output];
  const canvas = $("#overlay");
  canvas.hidden = !map || !overlay;
  canvas.style.opacity = $("#opacity").value / 100;
  if (!map) return;
  paint(canvas, map);
  canvas.style.height = `${(result.input.analysed_height / result.input.height) * 100}%`;
}

function step(by) {
  const all = ordered();
  const index = all.findIndex((image) => image.id === current);
  openViewer(all[(index + by + all.length) % all.length].id);
}

function onKey(event) {
  if (event.target.matches("select, input[type=range], input[type=radio]")
    && !/^[1-5]$/.test(event.key)) return;
  if (event.target.matches("button") && event.key === " ") return;
  if (event.key === "ArrowRight") step(1);
  else if (event.key === "ArrowLeft") step(-1);
  else if (event.key === " ") {
    overlay = !overlay;
    showOverlay();
  } else if (/^[1-5]$/.test(event.key)) choose(OUTPUTS[event.key - 1]);
  else if (event.key === "+" || event.key === "-") zoom(event.key === "+" ? 1.25 : 0.8);
  else return;
  event.preventDefault();
}

function startPanning(stage) {
  let held = null;
  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15);
  }, { passive: false });
  stage.addEventListener("pointerdown", (event) => {
    held = { x: event.clientX - view.x, y: event.clientY - view.y };
    stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener("pointermove", (event) => {
    if (!held) return;
    view = { ...view, x: event.clientX - held.x, y: event.clientY - held.y };
    place();
  });
  stage.addEventListener("pointerup", () => { held = null; });
  stage.addEventListener("pointercancel", () => { held = null; });
}

function zoom(by) {
  view.zoom = Math.min(20, Math.max(1, view.zoom * by));
  if (view.zoom === 1) view = { x: 0, y: 0, zoom: 1 };
  place();
}

function place() {
  $("#picture").style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.zoom})`;
  scale();
}

// A round length that is about a fifth of the picture's width.
function scale() {
  const input = images.get(current)?.result?.input;
  const width = $("#preview").clientWidth * view.zoom;
  $("#scale").hidden = !input || !width;
  if (!input || !width) return;
  const nm = (input.width * input.pixel_size_nm) / width;
  const wanted = nm * 140;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const length = [5, 2, 1].map((step) => step * power).find((one) => one <= wanted) ?? power;
  $("#scale").style.width = `${length / nm}px`;
  $("#scale span").textContent = length >= 1000 ? `${length / 1000} µm` : `${length} nm`;
}
