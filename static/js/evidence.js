// The words and photos of a deviation that is not recorded yet. They wait on this tablet, over a reload too, for whoever wrote and
// took them: nothing is sent of a deviation that nobody recorded.

import { isDone, post, words } from "./api.js";
import { keep, notKept, run, steps } from "./here.js";
import { letGo, putAside, setAside } from "./journal.js";
import { bodyOf, take, thumb } from "./photos.js";
import { byId, flash } from "./sheets.js";

let sent = []; // of a deviation that was refused after its photos had gone

const draft = (step, user, exceptions) => `baton-words:${step}:${user}:${exceptions}`;
const here = () => draft(run().dataset.step, run().dataset.user, run().querySelector("[data-out]")?.dataset.exceptions);

const mine = async () => (await setAside(run().dataset.user)).filter(({ owner }) => owner === steps());

function add() {
  const owner = steps(), { user } = run().dataset;
  take(async ({ content, sha256 }) => {
    const body = bodyOf({ sha256 }, {});
    const result = await putAside({ id: body.id, owner, user, body, content }).catch(notKept);
    if (result?.say) flash(result.say, "attention");
    show();
  });
}

async function show() {
  const photos = await mine();
  run().querySelectorAll("[data-evidence] img").forEach((each) => each.remove());
  run().querySelector("[data-evidence]").append(...photos.map(({ content }) => thumb(content)));
}

// They go before it: beside a signature at once, else in the journal as it does. Their ids, or {say} why not.
export async function sendEvidence(now) {
  for (const { owner, content, body } of await mine()) {
    const answer = now ? await post(`${owner}/photos`, { ...body, content }, body.id) : await keep("photos", body, owner, content);
    if (answer?.say) return answer;
    if (now && !isDone(answer)) return { say: words(answer.data) };
    if (now) await letGo(body.id); // what is kept to be sent is no longer set aside
    sent.push({ owner, id: body.id });
  }
  return sent.filter(({ owner }) => owner === steps()).map(({ id }) => id);
}

export function evidenceUsed(isRecorded) {
  sent = [];
  if (isRecorded) localStorage.removeItem(here()); // else when it is: a refusal leaves the words
}

export async function forgetEvidence() {
  const { user } = run().dataset, own = (key) => key.startsWith("baton-words:") && key.split(":")[2] === user;
  Object.keys(localStorage).filter(own).forEach((key) => localStorage.removeItem(key));
  await Promise.all((await setAside(user)).map(({ id }) => letGo(id)));
}

document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-evidence]")) add();
  else if (target.closest("[data-open=deviation]")) {
    byId("deviation-words").value ||= localStorage.getItem(here()) ?? "";
    show();
  }
});
document.addEventListener("input", ({ target }) => { if (target.id === "deviation-words") localStorage.setItem(here(), target.value); });
document.addEventListener("journal", ({ detail: { state, entry } }) => {
  if (state === "acked" && entry.url.endsWith("/deviations")) localStorage.removeItem(draft(entry.step, entry.user, entry.body.exceptions));
});
