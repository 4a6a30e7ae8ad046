// What an operator can do beside the one button: hold and restart the batch, correct a value.
// Each answers as the acts of the button do.

import { uuid } from "./api.js";
import { batches, keep, run, say, signed, steps } from "./here.js";

// Whoever sees a danger to the cells stops at once: a hold takes a reason and no signature.
export const hold = (reason) => (reason ? keep("commands", { command: "HOLD", reason }, batches()) : say("Say why, in your words."));

export async function restart(reason) {
  if (!reason) return say("Say why, in your words.");
  return signed("Restart the batch", `${batches()}/commands`, (signature) => ({ command: "RESTART", reason, signature }));
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
  const seen = run().dataset.digest;
  return signed("Performed", `${steps()}/${path}`, (credential) => ({ ...correction, signature: { ...credential, seen } }));
}
