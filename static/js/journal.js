// The journal of this tablet: every recorded act is written here first, then sent, in order, until the server has it.
// Append-only: an entry is never changed; its answer is a second row, and that somebody saw a refusal a third.
// What was refused stops what was recorded after it in the same batch, until somebody has seen it and decided.
// Credentials never come here.

import { post, uuid } from "./api.js";

const PATIENCE = [1000, 2000, 4000, 8000, 16000, 30000];
const FINAL = (status) => status >= 200 && status < 500 && ![401, 408, 425, 429].includes(status);
const STORES = { entries: { keyPath: "seq", autoIncrement: true }, answers: { keyPath: "id" }, seen: { keyPath: "id" }, files: { keyPath: "id" } };
const opened = open();
let sending = false, more = false, underWay = false;
let failures = 0, retry = null;

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("baton-journal", 3);
    request.onupgradeneeded = () => {
      const missing = Object.entries(STORES).filter(([name]) => !request.result.objectStoreNames.contains(name));
      missing.forEach(([name, options]) => request.result.createObjectStore(name, options));
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

const all = (name) => inStore(name, "readonly", (store) => store.getAll());
const put = (name, row) => inStore(name, "readwrite", (store) => store.put({ ...row, at: new Date().toISOString() }));
const ids = (rows) => new Set(rows.map(({ id }) => id));

export async function waiting() {
  const [entries, answers] = await Promise.all([all("entries"), all("answers")]);
  const known = ids(answers);
  return entries.filter(({ id }) => !known.has(id));
}

// Those whose entries are on this tablet only.
export const owners = async () => [...new Set((await waiting()).map(({ user }) => user))];

// What the server refused and this person has not seen yet.
export async function refusals(user) {
  const [entries, answers, seen] = await Promise.all([all("entries"), all("answers"), all("seen")]);
  const known = ids(seen), given = new Map(answers.map((answer) => [answer.id, answer]));
  const refused = entries.filter(({ id, user: by }) => by === user && given.get(id)?.status >= 300 && !known.has(id));
  return refused.map((entry) => ({ entry, data: given.get(entry.id).data ?? {} }));
}

export async function see(id) {
  await put("seen", { id });
  await letGo(id);
  flush();
}

// What a photo is made of stands beside its entry until the server has it, or somebody saw that it was refused.
const fileOf = async ({ id }) => (await inStore("files", "readonly", (store) => store.get(id)))?.content;
export const letGo = (id) => inStore("files", "readwrite", (store) => store.delete(id));
export const filesOf = async (entries) => (await Promise.all(entries.map(fileOf))).filter(Boolean); // one may have gone meanwhile
// A photo of what is not recorded yet stands there too, with whose it is.
export const putAside = (photo) => put("files", photo);
export const setAside = async (user) => (await all("files")).filter((file) => file.owner && file.user === user);
const whole = async (entry) => (entry.file ? { ...entry.body, content: await fileOf(entry) } : entry.body);

// What this person recorded in the batch after something that was refused: nobody has sent it yet.
export async function after({ batch, seq, user }) {
  return (await waiting()).filter((each) => each.batch === batch && each.user === user && each.seq > seq);
}

// A person decided that it shall not be recorded. It stays here, and is not sent.
export const withdraw = (id) => put("answers", { id, withdrawn: true });

// Write first, then send. Resolves when the entry is safe on this tablet; "acked" or "refused" is told as an event.
// `where` says of which step and batch it is, and for how long the tablet had had no network (`apart`).
export async function record(url, body, user, where, content) {
  const id = body.id ?? uuid();
  if (content) await put("files", { id, content });
  await put("entries", { id, url, body, user, about: document.title, file: Boolean(content), ...where });
  tell("kept");
  flush();
  return id;
}

// Whoever asks while something is being sent is heard when that is done: what was added meanwhile goes too.
export async function flush() {
  more = true;
  if (sending) return;
  sending = true;
  try {
    while (more) {
      more = false;
      await send();
    }
  } finally {
    sending = false;
  }
}

async function send() {
  const user = document.getElementById("run")?.dataset.user;
  const stopped = new Set((await refusals(user)).map(({ entry }) => entry.batch));
  for (const entry of await waiting()) {
    if (entry.user !== user || stopped.has(entry.batch)) continue; // another person's entry waits for that person
    underWay = true;
    const { status, data } = await post(entry.url, await whole(entry), entry.id, clocks(entry));
    underWay = false;
    if (!FINAL(status)) return later(status);
    failures = 0;
    const isRefused = status >= 300;
    await put("answers", { id: entry.id, status, ...(isRefused && { data }) });
    if (isRefused) stopped.add(entry.batch);
    if (entry.file && !isRefused) await letGo(entry.id);
    tell(isRefused ? "refused" : "acked", { entry, status, data });
  }
}

// Both clocks go with it: this tablet's times of day, and what counted the seconds without network.
function clocks({ at, apart }) {
  return { "Device-Captured": at, ...(apart && { "Device-Apart": apart.seconds, "Device-Steps": apart.steps }) };
}

async function later(status) {
  tell(status === 401 ? "locked" : "offline", { count: (await waiting()).length });
  clearTimeout(retry);
  if (status !== 401) retry = setTimeout(flush, PATIENCE[Math.min(failures++, PATIENCE.length - 1)]);
}

addEventListener("online", flush);
addEventListener("beforeunload", (event) => { if (underWay) event.preventDefault(); });
