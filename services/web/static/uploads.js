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
}

function add(files) {
  const fields = { case: $("#case").value.trim(), pixel_size_nm: $("#pixel-size").value };
  for (const file of files) {
    const progress = element("progress", { max: 1, value: 0, ariaLabel: `Upload of ${file.name}` });
    const said = element("span");
    const row = element("p", {}, element("bdi", { textContent: file.name }), progress, said);
    $("#uploads").append(row);
    waiting.push({ file, fields, row, progress, said });
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

async function send({ file, fields, row, progress, said }) {
  try {
    await upload(file, fields, (share) => { progress.value = share; });
    row.remove();
  } catch (error) {
    progress.remove();
    row.className = "error";
    said.textContent = error.message;
  }
}
