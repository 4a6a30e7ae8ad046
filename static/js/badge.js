// Sign-in page: a scanned badge fills its field and moves on to the PIN. Whose entries are on this tablet only signs in first.

import { owners } from "./journal.js";
import "./scan.js";

const waits = document.querySelector("[data-unsent]"), names = await owners().catch(() => []); // a browser that stores nothing keeps nothing
for (const field of document.querySelectorAll("[name=unsent]")) field.value = names.join(" ");
waits.hidden = !names.length;
waits.querySelector("b").textContent = names.join(", ");

document.addEventListener("scan", ({ detail }) => {
  const form = document.querySelector("[data-badge-form]");
  form.elements.badge.value = detail.code.replace(/^USR:/, "");
  form.elements.pin.focus();
});
