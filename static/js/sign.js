// The sign sheet. PIN in place once the person has signed with the full credential in this session; the sixth digit
// sends. Nothing typed here is kept anywhere: it goes into one request and is forgotten.

import { isDone, post, words } from "./api.js";
import { canUse, prove } from "./passkey.js";
import { tell } from "./journal.js";
import { pinOn, press } from "./keypad.js";
import { byId, flash } from "./sheets.js";
import { play } from "./sound.js";
import { t } from "./words.js";

const sheet = () => document.getElementById("sign");
const part = (name) => sheet().querySelector(`[data-sign-${name}]`);
const digits = pinOn("sign", () => send());
let request = null;

// ask({title, meaning, code, seen, second, full, noPin, url, body(credential), ends}) resolves with the server's answer, or null
// when cancelled. `code` and `seen` are what a passkey answers for: the meaning as the server knows it, the digest shown. A refusal is
// said on the sheet, for another try; one whose code is in `ends` is an answer.
export function ask(what) {
  part("title").textContent = what.title;
  part("meaning").textContent = what.meaning;
  showFields(what);
  clear();
  sheet().showModal();
  return new Promise((resolve) => { request = { ...what, resolve }; });
}

function showFields({ full, second, noPin }) {
  part("badge").hidden = !second;
  part("password").hidden = !full;
  part("now").hidden = !full;
  part("passkey").hidden = !canUse();
  part("hint").hidden = !full;
  part("hint").textContent = second
    ? noPin ? t("The second person gives badge or user name, and password.") : t("The second person gives badge or user name, and PIN or password.")
    : t("This signature takes your password.");
  for (const field of sheet().querySelectorAll("[data-sign-blind]")) field.hidden = !second;
  sheet().querySelector(".sheet-pad").toggleAttribute("data-unused", full && (noPin || !second));
}

function clear(fields = "input, select") {
  digits.clear();
  for (const field of sheet().querySelectorAll(fields)) field.value = "";
  part("refusal").hidden = true;
}

// A reading where the cursor stands in one, else the PIN.
export function type(key) {
  const { activeElement: field } = document;
  if (field.matches("[data-blind]")) press(field, key);
  else if (request) digits.type(key);
}

export function badge(code) {
  const field = sheet().querySelector("#sign-badge");
  if (!sheet().open || part("badge").hidden) return;
  field.value = code.replace(/^USR:/, "");
  field.dataset.scanned = field.value;
  sheet().querySelector("[data-blind]")?.focus();
}

// `given` answers with the credential, or with {refusal} in words.
async function send(given = credential) {
  const current = request;
  if (!current || current.busy) return;
  current.busy = true;
  const proof = await given(current);
  if (request !== current) return; // cancelled while the authenticator waited
  const answer = proof.refusal ? null : await post(current.url, current.body(proof));
  current.busy = false;
  if (answer && isDone(answer)) return finish(answer);
  if (answer && current.ends?.includes(answer.data.code)) return finish(answer);
  if (answer?.status === 401 && answer.data.code !== "signature_refused") {
    finish(null);
    return tell("locked");
  }
  const badge = byId("sign-badge").value;
  clear("input:not([data-blind])");
  part("refusal").hidden = false;
  part("refusal").textContent = proof.refusal ?? words(answer.data);
  play("attention");
  if (!answer?.data.details?.full_credential) return;
  showFields({ ...current, full: true, noPin: true }); // the badge stays
  byId("sign-badge").value = badge;
  byId("sign-password").focus();
}

async function passkey({ code, seen, second }) {
  const { answer, refusal } = await prove("/api/v1/passkeys/ask/signature", { meaning: code, seen, second: Boolean(second) });
  return answer ? { passkey: answer } : { refusal };
}

function credential({ second }) {
  const field = sheet().querySelector("#sign-badge"), password = sheet().querySelector("#sign-password").value;
  const who = field.value.trim(), given = password ? { password } : { pin: digits.typed() };
  const name = who && who === field.dataset.scanned ? { badge: who } : { username: who };
  if (second) return { ...given, ...name };
  return password ? { ...given, username: document.getElementById("run").dataset.user } : given;
}

// After a signature: who, as what, and when by the server's clock, as it stands in the record.
function finish(answer) {
  const { resolve } = request;
  request = null;
  clear();
  sheet().close();
  if (answer && isDone(answer)) told(answer.data.signed);
  resolve(answer);
}

function told(line) {
  if (line) flash(`✓ ${t("Signed {name} · {meaning} · {at}", { name: line.printed_name, meaning: line.meaning, at: line.at })}`, "signed", 1.2);
  else play("signed");
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-sign-now]")) send();
  else if (event.target.closest("[data-sign-passkey]")) send(passkey);
  else if (event.target.closest("#sign [data-close]") && request) finish(null);
});
document.addEventListener("keydown", (event) => {
  if (!sheet()?.open || event.defaultPrevented) return;
  if (event.key === "Enter" && event.target.matches("#sign input")) { event.preventDefault(); send(); }
  else if (!event.target.matches("input") && /^(\d|Backspace)$/.test(event.key)) type(event.key === "Backspace" ? "back" : event.key);
});
document.addEventListener("cancel", (event) => { if (event.target.id === "sign" && request) finish(null); }, true);
