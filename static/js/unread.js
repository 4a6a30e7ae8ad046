// A label no scanner reads: typed as it stands on the container, with what is wrong with it; a second person compares label
// and screen and signs. A wrong one stops as a scan of it does. Fetched when somebody does it.

import { isDone, words } from "./api.js";
import { alwaysFull, steps } from "./here.js";
import { attend, byId, stop } from "./sheets.js";
import { ask } from "./sign.js";
import { t } from "./words.js";

const REFUSED = ["wrong_bag", "wrong_container", "unknown_code"];
const typed = (id) => byId(id).value.trim();

function lacks(label, cause, reason) {
  if (!label) return t("Type what stands on the label.");
  if (!cause) return t("Choose what is wrong.");
  return reason.length < 10 ? t("Say in your words why it cannot be scanned: at least 10 letters.") : "";
}

export async function cannotScan() {
  const label = typed("unread-label").toUpperCase(), reason = typed("unread-words");
  const cause = document.querySelector("#unread [data-cause][aria-checked=true]")?.dataset.cause;
  const refusal = document.querySelector("[data-unread-refusal]");
  refusal.textContent = lacks(label, cause, reason);
  refusal.hidden = !refusal.textContent;
  if (!refusal.hidden) return null;
  byId("unread").close();
  const answer = await ask({
    title: t("Second person compares label and screen"), meaning: t("Verified: the label says {label}", { label }), code: "verified", seen: "",
    second: true, full: true, noPin: alwaysFull("verified"),
    url: `${steps()}/cannot-scan`, body: (verification) => ({ code: label, cause, reason, verification }), ends: REFUSED,
  });
  if (!answer || isDone(answer)) return answer;
  if (answer.data.code === "wrong_bag") stop({ ...answer.data.details, scanned: label, message: answer.data.message });
  else attend(words(answer.data));
  return null;
}
