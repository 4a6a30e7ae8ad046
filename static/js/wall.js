// The wall screen asks again every few seconds. What it cannot confirm it greys out: a stale number is never shown as live.

const EVERY = 5000, PATIENCE = 4000;
let seen = new Date();

const wall = () => document.getElementById("wall");
const state = (words, stale) => {
  document.querySelector("[data-wall-state]").textContent = words;
  document.body.toggleAttribute("data-stale", stale);
};

async function look() {
  const answer = await fetch(location.pathname, { headers: { Accept: "text/html" }, redirect: "error", signal: AbortSignal.timeout(PATIENCE) }).catch(() => null);
  const page = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page && page.getElementById("wall");
  if (fresh) {
    wall().replaceWith(document.importNode(fresh, true));
    seen = new Date();
    state(page.querySelector("[data-wall-state]").textContent, false);
  } else state(`Not live since ${seen.toLocaleTimeString("en-GB")}. ${answer ? "Sign in again." : "The server does not answer."}`, true);
  setTimeout(look, EVERY);
}

setTimeout(look, EVERY);
