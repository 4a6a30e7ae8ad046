// Is the server there? Asked every few seconds while somebody looks at the page: two misses, and the tablet is without network;
// one answer, and it is back. What the browser says of itself (online, offline) only makes it ask at once.
//
// How long there has been no network is counted by the clock nobody can set, and by the time of day where that says more (a
// tablet that slept). It goes on over a reload. The answer's date also tells how wrong the clock of this tablet is.

const EVERY = 5000, AGAIN = 1000, PATIENCE = 2000, MISSES = 2;
const WRONG = 60_000; // milliseconds
const KEPT = "baton-apart"; // times only, nothing of a person

const moment = () => ({ steady: performance.now(), wall: Date.now() });
const since = ({ steady, wall }) => Math.max(performance.now() - steady, Date.now() - wall) / 1000;

let heard = moment(), before = 0, apart = false, missed = 0, skew = 0, next = null;

const known = JSON.parse(localStorage.getItem(KEPT) ?? "null");
if (known) {
  apart = true;
  before = known.seconds + Math.max(0, (Date.now() - known.at) / 1000);
}

export const isApart = () => apart;
export const secondsApart = () => (apart ? Math.floor(before + since(heard)) : 0);
export const serverTime = (at = Date.now()) => new Date(at + skew);
export const minutesWrong = () => (Math.abs(skew) > WRONG ? Math.round(skew / 60_000) : 0);

const tell = () => document.dispatchEvent(new CustomEvent("network"));

function answered(answer) {
  const was = apart;
  skew = Date.parse(answer.headers.get("date")) - Date.now();
  heard = moment();
  missed = before = 0;
  apart = false;
  localStorage.removeItem(KEPT);
  if (was) tell();
}

function silent() {
  missed += 1;
  if (missed < MISSES) return;
  const began = !apart;
  apart = true;
  localStorage.setItem(KEPT, JSON.stringify({ seconds: secondsApart(), at: Date.now() }));
  if (began) tell();
}

export async function ask() {
  clearTimeout(next);
  if (document.hidden) return;
  const answer = await fetch("/alive", { cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(PATIENCE) }).catch(() => null);
  if (answer?.ok) answered(answer);
  else silent();
  clearTimeout(next);
  next = setTimeout(ask, missed === 1 ? AGAIN : EVERY);
}

for (const kind of ["online", "offline"]) addEventListener(kind, ask);
document.addEventListener("visibilitychange", () => {
  if (!apart) heard = moment(); // nobody asked meanwhile: that is no loss of the network
  ask();
});
ask();
