// The image in the viewer: pan, zoom, and a scale bar that follows.

import { $ } from "./dom.js";

const MOST_ZOOM = 20;
let view = { x: 0, y: 0, zoom: 1 };
let input = null;

export function startStage() {
  const stage = $("#stage");
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
  for (const button of document.querySelectorAll("#zoom button")) {
    button.addEventListener("click", () => zoom(Number(button.value)));
  }
  $("#preview").addEventListener("load", scale);
  window.addEventListener("resize", scale);
}

export function resetStage() {
  view = { x: 0, y: 0, zoom: 1 };
  place();
}

// What the service said of the image's size; null where it has not.
export function setInput(summary) {
  input = summary;
  scale();
}

export function zoom(by) {
  view.zoom = Math.min(MOST_ZOOM, Math.max(1, view.zoom * by));
  if (view.zoom === 1) view = { x: 0, y: 0, zoom: 1 };
  place();
}

export function pan(x, y) {
  view = { ...view, x: view.x + x, y: view.y + y };
  place();
}

function place() {
  $("#picture").style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.zoom})`;
  scale();
}

// A round length of at most 140 pixels of the screen.
function scale() {
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
