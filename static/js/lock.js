// The lock: after the site's time without a touch or a scan, a minute after it said so. It lies over the work and keeps what was
// typed; the banner, the time that runs and the alarms stay in sight. Badge and PIN, or a passkey, open it again, for the same
// person or another.

import { NO_ANSWER, csrfToken, post } from "./api.js";
import { flush, owners } from "./journal.js";
import { pinOn } from "./keypad.js";
import { canUse, prove } from "./passkey.js";
import { back } from "./resume.js";
import { byId, open } from "./sheets.js";
import { play } from "./sound.js";
import { away } from "./touch.js";

const WARNING = 60;
const LOCKED = "baton-locked";
const IN_SIGHT = ".run [data-ring], [data-alarms]";
let moved = [], opened = 0;

const digits = pinOn("lock", async (pin) => {
  await enter({ badge: byId("lock-badge").value, pin });
  digits.clear();
});
export const typeLock = digits.type;

// What was asked for before it was opened may find the session that had ended then: that is no reason to lock again.
export function lock(badge, asked = Infinity) {
  if (asked < opened) return;
  localStorage.setItem(LOCKED, "");
  if (!byId("lock").open) {
    open("lock");
    byId("lock").querySelector("[data-lock-passkey]").hidden = !canUse();
    moved = [...document.querySelectorAll(IN_SIGHT)].map((part) => ({ part, place: part.parentNode, before: part.nextSibling }));
    document.querySelector("[data-lock-sight]").append(...moved.map(({ part }) => part));
  }
  if (badge) byId("lock-badge").value = badge.replace(/^USR:/, "");
}

// A page that was kept for the time without network does not open what was locked; one from the server does.
export function lockAgain() {
  if ("asOf" in byId("run").dataset && localStorage.getItem(LOCKED) !== null) lock();
  else if (!byId("lock").open) localStorage.removeItem(LOCKED);
}

function unlock() {
  for (const { part, place, before } of moved.reverse()) place.insertBefore(part, before);
  localStorage.removeItem(LOCKED);
  byId("lock").close();
  opened = performance.now();
  flush().then(back);
}

async function signIn(given) {
  const body = new URLSearchParams({ ...given, unsent: (await owners()).join(" ") });
  const headers = { Accept: "application/json", "X-CSRFToken": csrfToken() };
  const answer = await fetch(byId("run").dataset.signIn, { method: "POST", body, headers }).catch(() => null);
  return answer?.json() ?? NO_ANSWER.data;
}

export async function openByPasskey() {
  const { answer, refusal } = await prove("/api/v1/passkeys/ask/sign-in", {});
  if (answer) await enter({ passkey: JSON.stringify(answer) });
  else refuse(refusal);
}

async function enter(given) {
  const { username, message } = await signIn(given);
  if (username === byId("run").dataset.user) return unlock();
  if (username) return location.reload();
  refuse(message);
}

const refuse = (message) => Object.assign(document.querySelector("[data-lock-refusal]"), { hidden: false, textContent: message });

function watch() {
  const { idle } = byId("run").dataset, left = Number(idle || Infinity) - away();
  if (byId("lock").open) return;
  warn(left <= WARNING && left > 0, left);
  if (left > 0) return;
  post("/lock/", {});
  lock();
}

function warn(isNear, left) {
  const bar = byId("idle"), isShown = bar.matches(":popover-open");
  if (isNear !== isShown) bar.togglePopover();
  if (isNear && !isShown) play("attention");
  bar.querySelector("b").textContent = `${left} s`;
}

addEventListener("pointerdown", watch);
setInterval(watch, 1000);
