// A page with scan fields: a scanned code goes to the field with the cursor, or to the first that is still empty, and the
// cursor goes on. Enter in such a field never sends the form: a scanner types it after every code.

import "./scan.js";

const fields = () => [...document.querySelectorAll("[data-takes-scan]")];
const takesMany = (field) => field.dataset.takesScan === "many";

function goOn(field) {
  if (takesMany(field)) return field.focus();
  const inputs = [...field.form.elements].filter((each) => each.matches("input:not([type=hidden]), textarea, select, button"));
  inputs[inputs.indexOf(field) + 1]?.focus();
}

document.addEventListener("scan", ({ detail }) => {
  const at = fields().find((field) => field === document.activeElement) ?? fields().find((field) => !field.value) ?? fields().find(takesMany);
  if (!at || detail.kind !== "label") return;
  at.value = takesMany(at) && at.value.trim() ? `${at.value.trimEnd()}\n${detail.code}\n` : detail.code + (takesMany(at) ? "\n" : "");
  goOn(at);
});

document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.("[data-takes-scan=one]");
  if (!field || event.key !== "Enter") return;
  event.preventDefault();
  goOn(field);
});
