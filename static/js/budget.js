// How long this tablet may go on without network: so many minutes or steps as the recipe says. The chip on the banner counts.

import { waiting } from "./journal.js";
import { isApart, minutesWrong, secondsApart } from "./network.js";
import { t } from "./words.js";

const LAST = 5 * 60; // seconds in which what is left is shown
const two = (number) => String(Math.floor(number)).padStart(2, "0");
const shown = (seconds) => `${two(seconds / 60)}:${two(seconds % 60)}`;
const step = () => document.getElementById("run").dataset;
const secondsLeft = () => Number(step().offlineMinutes ?? 0) * 60 - secondsApart();

async function stepsApart() {
  const entries = await waiting();
  return new Set([...entries.filter(({ apart }) => apart).map(({ step }) => step), step().step]);
}

// What goes with an entry that is captured now, for the server to judge.
export const capture = async () => (isApart() ? { seconds: secondsApart(), steps: (await stepsApart()).size } : null);

// A wrong bag was scanned in this batch and the server has not heard of it.
export const isStopped = async () => (await waiting()).some(({ wrong }) => wrong === step().batch);

// Why nothing is taken for the record now; empty when it is.
export async function refusal() {
  const { onlineOnly, offlineSteps } = step();
  if (!isApart()) return "";
  if (await isStopped()) return t("Wrong bag: nothing is recorded in this batch before the network is back.");
  if (onlineOnly !== undefined) return t("This step is done with network only. Wait until it is back.");
  if (secondsLeft() <= 0 || (await stepsApart()).size > Number(offlineSteps ?? 0)) return t("Without network for too long: call the supervisor.");
  return "";
}

function words() {
  const left = secondsLeft(), wrong = minutesWrong(), parts = [];
  if (isApart()) parts.push(t("Offline {time}", { time: shown(secondsApart()) }));
  if (isApart() && left <= LAST) parts.push(left > 0 ? t("{time} left", { time: shown(left) }) : t("call the supervisor"));
  if (wrong) parts.push(wrong > 0 ? t("Clock {minutes} min slow", { minutes: wrong }) : t("Clock {minutes} min fast", { minutes: -wrong }));
  return parts.join(" · ");
}

let wasSpent = false;

export function showChip() {
  const isSpent = isApart() && secondsLeft() <= 0;
  if (isSpent !== wasSpent) document.dispatchEvent(new CustomEvent("spent"));
  wasSpent = isSpent;

  const chip = document.querySelector("[data-connection]"), text = words();
  chip.hidden = !text;
  chip.querySelector("span").textContent = text;
  chip.toggleAttribute("data-apart", isApart());
  chip.toggleAttribute("data-wrong", Boolean(minutesWrong()));
}

setInterval(showChip, 1000);
