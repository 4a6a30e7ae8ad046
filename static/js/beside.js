// What an operator can do beside the one button and with network only: restart the batch, correct a value. Fetched when somebody
// does it. Each answers as the acts of the button do.

import { uuid } from "./api.js";
import { batches, keep, recorded, run, say, signed, steps } from "./here.js";
import { t } from "./words.js";

export async function restart(reason) {
  if (!reason) return say(t("Say why, in your words."));
  const body = (signature) => ({ command: "RESTART", reason, signature });
  return signed({ meaning: t("Restart the batch"), code: "commanded", url: `${batches()}/commands`, body });
}

// The right value beside the wrong one: an answer is chosen with it, anything else typed. In a signed step it takes a signature, and that waits for the server.
export async function correct() {
  const sheet = document.getElementById("correct"), field = (name) => document.getElementById(`correct-${name}`);
  const which = field("which").selectedOptions[0], given = which.dataset.given ?? field("value").value.trim(), reason = recorded("slip", field("words").value.trim());
  const lacks = !which.value ? t("Choose one first.") : !given ? t("Enter the right value.") : !reason ? t("Say why it is corrected.") : "";
  const refusal = sheet.querySelector("[data-correct-refusal]");
  refusal.hidden = !lacks;
  refusal.textContent = lacks;
  if (lacks) return null;
  const path = `entries/${which.value}/correct`, correction = { id: uuid(), value: given, unit: which.dataset.unit, reason };
  sheet.close();
  if (!("signed" in sheet.dataset)) return keep(path, correction);
  const seen = run().dataset.digest;
  const body = (credential) => ({ ...correction, signature: { ...credential, seen } });
  return signed({ meaning: t("Performed"), code: "performed", seen, url: `${steps()}/${path}`, body });
}
