// A keyboard-wedge scanner types faster than a person and ends with Enter. It is set up with the prefix ~ so that no
// speed has to be guessed. It works with nothing focused; a label may also be typed into the visible scan field.
// GS must arrive as a visible character: wedges lose control characters.

const PREFIX = "~";
const GS = /[\u001d^]/g;
const VISIBLE_GS = "\u241d";
const SAME = 2000;

let buffer = null;
let last = { code: "", at: 0 };

const ignored = () => document.querySelector("dialog[open]:not([data-takes-scans])");

function take(code, event) {
  event.preventDefault();
  const isRepeated = code === last.code && event.timeStamp - last.at < SAME;
  last = { code, at: event.timeStamp };
  if (!code || isRepeated) return;
  const kind = code.startsWith("USR:") ? "badge" : code.startsWith("CMD:") ? "command" : "label";
  if (ignored() && kind === "label") return;
  document.dispatchEvent(new CustomEvent("scan", { detail: { code: code.replace(GS, VISIBLE_GS), kind } }));
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (buffer !== null) {
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Enter") { const code = buffer; buffer = null; take(code, event); }
    else if (event.key.length === 1) buffer += event.key;
    return;
  }
  if (event.key === PREFIX) { event.preventDefault(); event.stopPropagation(); buffer = ""; return; }
  const field = event.target.closest?.("[data-scan-field]");
  if (field && event.key === "Enter") { take(field.value.trim(), event); field.value = ""; }
}, true);
