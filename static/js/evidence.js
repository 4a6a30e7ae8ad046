// The words and photos of a deviation that is not recorded yet. They wait on this tablet, over a reload too, for whoever wrote and
// took them: nothing is sent of a deviation that nobody recorded.
// Fetched with a step that needs one.

import { isDone, post, words } from "./api.js";
import { batches, find, keep, notKept, run, say, steps } from "./here.js";
import { letGo, putAside, setAside } from "./journal.js";
import { isApart } from "./network.js";
import { bodyOf, take, thumb } from "./photos.js";
import { byId, flash } from "./sheets.js";
import { ask } from "./sign.js";
import { t } from "./words.js";

let sent = []; // of a deviation that was refused after its photos had gone

const draft = (step, user, exceptions) => `baton-words:${step}:${user}:${exceptions}`;
const here = () => draft(run().dataset.step, run().dataset.user, run().querySelector("[data-out]")?.dataset.exceptions);

const mine = async () => (await setAside(run().dataset.user)).filter(({ owner }) => owner === steps());

export function add() {
  const owner = steps(), { user } = run().dataset;
  take(async ({ content, sha256 }) => {
    const body = bodyOf({ sha256 }, {});
    const result = await putAside({ id: body.id, owner, user, body, content }).catch(notKept);
    if (result?.say) flash(result.say, "attention");
    show();
  });
}

export async function show() {
  const said = byId("deviation-words");
  said.value ||= localStorage.getItem(here()) ?? "";
  if (said.value) localStorage.setItem(here(), said.value); // typed while this was fetched
  const photos = await mine();
  run().querySelectorAll("[data-evidence] img").forEach((each) => each.remove());
  run().querySelector("[data-evidence]").append(...photos.map(({ content }) => thumb(content)));
}

export async function deviation(reason) {
  const out = find("[data-out]").dataset;
  if (!reason) return say(t("Choose or write the reason."));
  const exceptions = out.exceptions.split(",").filter(Boolean);
  if (isApart()) return say(t("This waits for the network. What you typed stays."));
  const photos = await sendPhotos("second" in out);
  if (photos.say) return photos;
  const body = { title: out.title, description: reason, severity: out.severity, exceptions, step: run().dataset.step, photos };
  const countersigned = (credential) => ({ ...body, second_person: credential });
  const signing = { title: t("Second person signs"), meaning: reason, second: true, full: true, url: `${batches()}/deviations`, body: countersigned };
  const recorded = await ("second" in out ? ask(signing) : keep("deviations", body, batches()));
  if (recorded && !recorded.say) used("second" in out);
  return recorded;
}

// They go before it: beside a signature at once, else in the journal as it does. Their ids, or {say} why not.
async function sendPhotos(now) {
  for (const { owner, content, body } of await mine()) {
    const answer = now ? await post(`${owner}/photos`, { ...body, content }, body.id) : await keep("photos", body, owner, content);
    if (answer?.say) return answer;
    if (now && !isDone(answer)) return { say: words(answer.data) };
    if (now) await letGo(body.id); // what is kept to be sent is no longer set aside
    sent.push({ owner, id: body.id });
  }
  return sent.filter(({ owner }) => owner === steps()).map(({ id }) => id);
}

function used(isRecorded) {
  sent = [];
  if (isRecorded) localStorage.removeItem(here()); // else when it is: a refusal leaves the words
}

export async function forgetEvidence() {
  const { user } = run().dataset, own = (key) => key.startsWith("baton-words:") && key.split(":")[2] === user;
  Object.keys(localStorage).filter(own).forEach((key) => localStorage.removeItem(key));
  await Promise.all((await setAside(user)).map(({ id }) => letGo(id)));
}

document.addEventListener("input", ({ target }) => { if (target.id === "deviation-words") localStorage.setItem(here(), target.value); });
document.addEventListener("journal", ({ detail: { state, entry } }) => {
  if (state === "acked" && entry.url.endsWith("/deviations")) localStorage.removeItem(draft(entry.step, entry.user, entry.body.exceptions));
});
