// Images as cards, under the answers for their cases.

import { bar, findings } from "./bars.js";
import { arrange, element, OUTPUTS } from "./dom.js";
import { failure } from "./failure.js";
import { byCase } from "./order.js";
import { cases, images, model } from "./state.js";

const MOST_BEHIND = 3;
let made = new Map();
let sections = new Map();

// Only cards of images that changed are made anew.
export function cards(open) {
  const kept = new Map();
  const parts = new Map();
  const sizes = caseSizes();
  for (const [name, members] of byCase()) {
    const title = element("h3", {},
      element("bdi", { textContent: name ? `Case ${name}` : "Without a case" }),
      element("small", { textContent: ` ${counted(members.length)}` }));
    const items = members.map((image) => {
      const key = `${image.id} ${image.seq} ${model.version}`;
      kept.set(key, made.get(key) ?? card(image, open));
      return kept.get(key);
    });
    const section = sections.get(name) ?? element("section", {}, element("ul", { className: "cards" }));
    arrange(section.lastChild, ...items);
    arrange(section, title, name ? caseAnswer(name, sizes.get(name), open) : null, section.lastChild);
    parts.set(name, section);
  }
  made = kept;
  sections = parts;
  return [...parts.values()];
}

// Of all images: where only one upload's are shown, the answer is over the others as well.
function caseSizes() {
  const sizes = new Map();
  for (const image of images.values()) sizes.set(image.case, (sizes.get(image.case) ?? 0) + 1);
  return sizes;
}

function caseAnswer(name, size, open) {
  const known = cases.get(name);
  const result = known?.result;
  const box = element("div", { className: "case" },
    element("p", { className: "state", textContent: state(known, size) }));
  for (const output of OUTPUTS) {
    const answer = result?.outputs[output];
    if (answer) box.append(bar(output, answer, behind(output, answer, open)));
  }
  const report = `/export/report.pdf?${new URLSearchParams({ case: name })}`;
  box.append(element("a", { href: report, textContent: "Report of this case (PDF)" }));
  return box;
}

function state(known, size) {
  const result = known?.result;
  if (!result) return known?.due ? "No answer for the case yet." : "No image of the case has an answer.";
  const rule = result.calibrated ? "" : " Probabilities are those of the highest image.";
  const failed = result.failed ? `, ${result.failed} of them without an answer` : "";
  if (known.due || !result.final) {
    return `The case so far, over ${result.images} of ${counted(size)}${failed}.${rule}`;
  }
  const missing = size - result.images;
  const without = missing > 0 ? ` ${missing} more could not be taken in.` : "";
  return `The answer for the case, over ${counted(result.images)}${failed}.${without}${rule}`;
}

const counted = (count) => `${count} ${count === 1 ? "image" : "images"}`;

// The images that the case's answer rests on, the most probable first.
function behind(output, answer, open) {
  const known = answer.supporting_images.filter((one) => images.has(one.image_id));
  const links = known.slice(0, MOST_BEHIND).map((one) => element("button", {
    type: "button", className: "link", dataset: { key: `${output} ${one.image_id}` },
    onclick: () => open(one.image_id, output),
  }, element("bdi", { textContent: images.get(one.image_id).name })));
  const more = known.length - links.length;
  return element("span", { className: "behind" }, ...links, more > 0 ? `and ${more} more` : "");
}

function card(image, open) {
  const blank = () => element("span", { className: "blank", ariaHidden: "true",
    textContent: image.result ? "No picture" : "" });
  const picture = image.result && !image.result.error
    ? element("img", { src: `/api/images/${image.id}/preview?small=1`, alt: "", loading: "lazy" }) : blank();
  picture.onerror = () => picture.replaceWith(blank());
  const title = element("button", {
    type: "button", className: "title", dataset: { image: image.id, key: image.id },
    onclick: () => open(image.id),
  }, picture, element("bdi", { textContent: image.name }));
  return element("li", { className: "card" }, title, body(image));
}

function body(image) {
  const result = image.result;
  if (!result) return element("p", { className: "waiting", textContent: "Waiting for the model …" });
  if (result.error) return failure(image);
  return element("div", {},
    ...OUTPUTS.map((output) => bar(output, result.outputs[output])),
    findings(result));
}
