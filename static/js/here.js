// The step on the screen: where to find its parts, where its calls go, and who signs for it.

import { capture, refusal } from "./budget.js";
import { record } from "./journal.js";
import { isApart } from "./network.js";
import { ask } from "./sign.js";
import { isFull } from "./store.js";
import { t } from "./words.js";

export const run = () => document.getElementById("run");
export const find = (selector) => run().querySelector(selector);
export const steps = () => `/api/v1/steps/${run().dataset.step}`;
export const batches = () => `/api/v1/batches/${run().dataset.batch}`;

// A reason that the page offers in another language is recorded in English, as whoever reads English chooses it.
export const recorded = (kind, text) => [...run().querySelectorAll(`[data-${kind}]`)].find((each) => each.textContent === text)?.getAttribute(`data-${kind}`) ?? text;

// Who typed or recorded something here, as their name is printed.
const NAME = "baton-name:";
export const knowName = () => localStorage.setItem(NAME + run().dataset.user, run().dataset.printedName);
export const nameOf = (user) => localStorage.getItem(NAME + user) ?? user;

export const say = (text) => ({ say: text });

// What a tablet without network may capture: everything else is judged by the server before the work goes on.
const GOES_ON = ["start", "scans", "entries", "not-applicable", "photos", "complete"];

// Into the journal, unless it waits for the network, or there has been none for too long.
export async function keep(path, body, owner = steps(), content) {
  if (run().dataset.panel === "not_here") return say(t("This tablet is not for this step."));
  if (run().dataset.panel === "taken" && path !== "take-over") return say(t("Somebody else is on this step. Take over first."));
  const no = isApart() && !GOES_ON.includes(path) ? t("This waits for the network. What you typed stays.") : await refusal();
  return no ? say(no) : into(`${owner}/${path}`, body, { batch: run().dataset.batch }, content);
}

// What stops the work is kept however long there has been no network, and waits for nothing that was refused.
export const keepAnyway = (path, body, more = {}, owner = steps()) => into(`${owner}/${path}`, body, more);

// What people call it, and what they chose: for as long as it is on this tablet only.
const label = (name) => name && find(`[data-name="${name}"] .reading-label, [data-photo="${name}"]:not([data-retakes])`)?.textContent.trim();
const called = ({ name, about, code, value }) => ({ what: label(name) || about || code, given: value && (find("[data-choice][aria-checked=true]")?.textContent.trim() ?? value) });

async function into(url, body, more, content) {
  const { step, user } = run().dataset;
  return record(url, body, user, { step, apart: await capture(), ...called(body), ...more }, content).catch(notKept);
}

export function notKept(error) {
  if (!isFull()) throw error;
  return say(t("This tablet has no room to keep it: nothing was recorded. Use another tablet."));
}

// For some meanings a PIN is never enough: the recipe or the site says so.
export const alwaysFull = (code) => run().dataset.alwaysFull.split(" ").includes(code);

export function signed({ meaning, code, seen = "", url, body }) {
  const { full, printedName } = run().dataset;
  const title = t("Sign as {person}", { person: printedName });
  return ask({ title, meaning, code, seen, full: full !== undefined || alwaysFull(code), url, body });
}
