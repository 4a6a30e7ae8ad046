// Everything that lies over the work: sheets, the stop page, the lock, the wipe lock, the flash bar.

import { csrfToken } from "./api.js";
import { flush } from "./journal.js";
import { play } from "./sound.js";

const WIPE = 30;
let pin = "";

export const byId = (id) => document.getElementById(id);

export function open(id) {
  document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.id !== id && dialog.close());
  if (!byId(id).open) byId(id).showModal();
}

export function flash(text, look = "accepted", seconds = 1.5) {
  document.querySelector(".flash")?.remove();
  const bar = Object.assign(document.createElement("div"), { className: "flash", textContent: text });
  bar.dataset.look = look;
  bar.setAttribute("role", "status");
  document.body.append(bar);
  play(look === "accepted" ? "accepted" : "attention");
  setTimeout(() => bar.remove(), look === "accepted" ? seconds * 1000 : 6000);
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

export function wipe() {
  open("wipe");
  let left = WIPE;
  const tick = setInterval(() => {
    left -= 1;
    document.querySelector("[data-wipe-left]").textContent = left;
    if (left <= 0) { clearInterval(tick); byId("wipe").close(); }
  }, 1000);
}

export function lock(badge) {
  open("lock");
  if (badge) byId("lock-badge").value = badge.replace(/^USR:/, "");
}

export async function typeLock(key) {
  pin = key === "back" ? pin.slice(0, -1) : (pin + key).slice(0, 6);
  [...byId("lock").querySelectorAll("[data-dots] i")].forEach((dot, at) => dot.toggleAttribute("data-on", at < pin.length));
  if (pin.length < 6) return;
  const body = new URLSearchParams({ badge: byId("lock-badge").value, pin });
  pin = "";
  const answer = await fetch(byId("run").dataset.signIn, {
    method: "POST", body, headers: { Accept: "application/json", "X-CSRFToken": csrfToken() },
  });
  const data = await answer.json();
  const refusal = document.querySelector("[data-lock-refusal]");
  refusal.hidden = answer.ok;
  refusal.textContent = answer.ok ? "" : data.message;
  if (!answer.ok) return typeLock("back");
  if (data.username !== byId("run").dataset.user) return location.reload();
  byId("lock").close();
  flush();
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) open(opener.dataset.open);
  else if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
  else if (event.target.closest("[data-wipe]")) wipe();
});
document.addEventListener("cancel", (event) => {
  if (event.target.matches("[data-stays], .stop")) event.preventDefault();
}, true);
