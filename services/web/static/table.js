// Images as a table, sorted by what its reader chooses.

import { CALLS, element, OUTPUTS, TITLES } from "./dom.js";
import { ordered } from "./order.js";
import { look, remember } from "./state.js";

const COLUMNS = [["name", "Image"], ["case", "Case"], ...OUTPUTS.map((name) => [name, TITLES[name]])];

export function table(open, render) {
  const headings = COLUMNS.map(([column, title]) => heading(column, title, render));
  return element("div", { className: "wide", tabIndex: 0, role: "region", ariaLabel: "Table of micrographs" },
    element("table", { className: "list" },
      element("caption", { textContent: "Micrographs: probability and call of each output" }),
      element("thead", {}, element("tr", {}, ...headings,
        element("th", { scope: "col", textContent: "Findings" }),
        element("th", { scope: "col", textContent: "Read by" }))),
      element("tbody", {}, ...ordered().map((image) => row(image, open)))));
}

function heading(column, title, render) {
  const chosen = look.sort === column;
  const arrow = chosen ? (look.descending ? " ↓" : " ↑") : "";
  const button = element("button", {
    type: "button", className: "link", dataset: { key: `sort ${column}` },
    onclick: () => {
      // Probabilities are looked at from the highest, names from the first.
      remember("descending", chosen ? !look.descending : OUTPUTS.includes(column));
      remember("sort", column);
      render();
    },
  }, title, element("span", { ariaHidden: "true", textContent: arrow }));
  const made = element("th", { scope: "col" }, button);
  if (chosen) made.ariaSort = look.descending ? "descending" : "ascending";
  return made;
}

function row(image, open) {
  const { result } = image;
  const name = element("button", {
    type: "button", className: "link", dataset: { image: image.id, key: image.id },
    onclick: () => open(image.id),
  }, element("bdi", { textContent: image.name }));
  const said = result?.error ? result.error.message
    : result ? result.findings.map((one) => one.message).join(" ") : "Waiting for the model …";
  return element("tr", {},
    element("th", { scope: "row" }, name),
    element("td", {}, element("bdi", { textContent: image.case })),
    ...OUTPUTS.map((output) => cell(result?.outputs?.[output])),
    element("td", { className: result?.error ? "said error" : "said", textContent: said }),
    element("td", { textContent: image.reads.map((read) => read.reader).join(", ") }));
}

function cell(answer) {
  if (!answer) return element("td", { textContent: "–" });
  return element("td", { className: "probability" },
    element("span", { className: "number", textContent: answer.probability.toFixed(2) }), " ",
    element("span", { className: `call ${answer.call}`, textContent: CALLS[answer.call] ?? "" }));
}
