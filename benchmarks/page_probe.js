// Runs in the page under measurement: when frames came, and when each image's result was painted.

performance.setResourceTimingBufferSize(20000);
window.probe = { frames: [], longTasks: [], shown: {} };
new PerformanceObserver((list) => {
  for (const task of list.getEntries()) window.probe.longTasks.push([task.startTime, task.duration]);
}).observe({ type: "longtask", buffered: true });

requestAnimationFrame(function frame(now) {
  window.probe.frames.push(now);
  requestAnimationFrame(frame);
});

// The page changes its list in one frame; when the next begins, that one is painted.
new MutationObserver(() => {
  const { shown } = window.probe;
  const found = [...document.querySelectorAll(".card:has(.output) bdi")]
    .map((name) => name.textContent).filter((name) => !(name in shown));
  if (!found.length) return;
  requestAnimationFrame((now) => { for (const name of found) shown[name] ??= now; });
}).observe(document, { childList: true, subtree: true });
