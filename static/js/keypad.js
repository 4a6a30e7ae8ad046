// Our own keypad: no soft keyboard, no spinner, no surprise. It types into the field the page points it to.

import { t } from "./words.js";

const GUARD = 90; // a gloved finger bounces on the key it pressed; two keys in quick succession are two digits
const LONGEST = 12;
let last = { key: null, at: 0 };

export function press(output, key) {
  const text = output.value;
  if (key === "back") output.value = text.slice(0, -1);
  else if (key === "-") output.value = text[0] === "-" ? text.slice(1) : `-${text}`;
  else if (key === "." && (text.includes(".") || !text)) return;
  else if (text.length < (output.maxLength ?? LONGEST)) output.value = text + key;
  output.dispatchEvent(new CustomEvent("typed", { bubbles: true }));
}

// One listener for the page; `target()` says which output is typed into now.
export function listen(target) {
  document.addEventListener("click", (event) => {
    const key = event.target.closest("[data-key]");
    if (!key || (key === last.key && event.timeStamp - last.at < GUARD)) return;
    last = { key, at: event.timeStamp };
    const output = target(key);
    if (output) press(output, key.dataset.key);
  });
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.target.matches("input, textarea")) return;
    const output = target(event.target);
    if (!output) return;
    if (/^[-0-9.]$/.test(event.key)) press(output, event.key);
    else if (event.key === ",") press(output, ".");
    else if (event.key === "Backspace") press(output, "back");
  });
}

document.addEventListener("mousedown", (event) => event.target.closest("[data-key]") && event.preventDefault()); // the cursor stays in its field

// A PIN as dots on a sheet; the sixth digit gives it to `done`.
export function pinOn(sheet, done) {
  let pin = "";
  const show = (text) => {
    const row = document.querySelector(`#${sheet} [data-dots]`);
    pin = text.replace(/\D/g, "").slice(0, 6);
    row.setAttribute("aria-label", t("{count} of 6 digits", { count: pin.length }));
    [...row.children].forEach((dot, at) => dot.toggleAttribute("data-on", at < pin.length));
  };
  return {
    type(key) {
      show(key === "back" ? pin.slice(0, -1) : pin + key);
      if (pin.length === 6) done(pin);
    },
    clear: () => show(""),
    typed: () => pin,
  };
}

// From five digits on they stand in threes, so that nobody counts zeros. The text itself stays without spaces.
export function inThrees(output) {
  const [whole, part] = output.textContent.split(".");
  if (whole.length < 5 || whole[0] === "-") return;
  const groups = whole.match(/^\d{1,3}(?=(?:\d{3})*$)|\d{3}/g);
  output.replaceChildren(...groups.map((group, number) => {
    const span = document.createElement("span");
    span.textContent = number === groups.length - 1 && part !== undefined ? `${group}.${part}` : group;
    return span;
  }));
}

// The marker follows the number on its scale; it says where, never whether it is good: that is judged when recorded.
export function moveMarker(scale, text) {
  const value = parseFloat(text), low = parseFloat(scale.dataset.low), high = parseFloat(scale.dataset.high);
  const place = Number.isNaN(value) ? -20 : 150 + (300 * (value - low)) / (high - low || 1);
  scale.querySelector(".marker").setAttribute("x", Number.isNaN(value) ? -20 : Math.max(2, Math.min(590, place - 4)));
}
