// In the place of a value: that it does not apply. Beside a value: that it was done earlier, by the clock of the site.

import { uuid } from "./api.js";
import { entry } from "./acts.js";
import { find, keep } from "./here.js";
import { byId } from "./sheets.js";
import { t } from "./words.js";

const display = () => find("[data-time]");
const digits = () => display().textContent.replace(":", "");
const words = (id) => byId(id).value.trim();
const isTime = (text) => /^([01]\d|2[0-3])[0-5]\d$/.test(text);

function refuse(sheet, text) {
  const refusal = byId(sheet).querySelector("[data-refusal]");
  Object.assign(refusal, { hidden: !text, textContent: text });
  if (!text) byId(sheet).close();
  return text;
}

export function typeTime(key) {
  const time = key === "back" ? digits().slice(0, -1) : (digits() + key).slice(0, 4);
  display().textContent = time.length > 2 ? `${time.slice(0, 2)}:${time.slice(2)}` : time;
}

export function leftOut() {
  const reason = words("left-out-words");
  if (refuse("left-out", reason ? "" : t("Say why it does not apply."))) return null;
  return keep("not-applicable", { id: uuid(), name: find("[data-reading]").dataset.name, reason });
}

// The server says whether that is late; then it asks for the reason, so it is always asked for here.
export function earlier() {
  const reason = words("earlier-words");
  if (refuse("earlier", !isTime(digits()) ? t("Type the time with four digits, as 0930.") : reason ? "" : t("Say why it is recorded only now."))) return null;
  return entry({ performed_at: display().textContent, reason, form: byId("earlier-form")?.value ?? "" });
}
