// What the one button does on each panel. Every act goes through the journal; signatures wait for the server.
// An act answers with the journal's id, or {say} what is missing, or {go} to the next step, or the server's answer.

import { isDone, post, uuid, words } from "./api.js";
import { batches, find, keep, run, say, signed, steps } from "./here.js";
import { flash } from "./sheets.js";
import { ask } from "./sign.js";

const value = (selector) => find(selector)?.value?.trim() ?? "";
const chosen = () => find("[data-choice][aria-checked=true]")?.dataset.choice;
let lot = "";

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
  const { policy, digest } = run().dataset;
  const url = `${steps()}/complete`;
  if (policy === "none") {
    const answer = await post(url, {});
    return isDone(answer) ? { go: true } : say(words(answer.data));
  }
  const body = (credential) => ({ signature: { ...credential, seen: digest } });
  const answer = await signed("Performed", url, body);
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

export async function deviation(reason) {
  const out = find("[data-out]").dataset;
  if (!reason) return say("Choose or write the reason.");
  const exceptions = out.exceptions.split(",").filter(Boolean);
  const body = { title: out.title, description: reason, severity: "medium", exceptions, step: run().dataset.step };
  return keep("deviations", body, batches());
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
