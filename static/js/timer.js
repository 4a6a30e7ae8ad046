// The ring of a timed hold. Anchored at the server's process time, advanced by this tablet's monotonic clock, so a wrong
// wall clock on the tablet changes nothing. The worker ends the hold; the ring only shows it.

import { play } from "./sound.js";
import { t } from "./words.js";

const SOON = 120; // seconds before the time is up
let heard = { of: "", stage: 0 };

// Once each, also when the page is drawn again: two minutes before the time is up, and when it is.
function sound(of, left) {
  const stage = left > SOON ? 0 : left ? 1 : 2;
  if (heard.of === of && heard.stage < stage) play(stage === 1 ? "soon" : "due");
  heard = { of, stage };
}

const two = (number) => String(Math.floor(number)).padStart(2, "0");
const shown = (seconds) => (seconds >= 3600 ? `${Math.floor(seconds / 3600)} h ${two((seconds % 3600) / 60)}` : `${two(seconds / 60)}:${two(seconds % 60)}`);

export function run(ring) {
  const { started, due, now, scale } = ring.dataset;
  if (!started || !due) return;
  const from = Date.parse(started), to = Date.parse(due), at = performance.now();
  const age = Number(ring.closest("[data-age]")?.dataset.age ?? 0); // of a page that was kept for the time without network
  const anchor = Date.parse(now) + age * parseFloat(scale || "1");
  const tick = () => {
    if (!ring.isConnected) return;
    const here = anchor + (performance.now() - at) * parseFloat(scale || "1");
    const left = Math.max(0, (to - here) / 1000);
    ring.querySelector("[data-left]").textContent = left ? shown(left) : t("Time is up");
    const gone = to > from ? Math.min(100, (100 * (here - from)) / (to - from)) : 100;
    ring.querySelector(".gone").setAttribute("stroke-dasharray", `${gone} 100`);
    ring.toggleAttribute("data-up", !left);
    sound(due, left);
    if (left) setTimeout(tick, 250);
    else ring.dispatchEvent(new CustomEvent("due", { bubbles: true }));
  };
  tick();
}
