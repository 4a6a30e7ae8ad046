// Keeps the steps somebody looked at, the ones ahead and what they are drawn with, so that a tablet without network still shows
// its step. What a server answers always comes first; a kept page is for reading and for going on with the journal.

const PAGES = "pages", PARTS = "parts";
const PATIENCE = 8000;
const NOBODY = 86400; // seconds since somebody touched the tablet: a page fetched ahead is not its person
const HASHED = /\.[0-9a-f]{12}\.\w+$/;
const APART = "/no-network/", KEPT_AT = "X-Kept-At";

addEventListener("install", (event) => {
  skipWaiting();
  event.addRoutes?.({ condition: { requestMethod: "POST" }, source: "network" }); // what is recorded goes past the worker
  event.waitUntil(caches.open(PARTS).then((cache) => cache.add(APART)));
});
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

async function keep(name, request, answer) {
  if (!answer.ok || answer.redirected || answer.type !== "basic") return;
  const headers = new Headers(answer.headers);
  headers.set(KEPT_AT, Date.now());
  await (await caches.open(name)).put(request, new Response(await answer.blob(), { headers }));
}

// Whoever waits for the answer has it at once; it is written down beside that.
function given(event, name, answer) {
  event.waitUntil(keep(name, event.request.url, answer.clone()).catch(() => null));
  return answer;
}

async function part(event) {
  const { request } = event, known = await caches.match(request);
  if (known && HASHED.test(request.url)) return known;
  return fetch(request).then((answer) => given(event, PARTS, answer)).catch(() => known ?? Response.error());
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

async function visit(event, isStep) {
  const { request } = event;
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
    speakLike(answer);
    return isStep ? given(event, PAGES, answer) : answer;
  } catch {
    const known = isStep && await caches.match(request.url);
    return known ? asOf(known) : await caches.match(APART) ?? Response.error();
  }
}

addEventListener("fetch", (event) => {
  const { request } = event, { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  const isStep = /^\/steps\/[^/]+\/$/.test(pathname);
  if (pathname.startsWith("/static/")) event.respondWith(part(event));
  else if (request.mode === "navigate") event.respondWith(visit(event, isStep));
  else if (isStep) event.respondWith(fetch(request).then((answer) => given(event, PAGES, answer)));
});

// One after the other, and no more of them once another step is on the screen.
let asked = 0;

async function goAhead(urls) {
  const turn = ++asked;
  for (const url of urls) {
    if (turn !== asked) return;
    const answer = await fetch(url, { headers: { Accept: "text/html", "X-Idle": NOBODY } }).catch(() => null);
    if (answer) await keep(PAGES, url, answer).catch(() => null);
  }
}

addEventListener("message", (event) => event.waitUntil(goAhead(event.data.ahead ?? [])));
