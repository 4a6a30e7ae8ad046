// The journal of this tablet: every recorded act is written here first, then sent, in order, until the server has it.
// Append-only: an entry is never changed; its answer is a second row. Credentials never come here.

import { post, uuid } from "./api.js";

const PATIENCE = [1000, 2000, 4000, 8000, 16000, 30000];
const FINAL = (status) => status >= 200 && status < 500 && ![401, 408, 425, 429].includes(status);
const opened = open();
let sending = null;
let failures = 0;

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("baton-journal", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("entries", { keyPath: "seq", autoIncrement: true });
      request.result.createObjectStore("answers", { keyPath: "id" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function inStore(name, mode, act) {
  const store = await opened;
  return new Promise((resolve, reject) => {
    const transaction = store.transaction(name, mode, { durability: "strict" });
    const request = act(transaction.objectStore(name));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = () => reject(transaction.error);
  });
}

const tell = (state, detail = {}) => document.dispatchEvent(new CustomEvent("journal", { detail: { state, ...detail } }));

export async function waiting() {
  const [entries, answered] = await Promise.all([
    inStore("entries", "readonly", (store) => store.getAll()),
    inStore("answers", "readonly", (store) => store.getAllKeys()),
  ]);
  const known = new Set(answered);
  return entries.filter((entry) => !known.has(entry.id));
}

// Write first, then send. Resolves when the entry is safe on this tablet; "acked" or "refused" is told as an event.
export async function record(url, body, user) {
  const id = body.id ?? uuid();
  await inStore("entries", "readwrite", (store) => store.add({ id, url, body, user, at: new Date().toISOString() }));
  tell("kept");
  flush();
  return id;
}

export function flush() {
  sending ??= send().finally(() => { sending = null; });
  return sending;
}

async function send() {
  const user = document.getElementById("run")?.dataset.user;
  for (const entry of await waiting()) {
    if (entry.user !== user) continue; // another person's entry waits for that person
    const { status, data } = await post(entry.url, entry.body, entry.id);
    if (!FINAL(status)) return later(status);
    failures = 0;
    await inStore("answers", "readwrite", (store) => store.put({ id: entry.id, status, at: new Date().toISOString() }));
    tell(status < 300 ? "acked" : "refused", { entry, status, data });
  }
}

async function later(status) {
  tell(status === 401 ? "locked" : "offline", { count: (await waiting()).length });
  if (status !== 401) setTimeout(flush, PATIENCE[Math.min(failures++, PATIENCE.length - 1)]);
}

addEventListener("online", flush);
addEventListener("beforeunload", (event) => { if (sending) event.preventDefault(); });
