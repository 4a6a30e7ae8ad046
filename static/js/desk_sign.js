// Signing on a desk page with a passkey: it answers for the meaning and for what the form shows, then the form is sent.

import { canUse } from "./passkey.js";
import { prove } from "./prove.js";

const OWN = "[data-sign-fields]"; // what a password or PIN would be asked by

const isFilledIn = (form) => [...form.elements].every((each) => each.closest(OWN) || each.reportValidity());

// Where the meaning hangs on what is chosen, the choice carries it.
const meaningOf = (form, button) => form.querySelector("[data-means]:checked")?.dataset.means ?? button.dataset.meaning;

async function sign(button) {
  const { form } = button, fields = button.closest(OWN);
  if (!isFilledIn(form)) return;
  const asked = { meaning: meaningOf(form, button), seen: form.elements.seen?.value ?? "" };
  const { answer, refusal } = await prove("/api/v1/passkeys/ask/signature", asked);
  if (!answer) return Object.assign(fields.querySelector("[data-passkey-refusal]"), { hidden: false, textContent: refusal });
  fields.querySelector("[name=passkey]").value = JSON.stringify(answer);
  form.noValidate = true;
  form.requestSubmit(form.querySelector("[type=submit]"));
}

for (const button of document.querySelectorAll("[data-desk-passkey]")) {
  button.hidden = !canUse();
  button.addEventListener("click", () => sign(button));
}
