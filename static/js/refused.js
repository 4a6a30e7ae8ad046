// What the server refused is said at once, or, where it had to wait for the network, stands on the screen until somebody
// has seen it: after a reload as before it.

import { words } from "./api.js";
import { run } from "./here.js";
import { after, refusals, see, withdraw } from "./journal.js";
import { said } from "./kept.js";
import { attend, byId, open, stop } from "./sheets.js";
import { t } from "./words.js";

const AT_ONCE = 10_000;
const isOfNow = ({ at }) => Date.parse(at) > Math.max(performance.timeOrigin, Date.now() - AT_ONCE);
const isConflict = ({ data }) => Boolean(data.details?.record);
const isWrongBag = ({ data }) => data.code === "wrong_bag";
const mine = () => refusals(run().dataset.user);

export async function refused(refusal) {
  const { entry, data } = refusal;
  if (isWrongBag(refusal) || !isOfNow(entry)) return showRefused();
  attend(words(data));
  await see(entry.id);
}

export async function showRefused() {
  if (byId("lock").open) return; // whoever unlocks sees it
  const found = await mine(), wrong = found.find(isWrongBag);
  if (wrong) return stop({ ...wrong.data.details, scanned: wrong.entry.body.code, message: wrong.data.message });
  if (!found.length) return;
  if (isConflict(found[0])) return import("./conflict.js").then(({ showConflict }) => showConflict(found[0]), () => null); // again when the network is back
  const followers = await after(found[0].entry);
  byId("refused-list").replaceChildren(line(found[0]), ...followers.map(follower));
  byId("refused").querySelector("[data-refused-alone]").hidden = !followers.length;
  open("refused");
}

// The answer to the one sheet that is open: the wrong bag, or the first that was refused and what waits behind it.
export async function seen(withFollowers = true) {
  const wrong = byId("stop").open, [first] = (await mine()).filter((each) => isWrongBag(each) === wrong);
  for (const id of ["stop", "refused"]) byId(id).close();
  if (!first) return;
  if (!withFollowers) await Promise.all((await after(first.entry)).map(({ id }) => withdraw(id)));
  await see(first.entry.id);
  await showRefused();
}

document.addEventListener("close", ({ target }) => { if (target.id === "lock") showRefused(); }, true);

function item(entry, rest) {
  const { about, at } = entry, what = document.createElement("strong"), line = document.createElement("li");
  what.textContent = said(entry);
  line.append(what, ` (${about}, ${new Date(at).toLocaleTimeString("en-GB")})${rest}`);
  return line;
}

const line = ({ entry, data }) => item(entry, `: ${words(data)}`);
const follower = (entry) => item(entry, `: ${t("Not sent yet: it was recorded after that.")}`);
