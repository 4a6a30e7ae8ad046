// Command cards: laminated codes at the bench, for hands that are in the cabinet. A card presses a button and no more: it can never
// sign, for a signature takes a PIN, a password or a passkey. And the wipe lock, which has a card and a button: for half a minute
// neither touch nor key nor scan does anything, so that the screen can be wiped.

import { attend, byId, open } from "./sheets.js";
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

const SECONDS = 30;
let left = 0;

function wipe() {
  if (left) return;
  left = SECONDS;
  cover();
  const tick = setInterval(() => {
    left -= 1;
    cover();
    if (left) return;
    clearInterval(tick);
    byId("wipe").close();
  }, 1000);
}

// Also over a page that came anew meanwhile.
export function cover() {
  if (!left) return;
  open("wipe");
  document.querySelector("[data-wipe-left]").textContent = left;
}

document.addEventListener("click", (event) => event.target.closest("[data-wipe]") && wipe());
document.addEventListener("keydown", (event) => {
  if (!left) return;
  event.preventDefault();
  event.stopPropagation();
}, true);
