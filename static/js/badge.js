// Sign-in page: a scanned badge fills its field and moves on to the PIN.

import "./scan.js";

document.addEventListener("scan", ({ detail }) => {
  const form = document.querySelector("[data-badge-form]");
  form.elements.badge.value = detail.code.replace(/^USR:/, "");
  form.elements.pin.focus();
});
