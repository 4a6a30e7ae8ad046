// The home page finds what somebody scans: the label of a batch, or the code of a room.

import "./scan.js";

document.addEventListener("scan", ({ detail: { code, kind } }) => {
  const form = document.querySelector("[data-find]");
  if (!form || kind !== "label") return;
  form.elements.code.value = code;
  form.submit();
});
