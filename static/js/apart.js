// Without network the step goes on: what is kept is said, and its next value is asked for.

import { post } from "./api.js";
import { find, run, steps } from "./here.js";
import { forget } from "./install.js";
import { waiting } from "./journal.js";
import { flash } from "./sheets.js";

const clock = (moment) => new Date(moment).toLocaleTimeString("en-GB");

// The values of this step that are on this tablet only.
export async function kept() {
  const entries = await waiting();
  return entries.filter(({ url, user }) => url === `${steps()}/entries` && user === run().dataset.user).map(({ body }) => body);
}

// Puts the next value that is not kept yet in the place of one that is. True when the screen has changed.
export async function goOn() {
  const names = (await kept()).map(({ name }) => name), shown = find("[data-reading][data-name]");
  if (!shown || !names.includes(shown.dataset.name)) return false;
  const next = [...run().querySelectorAll("template[data-value]")].find((each) => !names.includes(each.dataset.value));
  const { content, dataset } = next ?? find("template[data-all-kept]");
  shown.replaceWith(content.querySelector("[data-reading]").cloneNode(true));
  find(".run-pad").replaceWith(content.querySelector(".run-pad").cloneNode(true));
  for (const line of run().querySelectorAll("[data-to-do]")) line.hidden ||= names.includes(line.dataset.toDo) || line.dataset.toDo === next?.dataset.value;
  Object.assign(find("[data-primary]"), { textContent: dataset.button, ariaDisabled: String(!next) });
  return true;
}

export async function standing() {
  const values = (await kept()).map(({ name, value, unit }) => `${name} ${value} ${unit ?? ""}`.trim());
  const { asOf } = run().dataset;
  const parts = [asOf && `No network. The page is of ${clock(asOf)}`, values.length && `${values.length} on this tablet: ${values.join(", ")}`];
  return parts.filter(Boolean).join(" · ");
}

// Signing out leaves nothing behind: no entry that is not sent, and no page of a patient.
export async function leave() {
  const left = (await waiting()).length;
  if (left) return flash(`${left} entries are only on this tablet. Keep it on and near Wi-Fi.`, "attention");
  await forget();
  await post("/sign-out/", {});
  location.assign(run().dataset.signIn);
}
