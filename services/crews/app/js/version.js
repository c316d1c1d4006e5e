// The service worker and new versions. A new one waits until no job is under way, and never cuts one short.

let registration = null;
let tell = () => {};

/** Register the worker; a version that came in meanwhile is put on at once only if nobody works. */
export async function keepFresh(isBusy, changed) {
  tell = changed;
  if (!navigator.serviceWorker) return;
  registration = await navigator.serviceWorker.register("/app/sw.js", { updateViaCache: "none" });
  navigator.serviceWorker.addEventListener("controllerchange", onNewController());
  registration.addEventListener("updatefound", () => {
    registration.installing?.addEventListener("statechange", () => tell());
  });
  if (registration.waiting && !isBusy()) update();
  setInterval(() => registration.update().catch(() => {}), 3600000);
}

function onNewController() {
  let had = Boolean(navigator.serviceWorker.controller); // the first worker of a device brings nothing new
  return () => {
    if (had) location.reload();
    had = true;
  };
}

export function update() {
  registration?.waiting?.postMessage("take over");
}
update.ready = () => Boolean(registration?.waiting && navigator.serviceWorker.controller);
