// Why an image has no answer; what is not the file's fault may be asked again.

import { ask } from "./api.js";
import { element } from "./dom.js";

const NOT_THE_FILE = ["CANCELLED", "DEADLINE_EXCEEDED", "INTERNAL", "UNKNOWN", "WORKER_CRASHED"];

export function failure(image) {
  const { reason, message } = image.result.error;
  const said = element("p", { className: "error", textContent: message });
  const again = async () => {
    try {
      await ask(`/api/images/${image.id}/again`, { method: "POST" });
    } catch (error) {
      said.textContent = error.message;
    }
  };
  return element("div", {}, said, NOT_THE_FILE.includes(reason)
    ? element("button", { type: "button", textContent: "Ask again",
      dataset: { key: `again ${image.id}` }, ariaLabel: `Ask again about ${image.name}`, onclick: again })
    : null);
}
