// Pages where a passkey signs in, is added or taken off. Where the browser knows none, they show nothing of it.

import { isDone, post, words } from "./api.js";
import { canUse } from "./passkey.js";
import { make, prove } from "./prove.js";

const on = (selector, event, act) => document.querySelectorAll(selector).forEach((each) => each.addEventListener(event, act));

function refuse(refusal) {
  Object.assign(document.querySelector("[data-passkey-refusal]"), { hidden: false, textContent: refusal });
}

function show() {
  for (const part of document.querySelectorAll("[data-passkey-form], [data-passkey-add]")) part.hidden = false;
  document.querySelector("[data-passkey-none]")?.remove();
}

on("[data-passkey-form]", "submit", async (event) => {
  event.preventDefault();
  const form = event.currentTarget, { answer, refusal } = await prove(form.dataset.passkeyForm, {});
  if (!answer) return refuse(refusal);
  form.elements.passkey.value = JSON.stringify(answer);
  form.submit();
});

on("[data-passkey-add]", "submit", async (event) => {
  event.preventDefault();
  const { name, password } = event.currentTarget.elements;
  const { answer, refusal } = await make("/api/v1/me/passkeys/begin", { password: password.value });
  if (!answer) return refuse(refusal);
  const added = await post("/api/v1/me/passkeys", { ...answer, name: name.value });
  if (!isDone(added)) return refuse(words(added.data));
  location.reload();
});

on("[data-passkey-remove]", "click", async (event) => {
  const removed = await post(event.currentTarget.dataset.passkeyRemove, {});
  if (!isDone(removed)) return refuse(words(removed.data));
  location.reload();
});

if (canUse()) show();
