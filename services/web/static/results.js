// The list: cards or a table, and what is said about all of it.

import { cards } from "./cards.js";
import { $, arrange } from "./dom.js";
import { renderHistory } from "./history.js";
import { look, remember, shown } from "./state.js";
import { table } from "./table.js";

let open = () => {};
let loaded = false;

export function startResults(onOpen) {
  open = onOpen;
  for (const button of document.querySelectorAll("#views button")) {
    button.addEventListener("click", () => {
      remember("view", button.value);
      render();
    });
  }
}

export function setLoaded() { loaded = true; }

export function render() {
  const key = document.activeElement?.dataset?.key;
  const all = shown();
  for (const button of document.querySelectorAll("#views button")) {
    button.ariaPressed = String(button.value === look.view);
  }
  $("#empty").hidden = all.length > 0;
  $("#empty").textContent = loaded ? "No micrographs yet. Drop some above." : "Loading …";
  const parts = all.length === 0 ? [] : look.view === "table" ? [table(open, render)] : cards(open);
  arrange($("#results"), ...parts);
  renderHistory();
  say(all);
  if (key && document.activeElement?.dataset?.key !== key) {
    document.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
  }
}

// Heard by a screen reader, when it changes.
function say(all) {
  const done = all.filter((image) => image.result).length;
  const said = all.length === 0 ? "" : done < all.length
    ? `${done} of ${all.length} answered` : `All ${all.length} answered`;
  if ($("#progress").textContent !== said) $("#progress").textContent = said;
}
