// Runs in the page under measurement: when frames came, and when each image's result was painted.

performance.setResourceTimingBufferSize(20000);
window.probe = { frames: [], longTasks: [], shown: {} };
new PerformanceObserver((list) => {
  for (const task of list.getEntries()) window.probe.longTasks.push([task.startTime, task.duration]);
}).observe({ type: "longtask", buffered: true });

let found = [];
requestAnimationFrame(function frame(now) {
  window.probe.frames.push(now);
  // What stood in the document at the frame before is on the screen by now.
  for (const name of found) window.probe.shown[name] ??= now;
  found = [...document.querySelectorAll(".card")]
    .filter((card) => card.querySelector(".output"))
    .map((card) => card.querySelector("bdi").textContent)
    .filter((name) => !(name in window.probe.shown));
  requestAnimationFrame(frame);
});
