// Files on their way: dropped, pasted or chosen, a few at a time, each with its progress.

import { upload } from "./api.js";
import { $, element } from "./dom.js";

const AT_ONCE = 3;
const waiting = [];
let running = 0;

export function startUploads() {
  const form = $("#upload");
  $("#files").addEventListener("change", (event) => {
    add(event.target.files);
    event.target.value = "";
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("paste", (event) => add(event.clipboardData?.files ?? []));
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    form.classList.add("over");
  });
  document.addEventListener("dragleave", () => form.classList.remove("over"));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("over");
    add(event.dataTransfer.files);
  });
  window.addEventListener("beforeunload", (event) => {
    if (running) event.preventDefault();
  });
}

// What is given together stands together in the history.
function add(files) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const fields = {
    case: $("#case").value.trim(),
    pixel_size_nm: $("#pixel-size").value,
    upload: Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(""),
  };
  for (const file of files) {
    const row = element("p", {});
    $("#uploads").append(row);
    waiting.push({ file, fields, row });
  }
  next();
}

function next() {
  while (running < AT_ONCE && waiting.length) {
    running += 1;
    send(waiting.shift()).finally(() => {
      running -= 1;
      next();
    });
  }
}

async function send(one) {
  const { file, fields, row } = one;
  const progress = element("progress", { max: 1, value: 0, ariaLabel: `Upload of ${file.name}` });
  row.className = "";
  row.replaceChildren(element("bdi", { textContent: file.name }), progress);
  try {
    await upload(file, fields, (share) => { progress.value = share; });
    row.remove();
  } catch (error) {
    const again = () => {
      waiting.push(one);
      next();
    };
    row.className = "error";
    row.replaceChildren(element("bdi", { textContent: file.name }),
      element("span", { textContent: error.message }),
      element("button", { type: "button", textContent: "Try again", onclick: again }),
      element("button", { type: "button", textContent: "Dismiss", onclick: () => row.remove() }));
  }
}
