// What is on this tablet only, in words: in the foot of the screen, and above the pad in the place of what was to do.

import { refusal } from "./budget.js";
import { callWaits } from "./call.js";
import { find, run } from "./here.js";
import { isNearlyFull } from "./install.js";
import { waiting } from "./journal.js";
import { isFull } from "./store.js";
import { figures, t, word } from "./words.js";

const LAST = 3; // of what is kept, as many as the screen has room for
const clock = (moment) => new Date(moment).toLocaleTimeString("en-GB");

// What this person did in this batch and is on this tablet only.
export async function kept() {
  const { user, batch } = run().dataset;
  return (await waiting()).filter((entry) => entry.user === user && entry.batch === batch);
}

const ACTS = {
  start: t("start of the step"), complete: t("end of the step"), scans: t("label"), photos: t("photo"), "not-applicable": t("not applicable"),
  materials: t("lot"), units: t("unit"), transfer: t("volumes"), sample: t("sample"), send: t("command to the unit"), decide: t("decision"),
  correct: t("correction"), deviations: t("deviation"), commands: t("hold of the batch"), calls: t("call"), withdraw: t("end of the call"), "take-over": t("taking over"),
};
export const said = ({ url, body, what, given }) => {
  const rest = [what ?? body.name ?? body.code, figures(given ?? body.value ?? ""), word(body.unit)].filter(Boolean).join(" ");
  return [ACTS[url.split("/").pop()], rest].filter(Boolean).join(": ");
};

export async function standing() {
  const entries = await kept(), no = await refusal();
  const { asOf } = run().dataset, names = entries.map(said);
  const full = isFull() ? t("This tablet is full: use another one, call the engineer. Nothing recorded is lost") : await isNearlyFull() && t("This tablet is nearly full: use another one for the next step"), called = await callWaits() && t("The call will be sent");
  const parts = [no, full, asOf && t("The page is of {time}", { time: clock(asOf) }), names.length && t("{number} on this tablet: {names}", { number: names.length, names: `${names.length > LAST ? "… " : ""}${names.slice(-LAST).join(", ")}` }), called];
  return parts.filter(Boolean).join(" · ");
}

// Above the pad: what is on this tablet is no longer to do.
export function showKept(entries, actOf) {
  const acts = entries.map(actOf), lines = find(".run-work .checks"), blank = find("[data-kept-line]");
  for (const line of lines.querySelectorAll("[data-kept]")) line.remove();
  for (const line of lines.querySelectorAll("[data-to-do]")) line.hidden ||= acts.includes(`entry:${line.dataset.toDo}`);
  for (const entry of entries.filter(({ what }) => what).slice(-LAST)) {
    const line = blank.content.cloneNode(true);
    line.querySelector("span").textContent = `${said(entry)} · ${t("On this tablet")}`;
    lines.insertBefore(line, lines.querySelector("[data-to-do]"));
  }
}
