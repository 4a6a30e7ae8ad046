// The run screen: wires scanner, keypad and journal to the one step shown. The screen itself comes from the server; nothing here
// decides what is allowed.

import { primary, scanned } from "./acts.js";
import { comeBack } from "./apart.js";
import { showChip } from "./budget.js";
import { obey } from "./cards.js";
import { flush } from "./journal.js";
import { listen } from "./keypad.js";
import { lock, lockAgain } from "./lock.js";
import { ask, isApart, serverTime } from "./network.js";
import { refused } from "./refused.js";
import { dropDraft } from "./resume.js";
import "./scan.js";
import { act, begin, look, moved, noted, screen, show, showGiven, status, withoutServer } from "./screen.js";
import { byId, flash, quiet } from "./sheets.js";
import { badge } from "./sign.js";
import { play } from "./sound.js";
import "./taps.js";
import { t } from "./words.js";

const BEHIND = /^(wrong_bag|reidentify|wrong_state|not_taken_over|step_blocked|incomplete)$/;

listen(() => {
  if (document.querySelector("dialog[open]")) return null;
  return screen().querySelector("[data-volume][aria-checked=true] output, [data-reading]:not([hidden]) [data-digits]");
});

document.addEventListener("typed", ({ target }) => {
  if (target.matches("[data-digits]")) moved(target);
  noted();
});

document.addEventListener("input", ({ target }) => target.matches("[data-said]") && noted());

document.addEventListener("scan", ({ detail: { code, kind } }) => {
  if (kind === "badge" && !document.querySelector("dialog[open]")) {
    return flash(t("You work as {person}. To change the person press More, then Hand over.", { person: screen().dataset.printedName }), "attention");
  }
  if (kind === "badge") return byId("lock").open ? lock(code) : badge(code);
  if (kind === "command") return obey(code);
  act(scanned(code));
});

document.addEventListener("scan-ignored", () => play("tick"));

document.addEventListener("journal", async ({ detail }) => {
  if (detail.state === "acked") {
    quiet();
    if (!/\/(scans|take-over)$/.test(detail.entry.url)) dropDraft(); // who came back or took over goes on with what was typed
    const { page } = detail.entry.step === screen().dataset.step ? detail.data : {};
    if (detail.entry.url.endsWith(`/${screen().dataset.step}/complete`)) return page ? showGiven(page) : show(screen().dataset.next);
    const time = serverTime().toLocaleTimeString("en-GB"), isLast = "signedAfter" in screen().dataset && detail.entry.url.endsWith("/entries");
    if (detail.entry.url.endsWith("/scans")) flash(t("{code} belongs to this batch", { code: detail.entry.body.code }));
    if (page) showGiven(page);
    else await show();
    status(t("Saved {time}", { time }));
    if (isLast && screen().dataset.panel === "complete") act(primary());
  } else if (detail.state === "refused") {
    refused(detail);
    status(t("Not recorded"));
    if (BEHIND.test(detail.data.code)) look(); // the server knows what the screen did not
  } else if (detail.state === "locked") lock("", detail.asked);
  else if (detail.state === "offline") {
    ask();
    withoutServer();
  } else {
    status(t("Saving… kept on this tablet"));
    if (isApart()) withoutServer();
  }
});

document.addEventListener("back", () => (comeBack() ? withoutServer() : look()));
document.addEventListener("spent", withoutServer);
document.addEventListener("network", async () => {
  showChip();
  if (isApart()) return withoutServer();
  await flush();
  if (!screen().querySelector("[data-said]")?.value) look(); // words that are typed and not recorded stay
});

addEventListener("popstate", () => location.reload());
begin();
lockAgain();
flush();
