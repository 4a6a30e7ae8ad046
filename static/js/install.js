// Makes Baton something a tablet can install, and tells the worker which steps come next.

export const forget = () => globalThis.caches?.delete("pages");

const FULL = 0.9;
navigator.storage?.persist?.(); // what the journal keeps is not to be thrown away when the tablet runs short

export async function isNearlyFull() {
  const { usage = 0, quota = Infinity } = await navigator.storage?.estimate?.() ?? {};
  return usage > FULL * quota;
}

export async function ahead(urls) {
  const worker = await navigator.serviceWorker?.ready;
  worker?.active?.postMessage({ ahead: urls });
}

navigator.serviceWorker?.register("/service-worker.js").catch(() => null); // a browser in private mode refuses: Baton works without
if (document.querySelector("[data-new-person]")) forget(); // the steps of the last person are nothing to the next one
