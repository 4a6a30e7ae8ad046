// Coming back to a step: where it stands is read first, once. What somebody typed and did not record is said with its author, and
// becomes another person's only when they take it.

import { nameOf } from "./here.js";
import { byId, open } from "./sheets.js";
import { away } from "./touch.js";
import { t } from "./words.js";

const AWAY = 300; // seconds
const READ = "baton-resumed";
const LONG = 40; // letters
const run = () => byId("run");
let gone = false;

// What was typed stands for its reading alone: never in the field of another one. It outlives the tab, which a tablet that runs
// short of memory ends.
const drafts = () => `baton-draft:${run().dataset.step}:`;
const ours = () => `${drafts()}${run().dataset.user}:`;
const keys = (start) => Object.keys(localStorage).filter((key) => key.startsWith(start));
const asked = () => {
  const { name = "", material = name, correct = material } = run().querySelector(".run-work > [data-reading]")?.dataset ?? { name: run().dataset.asked };
  return correct;
};
export const draft = () => localStorage.getItem(ours() + asked());
export const keepDraft = (text) => localStorage.setItem(ours() + asked(), text);
export const dropDraft = () => keys(ours()).forEach((key) => localStorage.removeItem(key));

export const back = () => document.dispatchEvent(new Event("back"));

export function resume() {
  const card = byId("resume");
  if (!card || sessionStorage.getItem(READ) === card.dataset.of || document.querySelector("dialog[open]")) return;
  typed(card.querySelector("[data-resume-lines]"));
  open("resume");
}

function typed(lines) {
  for (const key of keys(drafts())) {
    const [user, name] = key.slice(drafts().length).split(":"), given = localStorage.getItem(key), line = document.createElement("li");
    if (!given) continue;
    const isMine = key.startsWith(ours()), value = given.length > LONG ? `${given.slice(0, LONG)}…` : given;
    line.textContent = isMine ? t("{value} typed, not recorded.", { value }) : t("{value} typed by {person}, not recorded.", { value, person: nameOf(user) });
    lines.append(line);
    if (!isMine && name === asked()) line.append(" ", offer(key, given, value));
  }
}

function offer(key, given, value) {
  const button = Object.assign(document.createElement("button"), { className: "button", type: "button", textContent: t("Take {value} as mine", { value }) });
  button.addEventListener("click", () => {
    keepDraft(given);
    localStorage.removeItem(key);
    document.dispatchEvent(new Event("draft"));
    read();
  });
  return button;
}

function read() {
  if (!byId("resume")?.open) return;
  sessionStorage.setItem(READ, byId("resume").dataset.of);
  byId("resume").close();
}

document.addEventListener("click", ({ target }) => target.closest("[data-resume-go]") && read());
document.addEventListener("scan", read);
setInterval(() => {
  const was = gone;
  gone = away() > AWAY;
  if (was && !gone) back();
}, 1000);
