// What the one button does on each panel. Every act goes through the journal; signatures wait for the server.
// An act answers with the journal's id, or {say} what is missing, or {go} to the next step, or the server's answer.

import { isDone, post, uuid, words } from "./api.js";
import { record } from "./journal.js";
import { flash } from "./sheets.js";
import { ask } from "./sign.js";

const run = () => document.getElementById("run");
const find = (selector) => run().querySelector(selector);
const value = (selector) => find(selector)?.value?.trim() ?? "";
const chosen = () => find("[data-choice][aria-checked=true]")?.dataset.choice;
const steps = () => `/api/v1/steps/${run().dataset.step}`;
const batches = () => `/api/v1/batches/${run().dataset.batch}`;
const keep = (path, body) => record(`${steps()}/${path}`, body, run().dataset.user);
let lot = "";

const say = (text) => ({ say: text });

export const typed = () => find("[data-digits]")?.textContent ?? "";
export const rescan = () => { lot = ""; };

export function scanned(code) {
  const { panel } = run().dataset;
  if (panel === "unit") return keep("units", { code });
  if (panel === "lot") return keep("materials", { code });
  if (panel !== "material") return keep("scans", { code });
  lot = code;
  find("[data-lot-line]").textContent = `Lot ${code}`;
  flash(code);
}

function entry() {
  const reading = find("[data-reading]").dataset;
  const given = reading.type === "number" ? typed() : value("[data-said]") || chosen();
  if (!given) return say(`Enter “${find(".reading-label").textContent.trim()}” first.`);
  const body = { id: uuid(), name: reading.name, value: given, device_at: new Date().toISOString() };
  return keep("entries", reading.unit ? { ...body, unit: reading.unit } : body);
}

function material() {
  const reading = find("[data-reading]").dataset;
  if (!lot) return say("Scan the lot first.");
  if (!typed()) return say("Enter the quantity used first.");
  return keep("materials", { code: lot, material: reading.material, quantity: typed(), unit: reading.unit });
}

function transfer() {
  const volumes = [...run().querySelectorAll("[data-volume-value]")].map((each) => each.textContent).filter(Boolean);
  return volumes.length ? keep("transfer", { volumes_ml: volumes }) : say("Enter the volume of at least one container.");
}

function again() {
  const pad = find("[data-again-pad]"), reading = find("[data-correct]");
  if (pad.hidden) return say("Choose: re-enter the value, or record a deviation.");
  if (!typed()) return say("Enter the value again first.");
  const body = { id: uuid(), value: typed(), unit: reading.dataset.unit, reason: "Typed wrong" };
  return keep(`entries/${reading.dataset.correct}/correct`, body);
}

async function complete() {
  const { policy, digest, full, printedName } = run().dataset;
  const url = `${steps()}/complete`;
  if (policy === "none") {
    const answer = await post(url, {});
    return isDone(answer) ? { go: true } : say(words(answer.data));
  }
  const body = (credential) => ({ signature: { ...credential, seen: digest } });
  const answer = await ask({ title: `Sign as ${printedName}`, meaning: "Performed", full: full !== undefined, url, body });
  return answer && { go: policy === "performed", signed: answer };
}

async function verify() {
  const { digest } = run().dataset;
  const body = (credential) => {
    const readings = Object.fromEntries([...document.querySelectorAll("[data-blind]")].map((each) => [each.dataset.blind, each.value]));
    return { verification: { ...credential, seen: digest }, readings };
  };
  const answer = await ask({ title: "Second person signs", meaning: "Verified", second: true, full: true, url: `${steps()}/verify`, body });
  return answer && { go: true, signed: answer };
}

// Whoever sees a danger to the cells stops at once: a hold takes a reason and no signature.
export const hold = (reason) =>
  reason ? record(`${batches()}/commands`, { command: "HOLD", reason }, run().dataset.user) : say("Say why, in your words.");

export async function restart(reason) {
  if (!reason) return say("Say why, in your words.");
  const { full, printedName } = run().dataset;
  const body = (signature) => ({ command: "RESTART", reason, signature });
  const url = `${batches()}/commands`;
  return ask({ title: `Sign as ${printedName}`, meaning: "Restart the batch", full: full !== undefined, url, body });
}

// The right value beside the wrong one. In a signed step it takes a signature, and that waits for the server.
export async function correct() {
  const sheet = document.getElementById("correct"), field = (name) => document.getElementById(`correct-${name}`);
  const which = field("which").selectedOptions[0], given = field("value").value.trim(), reason = field("words").value.trim();
  const lacks = !given ? "Enter the right value." : !reason ? "Say why it is corrected." : "";
  const refusal = sheet.querySelector("[data-correct-refusal]");
  refusal.hidden = !lacks;
  refusal.textContent = lacks;
  if (lacks) return null;
  const path = `entries/${which.value}/correct`, correction = { id: uuid(), value: given, unit: which.dataset.unit, reason };
  sheet.close();
  if (!("signed" in sheet.dataset)) return keep(path, correction);
  const { digest, full, printedName } = run().dataset;
  const body = (credential) => ({ ...correction, signature: { ...credential, seen: digest } });
  return ask({ title: `Sign as ${printedName}`, meaning: "Performed", full: full !== undefined, url: `${steps()}/${path}`, body });
}

export async function deviation(reason) {
  const out = find("[data-out]").dataset;
  if (!reason) return say("Choose or write the reason.");
  const exceptions = out.exceptions.split(",").filter(Boolean);
  const body = { title: out.title, description: reason, severity: "medium", exceptions, step: run().dataset.step };
  return record(`${batches()}/deviations`, body, run().dataset.user);
}

const ACTS = {
  start: () => keep("start", {}), send: () => keep("send", {}), sample: () => keep("sample", {}),
  decide: () => (chosen() ? keep("decide", { choice: chosen() }) : say("Choose one first.")),
  scan: () => say("Scan the label first."), lot: () => say("Scan the lot first."), unit: () => say("Scan the unit first."),
  blocked: () => say("This step cannot start yet. The reasons are on the screen."),
  held: () => say("The batch is on hold. A supervisor restarts it."),
  wait: () => say("The step is still running. This screen goes on by itself."),
  entry, material, transfer, complete, verify, deviation: again,
};

export const primary = () => ACTS[run().dataset.panel]();
