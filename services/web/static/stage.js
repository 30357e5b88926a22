// The image in the viewer: pan, zoom, and a scale bar that follows.

import { $ } from "./dom.js";

const MOST_ZOOM = 20;
let view = { x: 0, y: 0, zoom: 1 };
let input = null;

export function startStage() {
  const stage = $("#stage");
  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15);
  }, { passive: false });
  startPointers(stage);
  for (const button of document.querySelectorAll("#zoom button")) {
    button.addEventListener("click", () => zoom(Number(button.value)));
  }
  $("#preview").addEventListener("load", scale);
  window.addEventListener("resize", scale);
}

// One pointer or finger pans, two pinch.
function startPointers(stage) {
  const held = new Map();
  const apart = () => {
    const [one, other] = [...held.values()];
    return Math.hypot(one.x - other.x, one.y - other.y);
  };
  stage.addEventListener("pointerdown", (event) => {
    if (held.size === 2) return;
    held.set(event.pointerId, { x: event.clientX, y: event.clientY });
    stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener("pointermove", (event) => {
    const before = held.get(event.pointerId);
    if (!before) return;
    const distance = held.size === 2 ? apart() : 0;
    held.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (distance) zoom(apart() / distance);
    else pan(event.clientX - before.x, event.clientY - before.y);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    stage.addEventListener(end, (event) => held.delete(event.pointerId));
  }
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
