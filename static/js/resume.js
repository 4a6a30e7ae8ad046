// Coming back to a step: where it stands is read first, once. What somebody typed and did not record is said with its author, and
// becomes another person's only when they take it.

import { nameOf } from "./here.js";
import { byId, open } from "./sheets.js";
import { away } from "./touch.js";
import { t } from "./words.js";

const AWAY = 300; // seconds
const READ = "baton-resumed";
const run = () => byId("run"), drafts = () => `baton-draft:${run().dataset.step}:`;
let gone = false;

export const back = () => document.dispatchEvent(new Event("back"));

export function resume() {
  const card = byId("resume");
  if (!card || sessionStorage.getItem(READ) === card.dataset.of || document.querySelector("dialog[open]")) return;
  typed(card.querySelector("[data-resume-lines]"));
  open("resume");
}

function typed(lines) {
  const { user: me } = run().dataset, found = Object.keys(sessionStorage).filter((key) => key.startsWith(drafts()));
  for (const key of found) {
    const user = key.slice(drafts().length), value = sessionStorage.getItem(key), line = document.createElement("li");
    if (!value) continue;
    line.textContent = user === me ? t("{value} typed, not recorded.", { value }) : t("{value} typed by {person}, not recorded.", { value, person: nameOf(user) });
    lines.append(line);
    if (user !== me) line.append(" ", offer(key, value));
  }
}

function offer(key, value) {
  const button = Object.assign(document.createElement("button"), { className: "button", type: "button", textContent: t("Take {value} as mine", { value }) });
  button.addEventListener("click", () => {
    sessionStorage.setItem(drafts() + run().dataset.user, value);
    sessionStorage.removeItem(key);
    const output = run().querySelector(".run-work [data-digits]");
    if (output) output.textContent = value;
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
