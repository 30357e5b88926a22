// Brings the parts together: changes from the server into the list and the open image.

import { ask, follow } from "./api.js";
import { $, element, OUTPUTS, TITLES } from "./dom.js";
import { startHistory } from "./history.js";
import { render, setLoaded, startResults } from "./results.js";
import { forget, setModel, take } from "./state.js";
import { startUploads } from "./uploads.js";
import { openViewer, refreshViewer, startViewer } from "./viewer.js";

const LOOK_MS = 3000;
let connected = false;
let wanted = false;
let readersSpoke = false;

function onChange(change) {
  take(change);
  readersSpoke ||= Boolean(change.gone || change.reads?.length);
  if (!change.is_case) refreshViewer(change.id);
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
  let text = "The page's server is away; reconnecting …";
  let ready = false;
  try {
    const status = await ask("/api/status");
    ready = status.serving && connected;
    if (connected) {
      text = status.serving
        ? "Ready" : "The service is away. What you add is kept and goes on when it is back.";
    }
    if (status.outputs.length) setModelOnce(status.outputs);
  } catch { /* said below */ }
  said.className = ready ? "ready" : "away";
  if (said.textContent !== text) said.textContent = text;
}

let known = "";
function setModelOnce(outputs) {
  if (JSON.stringify(outputs) === known) return;
  known = JSON.stringify(outputs);
  setModel(outputs);
  draw();
}

// Asked for only when it may have changed: the server looks through all images for it.
async function showAgreement() {
  if (!readersSpoke) return;
  readersSpoke = false;
  const found = await ask("/api/agreement");
  const any = OUTPUTS.some((name) => found[name].n);
  $("#agreement").hidden = !any;
  $("#agreement tbody").replaceChildren(...OUTPUTS.map((name) => element("tr", {},
    element("th", { scope: "row", textContent: TITLES[name] }),
    element("td", { textContent: found[name].n }),
    element("td", { textContent: found[name].agree }),
    element("td", { textContent: found[name].kappa?.toFixed(2) ?? "–" }))));
}

function startReport() {
  const link = $("#report");
  $("#report-maps").addEventListener("change", (event) => {
    const query = event.target.value ? `?output=${event.target.value}` : "";
    link.href = `/export/report.pdf${query}`;
  });
}

const reader = $("#reader");
reader.value = localStorage.getItem("reader") ?? "";
reader.addEventListener("input", () => localStorage.setItem("reader", reader.value.trim()));

startUploads();
startResults(openViewer);
startViewer();
startHistory(draw);
startReport();
follow({
  onChange,
  onReset: () => { forget(); readersSpoke = true; draw(); },
  onReady: () => { setLoaded(); draw(); showAgreement().catch(() => { readersSpoke = true; }); },
  onConnected: (is) => { connected = is; look(); },
});
setInterval(look, LOOK_MS);
