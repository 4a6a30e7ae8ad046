// The run screen: wires scanner, keypad, journal and sheets to the one step shown, and shows the step again after each
// acknowledgement. The screen itself comes from the server; nothing here decides what is allowed.

import { deviation, primary, rescan, scanned, typed } from "./acts.js";
import { goOn, leave, standing } from "./apart.js";
import { post, words } from "./api.js";
import { correct, hold, restart } from "./beside.js";
import { ahead } from "./install.js";
import { flush } from "./journal.js";
import { listen, moveMarker } from "./keypad.js";
import "./scan.js";
import { byId, flash, lock, stop, typeLock } from "./sheets.js";
import { badge, type } from "./sign.js";
import { run as runRing } from "./timer.js";

const TAP_GUARD = 600;
const POLL = 2000;
let polling = null;

const screen = () => byId("run");
const status = (words) => { screen().querySelector("[data-status]").textContent = words; };
const draft = () => `baton-draft:${screen().dataset.step}:${screen().dataset.user}`;

async function show(address = location.pathname) {
  const answer = await fetch(address, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer && address !== location.pathname) return location.assign(address);
  if (!answer?.ok) return status("Waiting for the server. Nothing is lost.");
  if (new URL(answer.url).pathname === screen().dataset.signIn) return lock();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!page.getElementById("run")) return location.assign(answer.url);
  screen().replaceWith(document.importNode(page.getElementById("run"), true));
  document.querySelector(".identity-banner").replaceWith(document.importNode(page.querySelector(".identity-banner"), true));
  document.title = page.title;
  if (address !== location.pathname) history.pushState(null, "", address);
  begin();
}

function begin() {
  clearTimeout(polling);
  rescan();
  screen().querySelectorAll("[data-ring]").forEach(runRing);
  if (screen().querySelector("[data-poll]")) polling = setTimeout(look, POLL);
  ahead((screen().dataset.ahead ?? "").split(" ").filter(Boolean));
  const output = screen().querySelector("[data-digits]");
  if (output) {
    output.textContent = sessionStorage.getItem(draft()) ?? output.dataset.start ?? "";
    moved(output);
  }
  withoutServer();
}

// What is kept on the tablet is on the screen too, after a reload as before it.
async function withoutServer() {
  if (await goOn()) sessionStorage.removeItem(draft());
  const words = await standing();
  if (words) status(words);
}

// Looks again by itself, but never under a sheet somebody is filling in.
function look() {
  if (document.querySelector("dialog[open]")) polling = setTimeout(look, POLL);
  else show();
}

function moved(output) {
  const scale = screen().querySelector(".scale");
  if (scale) moveMarker(scale, output.textContent);
}

async function act(doing) {
  const result = await doing;
  if (result?.say) flash(result.say, "attention");
  else if (result?.go) show(screen().dataset.next);
  else if (result?.status) show();
}

// A second tap of a trembling finger would land on the next panel's button, which has the same place.
function isFirstTap() {
  const { dataset } = document.documentElement;
  if ("tapped" in dataset) return false;
  dataset.tapped = "";
  setTimeout(() => delete dataset.tapped, TAP_GUARD);
  return true;
}

listen(() => {
  if (document.querySelector("dialog[open]")) return null;
  return screen().querySelector("[data-volume][aria-checked=true] output, [data-reading]:not([hidden]) [data-digits]");
});

document.addEventListener("click", (event) => {
  const on = (selector) => event.target.closest(selector);
  const key = on("dialog [data-key]");
  if (key) return key.closest("#lock") ? typeLock(key.dataset.key) : type(key.dataset.key);
  const choice = on("[data-choice], [data-volume]");
  if (choice) choice.parentElement.querySelectorAll("[role=radio]").forEach((each) => each.setAttribute("aria-checked", each === choice));
  else if (on("[data-primary]")) {
    if (isFirstTap()) act(primary());
  } else if (on("[data-again]")) {
    screen().querySelector("[data-out]").hidden = true;
    screen().querySelector("[data-again-pad]").hidden = screen().querySelector("[data-reading]").hidden = false;
    Object.assign(screen().querySelector("[data-primary]"), { textContent: "Record value", ariaDisabled: "false" });
  } else if (on("[data-deviation]")) byId("deviation-words").value = on("[data-deviation]").dataset.deviation;
  else if (on("[data-deviation-now]")) act(deviation(byId("deviation-words").value.trim()));
  else if (on("[data-slip]")) byId("correct-words").value = on("[data-slip]").dataset.slip;
  else if (on("[data-correct-now]")) act(correct());
  else if (on("[data-restart-now]")) act(restart(byId("restart-words").value.trim()));
  else if (on("[data-hold-now]")) act(hold(byId("hold-words").value.trim()));
  else if (on("[data-stop-answer]")) { byId("stop").close(); show(); }
  else if (on("[data-leave]")) leave();
});

document.addEventListener("typed", ({ target }) => {
  if (!target.matches("[data-digits]")) return;
  moved(target);
  sessionStorage.setItem(draft(), typed());
  status("Not recorded yet");
});

document.addEventListener("scan", ({ detail: { code, kind } }) => {
  if (kind === "badge") return byId("lock").open ? lock(code) : badge(code);
  if (kind === "command") return code === "CMD:NEXT" && screen().querySelector("[data-primary]")?.click();
  act(scanned(code));
});

document.addEventListener("journal", async ({ detail }) => {
  if (detail.state === "acked") {
    sessionStorage.removeItem(draft());
    const time = new Date().toLocaleTimeString("en-GB");
    if (detail.entry.url.endsWith("/scans")) flash(`${detail.entry.body.code} belongs to this batch`);
    await show();
    status(`Saved ${time}`);
  } else if (detail.state === "refused") {
    if (detail.data.code === "wrong_bag") stop({ ...detail.data.details, scanned: detail.entry.body.code, message: detail.data.message });
    else { flash(words(detail.data), "attention"); status("Not recorded"); }
  } else if (detail.state === "locked") lock();
  else if (detail.state === "offline") withoutServer();
  else status("Saving… kept on this tablet");
});

addEventListener("popstate", () => location.reload());
begin();
flush();
