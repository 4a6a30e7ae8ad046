// One operator hands the batch to the next: what is open, as the server counts it, what is only on this tablet, a note, and the badge
// and PIN of whoever takes it. Fetched when somebody opens it.

import { isDone, post, words } from "./api.js";
import { batches, nameOf, recorded, steps } from "./here.js";
import { waiting } from "./journal.js";
import { forget } from "./install.js";
import { pinOn } from "./keypad.js";
import { isApart } from "./network.js";
import { byId, open } from "./sheets.js";
import { play } from "./sound.js";
import { t } from "./words.js";

const MOST = 4; // lines of each kind, fewer where they are long: the sheet never scrolls; the count is of all
const lists = {};
const digits = pinOn("taker", take);
const isOpen = () => byId("taker").open || byId("hand-over").open;

export async function begin() {
  open("hand-over");
  const [answer, kept] = await Promise.all([fetch(`${batches()}/hand-over`, { headers: { Accept: "application/json" } }).catch(() => null), waiting()]);
  list("unsent", kept.map(({ user, about }) => `${nameOf(user)} · ${about}`));
  if (!answer?.ok) return refuse("hand-over", t("The server did not answer. Nothing is lost."));
  refuse("hand-over", "");
  for (const [name, lines] of Object.entries(await answer.json())) list(name, lines);
}

function list(name, lines) {
  const count = byId("hand-over").querySelector(`[data-stands-count=${name}]`), sheet = byId("hand-over").firstElementChild;
  if (count) count.textContent = lines.length;
  lists[name] = lines;
  for (let most = MOST; most; most--) {
    for (const [each, its] of Object.entries(lists)) draw(each, its, most);
    if (sheet.scrollHeight <= sheet.clientHeight) return;
  }
}

function draw(name, lines, most) {
  const left = lines.length - most, shown = left > 0 ? [...lines.slice(0, most), t("and {count} more", { count: left })] : lines.length ? lines : [t("None")];
  byId("hand-over").querySelector(`[data-stands=${name}]`).replaceChildren(...shown.map((textContent) => Object.assign(document.createElement("li"), { textContent })));
}

function refuse(sheet, text) {
  Object.assign(byId(sheet).querySelector("[data-refusal]"), { hidden: !text, textContent: text });
  if (text) play("attention");
}

async function take(pin) {
  const unsent = Object.groupBy(await waiting(), ({ user }) => user), note = recorded("note", byId("hand-over-words").value.trim());
  const counts = Object.fromEntries(Object.entries(unsent).map(([user, entries]) => [user, entries.length]));
  const badge = byId("taker-badge").value.trim().replace(/^USR:/, "");
  digits.clear();
  if (isApart()) return refuse("taker", t("This waits for the network. Nothing is lost."));
  if (!badge) return refuse("taker", t("Scan the badge first."));
  const answer = await post(`${steps()}/hand-over`, { note, badge, pin, unsent: counts });
  if (!isDone(answer)) return refuse("taker", words(answer.data));
  await forget(); // the steps of the last person are nothing to the next one
  location.reload();
}

document.addEventListener("click", ({ target }) => {
  const key = target.closest("#taker [data-key]");
  if (key) digits.type(key.dataset.key);
});
document.addEventListener("scan", ({ detail: { code, kind } }) => {
  if (kind !== "badge" || !isOpen()) return;
  open("taker");
  byId("taker-badge").value = code.replace(/^USR:/, "");
});
