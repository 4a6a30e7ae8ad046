// Keeps the steps somebody looked at, the ones ahead and what they are drawn with, so that a tablet without network still shows
// its step. What a server answers always comes first; a kept page is for reading and for going on with the journal.

const PAGES = "pages", PARTS = "parts";
const PATIENCE = 8000;
const NOBODY = 86400; // seconds since somebody touched the tablet: a page fetched ahead is not its person
const HASHED = /\.[0-9a-f]{12}\.\w+$/;
const APART = "/no-network/", KEPT_AT = "X-Kept-At";

addEventListener("install", (event) => {
  skipWaiting();
  event.waitUntil(caches.open(PARTS).then((cache) => cache.add(APART)));
});
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

async function keep(name, request, answer) {
  if (answer.ok && !answer.redirected && answer.type === "basic") {
    const headers = new Headers(answer.headers);
    headers.set(KEPT_AT, Date.now());
    await (await caches.open(name)).put(request, new Response(await answer.clone().blob(), { headers }));
  }
  return answer;
}

async function part(request) {
  const known = await caches.match(request);
  if (known && HASHED.test(request.url)) return known;
  return fetch(request).then((answer) => keep(PARTS, request, answer)).catch(() => known ?? Response.error());
}

// The time the server gave the page is written into it: the page says that it is not of now. So is its age, by this tablet's
// clock alone: a timer on it goes on from there.
async function asOf(answer) {
  const of = new Date(answer.headers.get("date")).toISOString(), age = Date.now() - answer.headers.get(KEPT_AT);
  const text = (await answer.text()).replace('id="run"', `id="run" data-as-of="${of}" data-age="${age}"`);
  return new Response(text, { headers: { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": answer.headers.get("Content-Security-Policy") ?? "" } });
}

// The page without network speaks as the person does: it is fetched anew where a page came in another language.
async function speakLike(answer) {
  const spoken = (page) => page?.headers.get("Content-Language");
  if (spoken(answer) === spoken(await caches.match(APART))) return;
  await fetch(APART, { headers: { "X-Idle": NOBODY } }).then((page) => keep(PARTS, APART, page)).catch(() => null);
}

async function visit(request, isStep) {
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
    speakLike(answer);
    return isStep ? await keep(PAGES, request.url, answer) : answer;
  } catch {
    const known = isStep && await caches.match(request.url);
    return known ? asOf(known) : await caches.match(APART) ?? Response.error();
  }
}

addEventListener("fetch", (event) => {
  const { request } = event, { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  const isStep = /^\/steps\/[^/]+\/$/.test(pathname);
  if (pathname.startsWith("/static/")) event.respondWith(part(request));
  else if (request.mode === "navigate") event.respondWith(visit(request, isStep));
  else if (isStep) event.respondWith(fetch(request).then((answer) => keep(PAGES, request.url, answer)));
});

addEventListener("message", ({ data }) => {
  for (const url of data.ahead ?? []) {
    const request = new Request(url, { headers: { Accept: "text/html", "X-Idle": NOBODY } });
    fetch(request).then((answer) => keep(PAGES, request.url, answer)).catch(() => null);
  }
});
