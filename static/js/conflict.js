// Two values for one reading: this tablet's, and the one another tablet was quicker with. Nothing is merged: a person looks at
// both and decides, and what was recorded after it waits until then. Fetched when it happens: a server has just said so.

import { uuid } from "./api.js";
import { run } from "./here.js";
import { after, record, see } from "./journal.js";
import { serverTime } from "./network.js";
import { byId, open } from "./sheets.js";
import { figures, t, word } from "./words.js";

const part = (name) => byId("conflict").querySelector(`[data-conflict-${name}]`);
const ANSWERS = { yes: t("yes"), no: t("no") };
const amount = ({ value, unit }) => [ANSWERS[value] ?? figures(value), word(unit)].filter(Boolean).join(" ");
const clock = (moment) => new Date(moment).toLocaleTimeString("en-GB");
let shown = null;

export async function showConflict({ entry, data }) {
  const theirs = data.details.record, follows = (await after(entry)).length;
  shown = { entry, theirs };
  part("what").textContent = `${entry.about} · ${theirs.label}`;
  part("mine").textContent = amount(entry.body);
  part("mine-when").textContent = `${run().dataset.printedName}, ${clock(serverTime(Date.parse(entry.at)))}`;
  part("theirs").textContent = amount(theirs);
  part("theirs-when").textContent = `${theirs.by}, ${clock(theirs.at)}`;
  part("follows").hidden = !follows;
  part("follows").textContent = t("Waiting for your answer: {count} more of this batch on this tablet.", { count: follows });
  part("refusal").hidden = true;
  byId("conflict-words").value = "";
  open("conflict");
}

// The record keeps what it says, or gets this tablet's value as a correction with its reason. Null: a reason is missing.
export async function settle(isMine) {
  const { entry, theirs } = shown, reason = byId("conflict-words").value.trim();
  part("refusal").hidden = !isMine || Boolean(reason);
  if (isMine && !reason) return null;
  byId("conflict").close();
  if (isMine) {
    const { url, user, step, batch, apart, body: { value, unit } } = entry;
    await record(`${url}/${theirs.id}/correct`, { id: uuid(), value, unit, reason }, user, { step, batch, apart });
  }
  await see(entry.id);
  return entry.id;
}
