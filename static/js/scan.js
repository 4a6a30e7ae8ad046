// A keyboard-wedge scanner types faster than a person and ends with Enter. It is set up with the prefix ~ so that no
// speed has to be guessed. It works with nothing focused; a label may also be typed into the visible scan field.
// GS must arrive as a visible character: wedges lose control characters.

const PREFIX = "~";
const GS = /[\u001d^]/g;
const VISIBLE_GS = "\u241d";
const SAME = 2000;

let buffer = null;
let last = { code: "", at: -SAME };

const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));
const kindOf = (code) => (code.startsWith("USR:") ? "badge" : code.startsWith("CMD:") ? "command" : "label");

// A sheet over the page takes badges only; the wipe lock takes nothing.
function isCovered(kind) {
  const sheet = document.querySelector("dialog[open]:not([data-takes-scans])");
  return sheet && (kind !== "badge" || "takesNothing" in sheet.dataset);
}

// A code that was read, by a scanner or by the camera. The same one within two seconds is the same pull of the trigger.
export function heard(code, at) {
  if (!code) return;
  const kind = kindOf(code);
  if (isCovered(kind)) return tell("scan-ignored");
  const isRepeated = code === last.code && at - last.at < SAME;
  last = { code, at };
  if (isRepeated) tell("scan-ignored");
  else tell("scan", { code: code.replace(GS, VISIBLE_GS), kind });
}

function take(code, event) {
  event.preventDefault();
  heard(code, event.timeStamp);
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
