// The one step on the screen: shown again from the server after each act, and looked at again by itself where something is waited for.

import { rescan } from "./acts.js";
import { goOn, isScan } from "./apart.js";
import { showChip } from "./budget.js";
import { cover } from "./cards.js";
import { knowName } from "./here.js";
import { ahead } from "./install.js";
import { standing } from "./kept.js";
import { inThrees, moveMarker } from "./keypad.js";
import { lock } from "./lock.js";
import { isApart } from "./network.js";
import { showRefused } from "./refused.js";
import { draft, dropDraft, keepDraft, resume } from "./resume.js";
import { byId, flash, quiet } from "./sheets.js";
import { run as runRing } from "./timer.js";
import { byItself } from "./touch.js";
import { t } from "./words.js";

const POLL = 2000, REST = 1000;
let polling = null, asked = 0, resting = null, before = "";

export const screen = () => byId("run");
export const status = (words) => { screen().querySelector("[data-status]").textContent = words; };
const TYPED = "[data-digits], [data-said], [data-volume-value]", BETWEEN = " / "; // several volumes are one draft
const fields = () => [...screen().querySelectorAll(TYPED)];
export function noted() {
  keepDraft(fields().map(({ value }) => value).join(BETWEEN));
  status(t("Not recorded yet"));
}

// Of several answers under way only the newest is shown: an older one may come later, and it is of before.
export async function show(address = location.pathname, headers = { Accept: "text/html" }) {
  const turn = ++asked, begun = performance.now();
  const answer = await fetch(address, { headers }).catch(() => null);
  if (!answer && address !== location.pathname) return location.assign(address);
  if (!answer?.ok) return isApart() ? withoutServer() : status(t("Waiting for the server. Nothing is lost."));
  if (new URL(answer.url).pathname === screen().dataset.signIn) return lock("", begun);
  const text = await answer.text();
  if (turn === asked) put(text, address, answer.url);
}

// The page that came with an answer: what was asked for before it is of before.
export function showGiven(text) {
  asked += 1;
  put(text);
}

function put(text, address, otherwise) {
  const page = new DOMParser().parseFromString(text, "text/html"), fresh = page.getElementById("run");
  if (!fresh) return location.assign(otherwise);
  if (byId("conflict").open || byId("lock").open) return later(); // what somebody decides on stays before their eyes, and what is locked stays so
  const place = address ?? fresh.dataset.address;
  screen().replaceWith(fresh);
  document.querySelector(".identity-banner").replaceWith(page.querySelector(".identity-banner"));
  document.title = page.title;
  if (place !== location.pathname) history.pushState(null, "", place);
  begin(address ? [] : [place]);
}

// `unkept` is what the worker has not seen of what is shown.
export function begin(unkept = []) {
  clearTimeout(polling);
  knowName();
  rescan();
  showChip();
  screen().querySelectorAll("[data-ring]").forEach(runRing);
  if (screen().dataset.panel === "deviation") import("./evidence.js").catch(() => null); // what was fetched once is there without network, too
  if (screen().querySelector("[data-poll]")) polling = setTimeout(look, POLL);
  aheadSoon(screen().dataset, unkept);
  fill();
  withoutServer();
  showRefused();
  resume();
  cover();
}

// Once the screen rests, and not again for a look that found nothing new: what somebody waits for goes first.
function aheadSoon({ step, digest, panel, ahead: urls = "" }, unkept) {
  const now = [step, digest, panel, urls].join();
  if (now === before) return;
  before = now;
  clearTimeout(resting);
  resting = setTimeout(() => ahead([...unkept, ...urls.split(" ").filter(Boolean)]), REST);
}

// What was typed and not recorded.
function fill() {
  const output = screen().querySelector("[data-digits]"), kept = draft(), all = fields();
  if (kept !== null) (all[1] ? kept.split(BETWEEN) : [kept]).forEach((text, at) => { if (all[at]) all[at].value = text; });
  if (!output) return;
  output.textContent = kept ?? output.dataset.start ?? "";
  moved(output);
}

document.addEventListener("draft", fill);

// What is kept on the tablet is on the screen too, after a reload as before it.
export async function withoutServer() {
  const { act } = screen().dataset;
  if (await goOn()) {
    if (![act, screen().dataset.act].some(isScan)) dropDraft();
    fill();
  }
  const words = await standing();
  if (words) status(words);
}

function later() {
  clearTimeout(polling);
  polling = setTimeout(look, POLL);
}

// Looks again by itself, but never under a sheet somebody is filling in.
export function look() {
  if (document.querySelector("dialog[open]")) later();
  else show(location.pathname, byItself());
}

export function moved(output) {
  inThrees(output);
  const scale = screen().querySelector(".scale");
  if (scale) moveMarker(scale, output.textContent);
}

export async function act(doing) {
  const result = await doing;
  if (result?.say) return flash(result.say, "attention");
  if (result) quiet();
  if (result?.page) showGiven(result.page);
  else if (result?.go) show(screen().dataset.next);
  else if (result?.status || result?.signed) show();
}
