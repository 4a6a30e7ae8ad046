// The alarm strip: asks the server again every few seconds, sounds for a priority 1 nobody has acknowledged, and says
// so when the server does not answer. The page shows the strip; this only keeps it current.

import { play } from "./sound.js";
import { lookAt } from "./touch.js";
import { t } from "./words.js";

const EVERY = 5000, AGAIN = 7000;
let reached = new Date(), missed = 0, sounded = { id: "", at: -AGAIN };

const place = () => document.querySelector("[data-alarms]");

function sound() {
  const id = place()?.querySelector("[data-sound]")?.dataset.sound;
  if (id && (id !== sounded.id || performance.now() - sounded.at >= AGAIN)) {
    play("alarm");
    sounded = { id, at: performance.now() };
  }
}

function silent() {
  const words = document.createElement("p");
  words.className = "alarm-silent";
  words.textContent = t("This tablet gets no alarms since {time}. Watch the room display.", { time: reached.toLocaleTimeString("en-GB") });
  if (place().querySelector(".alarm-silent")) return;
  place().prepend(words);
  play("attention");
}

async function look() {
  const here = place();
  const answer = here && await lookAt(here.dataset.alarms);
  if (answer?.isOk) {
    const text = answer.text.trim();
    missed = 0;
    reached = new Date();
    if (place() && (text !== place().dataset.shown || place().querySelector(".alarm-silent"))) {
      const had = place().contains(document.activeElement);
      place().innerHTML = text;
      place().dataset.shown = text;
      if (had) place().querySelector("a")?.focus();
    }
  } else if (here && ++missed > 1) silent();
  sound();
  setTimeout(look, EVERY);
}

setTimeout(look, EVERY);
addEventListener("pointerdown", () => setTimeout(sound, 100), { once: true, passive: true });
