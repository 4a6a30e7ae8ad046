// The journal of this tablet: every recorded act is written here first, then sent, in order, until the server has it.
// What was refused stops what was recorded after it in the same batch, until somebody has seen it and decided.
// Credentials never come here.

import { post, uuid } from "./api.js";
import { add, file, files, isRefusal, letGo, markSeen, putFile, settle, unsettled } from "./store.js";

const PATIENCE = [1000, 2000, 4000, 8000, 16000, 30000];
const FINAL = (status) => status >= 200 && status < 500 && ![401, 408, 425, 429].includes(status);
let sending = false, more = false, underWay = false;
let failures = 0, retry = null;

export const tell = (state, detail = {}) => document.dispatchEvent(new CustomEvent("journal", { detail: { state, ...detail } }));
const unanswered = (rows) => rows.filter(({ answer }) => !answer).map(({ entry }) => entry);
const refusedTo = (rows, person) => rows.filter(({ entry: { user }, answer }) => user === person && isRefusal(answer));

export const waiting = async () => unanswered(await unsettled());

// Those whose entries are on this tablet only.
export const owners = async () => [...new Set((await waiting()).map(({ user }) => user))];

// What the server refused and this person has not seen yet.
export const refusals = async (user) => refusedTo(await unsettled(), user).map(({ entry, answer }) => ({ entry, data: answer.data ?? {} }));

export async function see(id) {
  await markSeen(id);
  flush();
}

const fileOf = async ({ id }) => (await file(id))?.content;
export { letGo, putFile as putAside }; // of what is not recorded yet, with whose it is
export const filesOf = async (entries) => (await Promise.all(entries.map(fileOf))).filter(Boolean); // one may have gone meanwhile
export const setAside = async (user) => (await files()).filter((each) => each.owner && each.user === user);
const whole = async (entry) => (entry.file ? { ...entry.body, content: await fileOf(entry) } : entry.body);

// What this person recorded in the batch after something that was refused: nobody has sent it yet.
export async function after({ batch, seq, user }) {
  return (await waiting()).filter((each) => each.batch === batch && each.user === user && each.seq > seq);
}

// A person decided that it shall not be recorded. It stays here, and is not sent.
export const withdraw = (id) => settle({ id, withdrawn: true });

// Write first, then send. Resolves when the entry is safe on this tablet; "acked" or "refused" is told as an event.
// `where` says of which step and batch it is, and for how long the tablet had had no network (`apart`).
export async function record(url, body, user, where, content) {
  const id = body.id ?? uuid();
  await add({ id, url, body, user, about: document.title.replace(/ · Baton$/, ""), file: Boolean(content), ...where }, content);
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
      await send().catch(() => later(0)); // an answer that found no room is asked for again
    }
  } finally {
    sending = false;
  }
}

async function send() {
  const user = document.getElementById("run")?.dataset.user, rows = await unsettled();
  const stopped = new Set(refusedTo(rows, user).map(({ entry }) => entry.batch));
  for (const entry of unanswered(rows)) {
    if (entry.user !== user || stopped.has(entry.batch)) continue; // another person's entry waits for that person
    underWay = true;
    const asked = performance.now();
    const { status, data } = await post(entry.url, await whole(entry), entry.id, clocks(entry));
    underWay = false;
    if (!FINAL(status)) return later(status, asked);
    failures = 0;
    const isRefused = status >= 300;
    await settle({ id: entry.id, status, ...(isRefused && { data }) });
    if (isRefused) stopped.add(entry.batch);
    tell(isRefused ? "refused" : "acked", { entry, status, data });
  }
}

// Both clocks go with it: this tablet's times of day, and what counted the seconds without network.
function clocks({ at, apart }) {
  return { "Device-Captured": at, ...(apart && { "Device-Apart": apart.seconds, "Device-Steps": apart.steps }) };
}

function later(status, asked) {
  tell(status === 401 ? "locked" : "offline", { asked });
  clearTimeout(retry);
  if (status !== 401) retry = setTimeout(flush, PATIENCE[Math.min(failures++, PATIENCE.length - 1)]);
}

addEventListener("online", flush);
addEventListener("beforeunload", (event) => { if (underWay) event.preventDefault(); });
