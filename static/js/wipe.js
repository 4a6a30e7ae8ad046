// The wipe lock: for half a minute neither touch nor key nor scan does anything, so that the screen can be wiped.

import { byId, open } from "./sheets.js";

const SECONDS = 30;
let left = 0;

export function wipe() {
  if (left) return;
  left = SECONDS;
  cover();
  const tick = setInterval(() => {
    left -= 1;
    cover();
    if (left) return;
    clearInterval(tick);
    byId("wipe").close();
  }, 1000);
}

// Also over a page that came anew meanwhile.
export function cover() {
  if (!left) return;
  open("wipe");
  document.querySelector("[data-wipe-left]").textContent = left;
}

document.addEventListener("click", (event) => event.target.closest("[data-wipe]") && wipe());
document.addEventListener("keydown", (event) => {
  if (!left) return;
  event.preventDefault();
  event.stopPropagation();
}, true);
