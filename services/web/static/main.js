// Brings the parts together: changes from the server into the list and the open image.

import { ask, follow } from "./api.js";
import { $, element, OUTPUTS, TITLES } from "./dom.js";
import { images, render, setModel, startResults } from "./results.js";
import { startUploads } from "./uploads.js";
import { openViewer, refreshViewer, startViewer } from "./viewer.js";

const LOOK_MS = 3000;
let connected = false;
let wanted = false;

function onChange(change) {
  if (change.gone) images.delete(change.id);
  else images.set(change.id, change);
  refreshViewer(change.id);
  draw();
}

// Many changes at once are drawn once.
function draw() {
  if (wanted) return;
  wanted = true;
  requestAnimationFrame(() => {
    wanted = false;
    render();
  });
}

async function look() {
  const said = $("#service");
  try {
    const status = await ask("/api/status");
    said.textContent = status.serving
      ? "Ready" : "The service is away. What you add is kept and goes on when it is back.";
    said.className = status.serving ? "ready" : "away";
    if (status.outputs.length) setModelOnce(status.outputs);
  } catch {
    connected = false;
  }
  if (!connected) {
    said.textContent = "The page's server is away; reconnecting …";
    said.className = "away";
  }
}

let known = "";
function setModelOnce(outputs) {
  if (JSON.stringify(outputs) === known) return;
  known = JSON.stringify(outputs);
  setModel(outputs);
}

async function showAgreement() {
  const found = await ask("/api/agreement");
  const any = OUTPUTS.some((name) => found[name].n);
  $("#agreement").hidden = !any;
  $("#agreement tbody").replaceChildren(...OUTPUTS.map((name) => element("tr", {},
    element("th", { scope: "row", textContent: TITLES[name] }),
    element("td", { textContent: found[name].n }),
    element("td", { textContent: found[name].agree }),
    element("td", { textContent: found[name].kappa?.toFixed(2) ?? "–" }))));
}

const reader = $("#reader");
reader.value = localStorage.getItem("reader") ?? "";
reader.addEventListener("input", () => localStorage.setItem("reader", reader.value.trim()));

startUploads();
startResults(openViewer);
startViewer();
follow(onChange, () => { draw(); showAgreement().catch(() => {}); }, (is) => { connected = is; look(); });
setInterval(look, LOOK_MS);
