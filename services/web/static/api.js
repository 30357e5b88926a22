// What the page asks of its server.

const HEADERS = { "X-Densa-Page": "1" };
const AGAIN_MS = 1000;

export async function ask(path, options = {}) {
  const response = await fetch(path, { ...options, headers: { ...HEADERS, ...options.headers } });
  const body = response.headers.get("content-type")?.includes("json") ? await response.json() : null;
  if (!response.ok) throw new Error(body?.error ?? `The server answered ${response.status}.`);
  return body;
}

export function upload(file, fields, onProgress) {
  const query = new URLSearchParams({ name: file.name, ...fields });
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api/images?${query}`);
    for (const [name, value] of Object.entries(HEADERS)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => onProgress(event.loaded / Math.max(event.total, 1));
    request.onload = () => {
      let body = {};
      try { body = JSON.parse(request.responseText); } catch { /* said below */ }
      if (request.status === 201) resolve(body.id);
      else reject(new Error(body.error ?? `The server answered ${request.status}.`));
    };
    request.onerror = () => reject(new Error("The connection broke. Send the file again."));
    request.send(file);
  });
}

// Every change once: a connection that breaks is made again, and goes on after the last number
// seen, also where a proxy answered for the server and the browser gave up. A tab that nobody sees
// has none: browsers allow six to a server, and more tabs would wait for ever.
export function follow({ onChange, onReset, onReady, onConnected }) {
  let last = "0";
  let events = null;
  const open = () => {
    if (document.hidden || (events && events.readyState !== EventSource.CLOSED)) return;
    events = new EventSource(`/api/events?after=${last}`);
    events.onmessage = (event) => {
      last = event.lastEventId || last;
      onChange(JSON.parse(event.data));
    };
    events.addEventListener("reset", () => { last = "0"; onReset(); });
    events.addEventListener("ready", onReady);
    events.onopen = () => onConnected(true);
    events.onerror = ({ target }) => {
      onConnected(false);
      if (target.readyState === EventSource.CLOSED) setTimeout(open, AGAIN_MS);
    };
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) events?.close();
    else open();
  });
  open();
}
