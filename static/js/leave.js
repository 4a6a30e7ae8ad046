// Signing out leaves nothing behind: no entry that is not sent, nothing of a deviation that was not recorded, and no page of a patient.
// Fetched when somebody signs out: without network nobody can.

import { post } from "./api.js";
import { forgetEvidence } from "./evidence.js";
import { run } from "./here.js";
import { forget } from "./install.js";
import { waiting } from "./journal.js";
import { flash } from "./sheets.js";
import { t } from "./words.js";

export async function leave() {
  const left = (await waiting()).length;
  if (left) return flash(t("Entries only on this tablet: {count}. Keep it on and near Wi-Fi.", { count: left }), "attention");
  await Promise.all([forget(), forgetEvidence()]);
  await post("/sign-out/", {});
  location.assign(run().dataset.signIn);
}
