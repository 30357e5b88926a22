// The list: images by case, those that support the case's answer first.

import { $, CALLS, element, OUTPUTS, TITLES } from "./dom.js";

export const images = new Map();
let thresholds = {};
let open = () => {};

export function startResults(onOpen) { open = onOpen; }

export function setModel(outputs) {
  thresholds = Object.fromEntries(outputs.map((one) => [one.label, one]));
  render();
}

export function ordered() {
  const probability = (image) => image.result?.outputs?.presence.probability ?? -1;
  return [...images.values()].sort((a, b) =>
    a.case.localeCompare(b.case) || probability(b) - probability(a) || a.created - b.created);
}

export function bar(output, answer) {
  const fill = element("span", { className: `fill ${answer.call}` });
  fill.style.width = `${answer.probability * 100}%`;
  const track = element("span", { className: "track" }, fill);
  const model = thresholds[output];
  if (model?.abstain) {
    const zone = element("span", { className: "zone", title: "The model makes no call here" });
    zone.style.left = `${model.abstain[0] * 100}%`;
    zone.style.width = `${(model.abstain[1] - model.abstain[0]) * 100}%`;
    track.append(zone);
  } else if (model) {
    const mark = element("span", { className: "mark", title: "Threshold" });
    mark.style.left = `${model.threshold * 100}%`;
    track.append(mark);
  }
  return element("div", { className: "output" },
    element("span", { textContent: TITLES[output] }), track,
    element("span", { className: "number", textContent: answer.probability.toFixed(2) }),
    element("span", { className: `call ${answer.call}`, textContent: CALLS[answer.call] ?? "" }));
}

export function render() {
  const list = $("#results");
  const focused = document.activeElement?.dataset?.image;
  list.replaceChildren();
  $("#empty").hidden = images.size > 0;
  $("#empty").textContent = "No micrographs yet. Drop some above.";
  const cases = Map.groupBy
    ? Map.groupBy(ordered(), (image) => image.case)
    : ordered().reduce((all, one) => all.set(one.case, [...(all.get(one.case) ?? []), one]), new Map());
  for (const [name, members] of cases) {
    list.append(caseTitle(name, members),
      element("ul", { className: "cards" }, ...members.map(card)));
  }
  if (focused) list.querySelector(`[data-image="${focused}"]`)?.focus();
}

function caseTitle(name, members) {
  const best = OUTPUTS.map((output) => [output, Math.max(...members.map(
    (image) => image.result?.outputs?.[output].probability ?? 0))]);
  const said = best.map(([output, p]) => `${TITLES[output].toLowerCase()} ${p.toFixed(2)}`);
  return element("h3", {},
    element("bdi", { textContent: name ? `Case ${name}` : "Without a case" }),
    element("small", { textContent: ` ${members.length} images; highest: ${said.join(", ")}` }));
}

function card(image) {
  const picture = image.result && !image.result.error
    ? element("img", { src: `/api/images/${image.id}/preview`, alt: "", loading: "lazy" })
    : element("span", { className: "blank" });
  picture.onerror = () => picture.replaceWith(element("span", { className: "blank" }));
  const title = element("button", {
    type: "button", className: "title", dataset: { image: image.id }, onclick: () => open(image.id),
  }, picture, element("bdi", { textContent: image.name }));
  return element("li", { className: "card" }, title, body(image));
}

function body(image) {
  const result = image.result;
  if (!result) return element("p", { className: "waiting", textContent: "Waiting for the model …" });
  if (result.error) return element("p", { className: "error", textContent: result.error.message });
  return element("div", {},
    ...OUTPUTS.map((output) => bar(output, result.outputs[output])),
    findings(result));
}

export function findings(result) {
  if (!result.findings.length) return null;
  return element("ul", { className: "findings" },
    ...result.findings.map((one) => element("li", { textContent: one.message })));
}
