// Command cards: laminated codes at the bench, for hands that are in the cabinet. A card presses a button and no more: it can never
// sign, for a signature takes a PIN, a password or a passkey.

import { attend, open } from "./sheets.js";
import { wipe } from "./wipe.js";
import { t } from "./words.js";

const CARDS = {
  "CMD:NEXT": () => document.querySelector(".run-foot .run-primary").click(),
  "CMD:WIPE": wipe,
  "CMD:PHOTO": () => document.dispatchEvent(new CustomEvent("photo")),
  "CMD:HELP": () => open("call"),
};

export function obey(code) {
  if (Object.hasOwn(CARDS, code)) CARDS[code]();
  else attend(t("“{code}” is not a command card. Nothing was done.", { code }));
}
