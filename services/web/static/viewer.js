// One image large: overlay, facts, the reader's own call; all of it by keyboard.

import { ask } from "./api.js";
import { bar, findings } from "./bars.js";
import { $, element, OUTPUTS, TITLES } from "./dom.js";
import { failure } from "./failure.js";
import { paint } from "./heat.js";
import { ordered } from "./order.js";
import { showReads, startReads } from "./reads.js";
import { pan, resetStage, setInput, startStage, zoom } from "./stage.js";
import { images } from "./state.js";

const KEPT_MAPS = 30;
const PAN = 60;
const maps = new Map();
let current = null;
let output = "presence";
let overlay = true;

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
  startReads();
  startStage();
}

export function openViewer(id, wanted = output) {
  const first = !$("#viewer").open;
  current = id;
  output = wanted;
  $("#no-preview").hidden = true;
  $("#preview").src = `/api/images/${id}/preview`;
  show();
  resetStage();
  if (first) {
    $("#viewer").showModal();
    $("#stage").focus();
  }
}

export function refreshViewer(id) {
  if (id !== current) return;
  if (images.has(id)) show();
  else $("#viewer").close();
}

function show() {
  const image = images.get(current);
  const all = ordered();
  const place = all.findIndex((one) => one.id === current) + 1;
  const where = [image.case && `Case ${image.case}`, place && `image ${place} of ${all.length}`];
  $("#viewer-title").replaceChildren(element("bdi", { textContent: image.name }),
    element("small", { textContent: ` ${where.filter(Boolean).join(", ")}` }));
  $("#preview").alt = `Micrograph ${image.name}`;
  setInput(image.result?.input ?? null);
  showFacts(image);
  showReads(image);
  choose(output);
  loadMaps(image);
}

function showFacts(image) {
  const { result } = image;
  const facts = $("#facts");
  facts.replaceChildren();
  if (!result) return facts.append(element("p", { textContent: "Waiting for the model …" }));
  if (result.error) return facts.append(failure(image));
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

const keyOf = (image) => `${image.id} ${image.result?.model?.digest}`;

async function loadMaps(image) {
  const key = keyOf(image);
  if (!image.result?.outputs || maps.has(key)) return;
  try {
    maps.set(key, await ask(`/api/images/${image.id}/heat-maps`));
    if (maps.size > KEPT_MAPS) maps.delete(maps.keys().next().value);
  } catch (error) {
    if (image.id === current) $("#overlay-state").textContent = `No overlay: ${error.message}`;
    return;
  }
  if (image.id === current) showOverlay();
}

function choose(name) {
  output = name;
  $(`#outputs input[value="${name}"]`).checked = true;
  showOverlay();
}

function showOverlay() {
  const image = images.get(current);
  if (!image) return;
  const loaded = maps.get(keyOf(image));
  const map = loaded?.[output];
  const canvas = $("#overlay");
  canvas.hidden = !map || !overlay;
  canvas.dataset.output = map ? output : "";
  canvas.style.opacity = $("#opacity").value / 100;
  $("#overlay-state").textContent = !image.result?.outputs ? "" : !loaded ? "Loading the overlay …"
    : !map ? "There is no overlay for this output." : overlay ? `Overlay: ${TITLES[output]}` : "Overlay hidden";
  if (!map) return;
  paint(canvas, map);
  const { input } = image.result;
  canvas.style.height = `${(input.analysed_height / input.height) * 100}%`;
}

function step(by) {
  const all = ordered();
  const index = all.findIndex((image) => image.id === current);
  openViewer(all[(index + by + all.length) % all.length].id);
}

function onKey(event) {
  const chosen = /^[1-5]$/.test(event.key);
  if (event.target.matches("select, input") && !chosen) return;
  if (event.target.matches("button") && event.key === " ") return;
  if (event.shiftKey && event.key.startsWith("Arrow")) {
    pan({ ArrowLeft: PAN, ArrowRight: -PAN }[event.key] ?? 0, { ArrowUp: PAN, ArrowDown: -PAN }[event.key] ?? 0);
  } else if (event.key === "ArrowRight") step(1);
  else if (event.key === "ArrowLeft") step(-1);
  else if (event.key === " ") {
    overlay = !overlay;
    showOverlay();
  } else if (chosen) choose(OUTPUTS[event.key - 1]);
  else if (event.key === "+" || event.key === "-") zoom(event.key === "+" ? 1.25 : 0.8);
  else return;
  event.preventDefault();
}
