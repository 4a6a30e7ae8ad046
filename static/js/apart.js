// Without network the step goes on: the next act is asked for, of those the page carries.

import { isStopped } from "./budget.js";
import { find, keep, keepAnyway, run, say, steps } from "./here.js";
import { see } from "./journal.js";
import { kept, showKept } from "./kept.js";
import { isApart } from "./network.js";
import { attend, flash, stop } from "./sheets.js";
import { t } from "./words.js";

const LABEL = /^([CDFGHJKMNPQRTVWXY34679]{3}-[CDFGHJKMNPQRTVWXY34679]{3}-[A-Z]{1,2}|(&\/)?CH\w{13})$/; // a bag, or a patient's chain
const KINDS = { entries: "entry", "not-applicable": "entry", photos: "photo" };

function actOf({ url, body }) {
  const path = url.slice(steps().length + 1);
  if (KINDS[path]) return `${KINDS[path]}:${body.name}`;
  return path === "scans" ? "scan" : path;
}

// Who presses again before the answer means it once.
export async function isOnItsWay() {
  const { step, act, panel } = run().dataset;
  return panel !== "taken" && (await kept()).some((entry) => entry.step === step && !entry.file && (!isApart() || actOf(entry) === act));
}

// Whoever comes back while there is no network scans the label again, too, where the page knows the labels.
const AGAIN = "baton-again";
export const isScan = (act) => ["scan", "again"].includes(act);
export const comeBack = () => isApart() && (sessionStorage.setItem(AGAIN, run().dataset.step), true);
const mustScan = () => isApart() && sessionStorage.getItem(AGAIN) === run().dataset.step && find('template[data-act="again"]');

async function next() {
  const { act, previous } = run().dataset, entries = await kept();
  if (await isStopped()) return "stopped";
  if (mustScan()) return "again";
  const acts = entries.filter(({ step }) => step === run().dataset.step).map(actOf);
  const opens = act === "blocked" && entries.some(({ url }) => url === `/api/v1/steps/${previous}/complete`);
  if (!opens && !acts.includes(act) && act !== "again") return act;
  const ahead = [...run().querySelectorAll("template[data-act]")].map((each) => each.dataset.act);
  return ahead.find((each) => !["stopped", "again"].includes(each) && !acts.includes(each)) ?? act;
}

// The next act that is not kept yet takes the place of one that is. True when the screen has changed.
export async function goOn() {
  const act = await next(), template = find(`template[data-act="${act}"]`);
  const isOther = act !== run().dataset.act && template;
  if (isOther) put(template);
  showKept((await kept()).filter(({ step }) => step === run().dataset.step), actOf);
  return Boolean(isOther);
}

export function put({ content, dataset }) {
  const { act } = dataset, reading = content.querySelector("[data-reading]");
  find(".run-work > [data-reading]")?.remove();
  if (reading) find(".run-work").insertBefore(reading.cloneNode(true), find(".run-work > .run-next"));
  find(".run-pad").replaceWith(content.querySelector(".run-pad").cloneNode(true));
  for (const line of run().querySelectorAll("[data-to-do]")) line.hidden ||= act === `entry:${line.dataset.toDo}`;
  Object.assign(run().dataset, { act, panel: dataset.panel });
  Object.assign(find(".run-foot .run-primary"), { textContent: dataset.button, ariaDisabled: String(dataset.dead !== undefined) });
}

// The server judges; but nobody works on for a quarter of an hour with a value that is out and not told so.
export function warnOutside({ low, high }, given) {
  const value = Number(given), isOut = (low && value < Number(low)) || (high && value > Number(high));
  if (isApart() && isOut) attend(t("{given} is outside its limits. The server judges it when the network is back. Call the supervisor.", { given }));
}

// The label against those of this batch, which the page carries. The server compares it again, and its word counts.
export async function scannedApart(code) {
  const text = code.trim().toUpperCase();
  if (run().dataset.accepts.split(" ").includes(text)) {
    sessionStorage.removeItem(AGAIN);
    const done = await keep("scans", { code });
    if (!done.say) flash(t("{code} belongs to this batch. On this tablet", { code }));
    return done;
  }
  if (text.startsWith(`${run().dataset.expected}-`)) return say(t("{code} is of this patient, but no container of this step as far as this tablet knows. Take another, or wait for the network.", { code }));
  if (!LABEL.test(text)) return say(t("This is no label of a bag that this tablet can read without network. Scan the label on the bag."));
  const id = await keepAnyway("scans", { code }, { wrong: run().dataset.batch });
  if (!id.say) await see(id); // the stop is on the screen now: it is not shown again when the server says the same
  stop({ expected: run().dataset.expected, scanned: code, message: t("Stop. This is no bag of this batch. The scan is kept on this tablet, and the batch is held when the network is back.") });
  return id;
}
