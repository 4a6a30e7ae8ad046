// Calls a supervisor to the step and says who comes; holds the batch. Without network both wait in the journal.

import { batches, keepAnyway, recorded, run, say, steps } from "./here.js";
import { waiting } from "./journal.js";
import { byId } from "./sheets.js";
import { lookAt } from "./touch.js";
import { t } from "./words.js";

const EVERY = 5000;
const line = () => run().querySelector("[data-call]");

export function call() {
  const reason = recorded("call-reason", byId("call-words").value.trim());
  byId("call").close();
  return keepAnyway("calls", { reason });
}

// Whoever sees a danger to the cells stops at once: a hold takes a reason and no signature.
export const hold = (reason) => (reason ? keepAnyway("commands", { command: "HOLD", reason }, {}, batches()) : say(t("Say why, in your words.")));

export function unneeded() {
  byId("call").close();
  return line() && keepAnyway(`${line().dataset.call}/withdraw`, {}, {}, "/api/v1/calls");
}

// A call that is only on this tablet: nobody has been told yet.
export const callWaits = async () => (await waiting()).some(({ url }) => url === `${steps()}/calls`);

// Who comes is looked up on the page itself, in its language; nothing else on the screen moves.
async function look() {
  const answer = line() && await lookAt(location.pathname);
  const page = answer?.isOk && new DOMParser().parseFromString(answer.text, "text/html");
  if (page && page.getElementById("run")?.dataset.step === run().dataset.step) renew(page.querySelector("[data-call]"));
  setTimeout(look, EVERY);
}

function renew(fresh) {
  if (!fresh) line()?.remove();
  else if (line() && line().textContent !== fresh.textContent) line().textContent = fresh.textContent;
}

setTimeout(look, EVERY);
