// What the one button does on each panel. Every act goes through the journal; signatures wait for the server.
// An act answers with the journal's id, or {say} what is missing, or {go} to the next step, or the server's answer.

import { uuid } from "./api.js";
import { isOnItsWay, scannedApart, warnOutside } from "./apart.js";
import { alwaysFull, find, keep, run, say, signed, steps } from "./here.js";
import { isApart } from "./network.js";
import { photograph } from "./photos.js";
import { flash } from "./sheets.js";
import { ask } from "./sign.js";
import { t } from "./words.js";

const value = (selector) => find(selector)?.value?.trim() ?? "";
const chosen = () => find("[data-choice][aria-checked=true]")?.dataset.choice;
let lot = "";

export const typed = () => find("[data-digits]")?.textContent ?? "";
export const rescan = () => { lot = ""; };

// A label at a step that has not begun begins it: whoever holds the bag has said what they are about to do.
export async function scanned(code) {
  const { panel, needsScan } = run().dataset;
  if (panel === "start" && needsScan !== undefined) await keep("start", {});
  if (panel === "unit") return keep("units", { code });
  if (panel === "lot") return keep("materials", { code });
  if (panel !== "material") return isApart() ? scannedApart(code) : keep("scans", { code });
  lot = code;
  find("[data-lot-line]").textContent = t("Lot {code}", { code });
  flash(code);
}

export function entry(earlier = {}) {
  const reading = find("[data-reading]").dataset;
  const given = reading.type === "number" ? typed() : value("[data-said]") || chosen();
  if (!given) return say(t("Enter “{what}” first.", { what: find(".reading-label").textContent.trim() }));
  warnOutside(reading, given);
  const body = { id: uuid(), name: reading.name, value: given, ...earlier };
  return keep("entries", reading.unit ? { ...body, unit: reading.unit } : body);
}

function material() {
  const reading = find("[data-reading]").dataset;
  if (!lot) return say(t("Scan the lot first."));
  if (!typed()) return say(t("Enter the quantity used first."));
  return keep("materials", { code: lot, material: reading.material, quantity: typed(), unit: reading.unit });
}

function transfer() {
  const volumes = [...run().querySelectorAll("[data-volume-value]")].map((each) => each.textContent).filter(Boolean);
  return volumes.length ? keep("transfer", { volumes_ml: volumes }) : say(t("Enter the volume of at least one container."));
}

function again() {
  const pad = find("[data-again-pad]"), reading = find("[data-correct]");
  if (pad.hidden) return say(t("Choose: re-enter the value, or record a deviation."));
  if (!typed()) return say(t("Enter the value again first."));
  const body = { id: uuid(), value: typed(), unit: reading.dataset.unit, reason: "Typed wrong" };
  return keep(`entries/${reading.dataset.correct}/correct`, body);
}

async function complete() {
  const { policy, digest } = run().dataset;
  const url = `${steps()}/complete`;
  if (policy === "none") return keep("complete", {});
  if (isApart()) return say(t("Your signature waits for the network. Sign when it is back."));
  const body = (credential) => ({ signature: { ...credential, seen: digest } });
  const answer = await signed({ meaning: t("Performed"), code: "performed", seen: digest, url, body });
  return { go: answer && policy === "performed", signed: true, page: answer?.data.page }; // given up, too: it may have changed
}

async function verify() {
  const { digest, policy } = run().dataset;
  if (policy === "verified_blind" && !document.querySelector("[data-blind]")) return location.assign(location.pathname); // they are in sight
  const body = (credential) => {
    const readings = Object.fromEntries([...document.querySelectorAll("[data-blind]")].map((each) => [each.dataset.blind, each.value]));
    return { verification: { ...credential, seen: digest }, readings };
  };
  const url = `${steps()}/verify`, noPin = alwaysFull("verified");
  const answer = await ask({ title: t("Second person signs"), meaning: t("Verified"), code: "verified", seen: digest, second: true, full: true, noPin, url, body });
  return { go: answer, signed: true, page: answer?.data.page };
}

const ACTS = {
  start: () => keep("start", {}), send: () => keep("send", {}), sample: () => keep("sample", {}),
  photo: () => photograph({ photo: find("[data-photo-asked]").dataset.photoAsked }),
  decide: () => (chosen() ? keep("decide", { choice: chosen() }) : say(t("Choose one first."))),
  scan: () => say(t("Scan the label first.")), lot: () => say(t("Scan the lot first.")), unit: () => say(t("Scan the unit first.")),
  blocked: () => say(t("This step cannot start yet. The reasons are on the screen.")),
  held: () => say(t("The batch is on hold. A supervisor restarts it.")),
  wait: () => say(t("The step is still running. This screen goes on by itself.")),
  taken: () => keep("take-over", {}), not_here: () => say(t("This tablet is not for this step.")),
  apart: () => say(find(".run-pad p").textContent.trim()), gone: () => ({ go: true }),
  entry: () => entry(), material, transfer, complete, verify, deviation: again,
};

export const primary = async () => (await isOnItsWay() ? say(t("It is on its way.")) : ACTS[run().dataset.panel]());
