// Everything that lies over the work: sheets, the stop page, the lock, the flash bar, the card that waits to be seen.

import { play } from "./sound.js";
import { t } from "./words.js";

export const byId = (id) => document.getElementById(id);

export function open(id) {
  const wipe = byId("wipe"); // what must be seen comes up when the screen is wiped
  if (wipe?.open && id !== "wipe") return wipe.addEventListener("close", () => open(id), { once: true });
  document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.id !== id && dialog.close());
  if (!byId(id).open) byId(id).showModal();
}

export function flash(text, look = "accepted", seconds = 1.5) {
  document.querySelector(".flash")?.remove();
  const bar = Object.assign(document.createElement("div"), { className: "flash", textContent: text });
  bar.dataset.look = look;
  bar.setAttribute("role", "status");
  bar.popover = "manual"; // over sheets, too
  document.body.append(bar);
  bar.showPopover();
  play(look);
  setTimeout(() => "stays" in bar.dataset || bar.remove(), look === "attention" ? 6000 : seconds * 1000);
}

export const quiet = () => document.querySelector(".flash[data-look=attention]:not([data-stays])")?.remove();

// What needs somebody's eyes: it stays until they say that they have seen it, or until the next scan says something else.
export function attend(text) {
  flash(text, "attention");
  const card = document.querySelector(".flash"), seen = Object.assign(document.createElement("button"), { className: "button", type: "button", textContent: t("I have seen it") });
  card.dataset.stays = "";
  seen.addEventListener("click", () => card.remove());
  card.append(seen);
}

// Differing characters are inverted: the eye finds 9 for 8 in a row of thirteen.
export function stop({ expected, scanned, message }) {
  const needs = document.querySelector("[data-stop-needs]"), got = document.querySelector("[data-stop-scanned]");
  if (expected) needs.textContent = expected;
  const right = needs.textContent.trim();
  got.replaceChildren(...[...scanned].map((letter, at) => {
    const mark = document.createElement(letter === right[at] ? "span" : "mark");
    mark.textContent = letter;
    return mark;
  }));
  if (message) document.querySelector("[data-stop-words]").textContent = message;
  open("stop");
  document.querySelector("[data-stop-answer]").focus();
  play("stop");
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) open(opener.dataset.open);
  else if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
});
// Chromium lets a second Escape through whatever "cancel" says.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.querySelector("[data-stays][open], .stop[open]")) event.preventDefault();
}, true);
document.addEventListener("cancel", (event) => {
  if (event.target.matches("[data-stays], .stop")) event.preventDefault();
}, true);
