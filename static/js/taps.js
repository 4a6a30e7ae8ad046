// What a finger does on the run screen: the first line whose selector was hit.

import { primary } from "./acts.js";
import { call, hold, unneeded } from "./call.js";
import { recorded } from "./here.js";
import { earlier, leftOut, typeTime } from "./instead.js";
import { openByPasskey, typeLock } from "./lock.js";
import { seen, showRefused } from "./refused.js";
import { act, look, screen, show } from "./screen.js";
import { byId, flash } from "./sheets.js";
import { type } from "./sign.js";
import { t } from "./words.js";

const TAP_GUARD = 600;

const words = (id) => byId(id).value.trim();
// What needs the network anyhow is fetched when somebody wants it.
const fetched = (module, then) => module.then(then, () => flash(t("This waits for the network. What you typed stays."), "attention"));
const evidence = (then) => fetched(import("./evidence.js"), then);
const into = (id) => ({ textContent }) => {
  byId(id).value = textContent;
  byId(id).dispatchEvent(new Event("input", { bubbles: true }));
};

const TAPS = [
  ["#lock [data-key]", ({ dataset }) => typeLock(dataset.key)],
  ["[data-lock-passkey]", openByPasskey],
  ["#earlier [data-key]", ({ dataset }) => typeTime(dataset.key)],
  ["dialog [data-key]", ({ dataset }) => type(dataset.key)],
  ["[data-choice], [data-volume], [data-cause]", choose],
  ["[data-primary]", () => isFirstTap() && act(primary())],
  ["[data-again]", again],
  ["[data-deviation]", into("deviation-words")],
  ["[data-evidence]", () => evidence(({ add }) => add())],
  ["[data-open=deviation]", () => evidence(({ show }) => show())],
  ["[data-deviation-now]", () => evidence(({ deviation }) => act(deviation(recorded("deviation", words("deviation-words")))))],
  ["[data-slip]", into("correct-words")],
  ["[data-fills]", (button) => into(button.dataset.fills)(button)],
  ["[data-left-out-now]", () => act(leftOut())],
  ["[data-earlier-now]", () => act(earlier())],
  ["[data-correct-now]", () => fetched(import("./beside.js"), ({ correct }) => act(correct()))],
  ["[data-camera]", () => import("./camera.js").then((camera) => camera.look())],
  ["[data-unread-now]", () => fetched(import("./unread.js"), ({ cannotScan }) => act(cannotScan()))],
  ["[data-restart-now]", () => fetched(import("./beside.js"), ({ restart }) => act(restart(words("restart-words"))))],
  ["[data-hold-now]", () => act(hold(words("hold-words")))],
  ["[data-call-reason]", into("call-words")],
  ["[data-call-now]", () => act(call())],
  ["[data-call-unneeded]", () => act(unneeded())],
  ["[data-stop-answer], [data-refused-seen]", () => seen(true).then(() => show())],
  ["[data-refused-alone]", () => seen(false).then(() => show())],
  ["[data-conflict-why]", ({ dataset }) => { byId("conflict-words").value = dataset.conflictWhy; }],
  ["[data-conflict-keep]", () => decide(false)],
  ["[data-conflict-correct]", () => decide(true)],
  ["[data-hand-over]", () => fetched(import("./hand_over.js"), ({ begin }) => begin())],
  ["[data-leave]", () => fetched(import("./leave.js"), ({ leave }) => leave())],
];

document.addEventListener("click", ({ target }) => {
  for (const [selector, tapped] of TAPS) {
    const hit = target.closest(selector);
    if (hit) return tapped(hit);
  }
});

function choose(choice) {
  choice.parentElement.querySelectorAll("[role=radio]").forEach((each) => each.setAttribute("aria-checked", each === choice));
}

function again() {
  screen().querySelector("[data-out]").hidden = true;
  screen().querySelector("[data-again-pad]").hidden = screen().querySelector("[data-reading]").hidden = false;
  Object.assign(screen().querySelector("[data-primary]"), { textContent: t("Record value"), ariaDisabled: "false" });
}

async function decide(isMine) {
  const { settle } = await import("./conflict.js");
  if (!await settle(isMine)) return;
  await showRefused();
  look();
}

// A second tap of a trembling finger would land on the next panel's button, which has the same place.
function isFirstTap() {
  const { dataset } = document.documentElement;
  if ("tapped" in dataset) return false;
  dataset.tapped = "";
  setTimeout(() => delete dataset.tapped, TAP_GUARD);
  return true;
}
