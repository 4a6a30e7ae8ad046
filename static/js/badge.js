// Sign-in page: a scanned badge fills its field, our own keypad types the PIN, and with its sixth digit it goes. Whose entries are on
// this tablet only signs in first.

import { owners } from "./journal.js";
import { listen } from "./keypad.js";
import "./scan.js";

const waits = document.querySelector("[data-unsent]"), names = await owners().catch(() => []); // a browser that stores nothing keeps nothing
for (const field of document.querySelectorAll("[name=unsent]")) field.value = names.join(" ");
waits.hidden = !names.length;
waits.querySelector("b").textContent = names.join(", ");

const form = document.querySelector("[data-badge-form]"), { badge, pin } = form.elements;

// Digits from a keyboard wait for Enter: one PIN is one try.
function send() {
  if (badge.value && pin.value.length === pin.maxLength) form.requestSubmit();
}

listen(() => pin);
form.addEventListener("typed", send);

document.addEventListener("scan", ({ detail }) => {
  badge.value = detail.code.replace(/^USR:/, "");
  pin.focus();
  send();
});
