// The sign sheet. PIN in place once the person has signed with the full credential in this session; the sixth digit
// sends. Nothing typed here is kept anywhere: it goes into one request and is forgotten.

import { isDone, post, words } from "./api.js";
import { play } from "./sound.js";

const sheet = () => document.getElementById("sign");
const part = (name) => sheet().querySelector(`[data-sign-${name}]`);
let request = null;
let pin = "";

// ask({title, meaning, second, full, url, body(credential)}) resolves with the server's answer, or null when cancelled.
export function ask(what) {
  part("title").textContent = what.title;
  part("meaning").textContent = what.meaning;
  showFields(what.full || what.second, what.full, what.second);
  clear();
  sheet().showModal();
  return new Promise((resolve) => { request = { ...what, resolve }; });
}

function showFields(named, full, second) {
  part("badge").hidden = !second;
  part("password").hidden = !full;
  part("now").hidden = !full;
  part("hint").hidden = !full;
  part("hint").textContent = second
    ? "The second person gives badge or user name, and PIN or password."
    : "Your first signature in this session needs your password.";
  for (const field of sheet().querySelectorAll("[data-sign-blind]")) field.hidden = !second;
  sheet().querySelector(".sheet-pad").toggleAttribute("data-unused", full && !second);
}

function clear() {
  pin = "";
  dots();
  for (const field of sheet().querySelectorAll("input")) field.value = "";
  part("refusal").hidden = true;
}

function dots() {
  const row = sheet().querySelector("[data-dots]");
  row.setAttribute("aria-label", `${pin.length} of 6 digits`);
  [...row.children].forEach((dot, index) => dot.toggleAttribute("data-on", index < pin.length));
}

export function type(key) {
  if (!request) return;
  pin = key === "back" ? pin.slice(0, -1) : (pin + key).replace(/\D/g, "").slice(0, 6);
  dots();
  if (pin.length === 6) send();
}

export function badge(code) {
  const field = sheet().querySelector("#sign-badge");
  if (!sheet().open || part("badge").hidden) return;
  field.value = code.replace(/^USR:/, "");
  field.dataset.scanned = field.value;
}

async function send() {
  const current = request;
  if (!current || current.busy) return;
  current.busy = true;
  const answer = await post(current.url, current.body(credential(current)));
  current.busy = false;
  if (isDone(answer)) return finish(answer, "signed");
  clear();
  part("refusal").hidden = false;
  part("refusal").textContent = words(answer.data);
  play("attention");
  if (answer.data.details?.full_credential) showFields(true, true, current.second);
}

function credential({ second }) {
  const field = sheet().querySelector("#sign-badge"), password = sheet().querySelector("#sign-password").value;
  const who = field.value.trim(), given = password ? { password } : { pin };
  const name = who && who === field.dataset.scanned ? { badge: who } : { username: who };
  if (second) return { ...given, ...name };
  return password ? { ...given, username: document.getElementById("run").dataset.user } : given;
}

function finish(answer, sound) {
  const { resolve } = request;
  request = null;
  clear();
  sheet().close();
  if (sound) play(sound);
  resolve(answer);
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-sign-now]")) send();
  else if (event.target.closest("#sign [data-close]") && request) finish(null);
});
document.addEventListener("keydown", (event) => {
  if (!sheet()?.open || event.defaultPrevented) return;
  if (event.key === "Enter" && event.target.matches("#sign input")) { event.preventDefault(); send(); }
  else if (!event.target.matches("input") && /^(\d|Backspace)$/.test(event.key)) type(event.key === "Backspace" ? "back" : event.key);
});
document.addEventListener("cancel", (event) => { if (event.target.id === "sign" && request) finish(null); }, true);
