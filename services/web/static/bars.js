// An output as a bar with its probability, call, and where the model makes no call; and findings.

import { CALLS, element, TITLES } from "./dom.js";
import { model } from "./state.js";

export function bar(output, answer, more = null) {
  const fill = element("span", { className: `fill ${answer.call}` });
  fill.style.width = `${answer.probability * 100}%`;
  const track = element("span", { className: "track" }, fill, more ? null : mark(output));
  return element("div", { className: "output" },
    element("span", { textContent: TITLES[output] }), track,
    element("span", { className: "number", textContent: answer.probability.toFixed(2) }),
    element("span", { className: `call ${answer.call}`, textContent: CALLS[answer.call] ?? "" }),
    more);
}

// The abstain zone, or the threshold where there is none. Both are of images, not of cases.
function mark(output) {
  const known = model.thresholds[output];
  if (!known) return null;
  if (!known.abstain) {
    const made = element("span", { className: "mark", title: "Threshold" });
    made.style.left = `${known.threshold * 100}%`;
    return made;
  }
  const [low, high] = known.abstain;
  const zone = element("span", { className: "zone", title: "The model makes no call here" });
  zone.style.left = `${low * 100}%`;
  zone.style.width = `${(high - low) * 100}%`;
  return zone;
}

export function findings(result) {
  if (!result.findings.length) return null;
  return element("ul", { className: "findings" },
    ...result.findings.map((one) => element("li", { textContent: one.message })));
}
