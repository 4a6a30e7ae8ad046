// A page that keeps itself current: it asks again every few seconds and shows since when it could not. What cannot be
// confirmed is greyed out: a stale number is never shown as live. Where people press something (data-calm) nothing
// moves while a finger is down, was there a moment ago, or a field is being filled in.

import { byItself, lookAt } from "./touch.js";
import { t } from "./words.js";

const EVERY = 5000, CALM = 3000;
let seen = new Date(), touched = -CALM, pressed = false;

const live = () => document.getElementById("live");
const state = (words, stale) => {
  document.querySelector("[data-live-state]").textContent = words;
  document.body.toggleAttribute("data-stale", stale);
};

// A screen on the wall stays signed in by looking; one that people press locks when nobody does.
const asking = () => ("calm" in live().dataset ? byItself() : { Accept: "text/html" });
const isInUse = () => "calm" in live().dataset && (pressed || performance.now() - touched < CALM || live().contains(document.activeElement));

function put(page) {
  seen = new Date();
  const words = page.querySelector("[data-live-state]").textContent, fresh = page.getElementById("live");
  const isNews = fresh.textContent !== live().textContent, mayMove = isNews && !isInUse();
  if (mayMove) live().replaceWith(document.importNode(fresh, true));
  state(isNews && !mayMove ? t("{state} · there is news", { state: words }) : words, false);
}

async function look() {
  const answer = await lookAt(location.pathname, asking());
  const page = answer?.isOk && new DOMParser().parseFromString(answer.text, "text/html");
  if (page && page.getElementById("live")) put(page);
  else state(`${t("Not live since {time}.", { time: seen.toLocaleTimeString("en-GB") })} ${answer ? t("Sign in again.") : t("The server does not answer.")}`, true);
  setTimeout(look, EVERY);
}

addEventListener("pointerdown", () => { pressed = true; }, { passive: true });
for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => { pressed = false; touched = performance.now(); }, { passive: true });
setTimeout(look, EVERY);
