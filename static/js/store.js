// Where the journal stands. Append-only: an entry is never changed; its answer is a second row, and that somebody saw a refusal a
// third. `open` says which are not settled: a tablet that has recorded for years reads only those.

const BY_ID = { keyPath: "id" }, STORES = { entries: { keyPath: "seq", autoIncrement: true }, answers: BY_ID, seen: BY_ID, files: BY_ID, open: BY_ID };
const opened = asked(indexedDB.open("baton-journal", 4), (request) => {
  request.onupgradeneeded = ({ oldVersion }) => {
    const missing = Object.entries(STORES).filter(([name]) => !request.result.objectStoreNames.contains(name));
    missing.forEach(([name, options]) => request.result.createObjectStore(name, options));
    if (oldVersion) findOpen((name) => request.transaction.objectStore(name));
  };
});

// What was written last found no room: nothing new is safe on this tablet, and what the server answers cannot be noted.
let full = false;
export const isFull = () => full;

function asked(request, prepare = () => null) {
  prepare(request);
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

// All that `act` asks for is done, or nothing of it.
async function within(names, mode, durability, act) {
  const transaction = (await opened).transaction(names, mode, { durability });
  const done = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
  const [found] = await Promise.all([act((name) => transaction.objectStore(name)), done]);
  return found;
}

const read = (names, act) => within(names, "readonly", "default", act);
const write = (names, act, durability = "strict") => {
  const written = within(names, "readwrite", durability, act);
  written.then(() => { full = false; }, (error) => { full = error instanceof DOMException; });
  return written;
};
const stamped = (row) => ({ ...row, at: new Date().toISOString() });

export const isRefusal = (answer) => answer?.status >= 300;
const isOpen = (answer, seen) => !answer || (isRefusal(answer) && !seen);

// A journal from before says nothing of what is open: it is looked up once.
async function findOpen(store) {
  const [entries, answers, seen] = await Promise.all(["entries", "answers", "seen"].map((name) => asked(store(name).getAll())));
  const given = new Map(answers.map((answer) => [answer.id, answer])), known = new Set(seen.map(({ id }) => id));
  for (const { id, seq } of entries) if (isOpen(given.get(id), known.has(id))) store("open").put({ id, seq });
}

async function close(store, id) {
  const [answer, seen] = await Promise.all(["answers", "seen"].map((name) => asked(store(name).get(id))));
  if (isOpen(answer, seen)) return;
  store("open").delete(id);
  if (answer.status) store("files").delete(id); // what a person withdrew stays whole
}

// In their order: {entry, answer}; an answer is a refusal that nobody has seen.
export const unsettled = () => read(["open", "entries", "answers"], async (store) => {
  const rows = (await asked(store("open").getAll())).sort((one, other) => one.seq - other.seq);
  return Promise.all(rows.map(async ({ id, seq }) => {
    const [entry, answer] = await Promise.all([asked(store("entries").get(seq)), asked(store("answers").get(id))]);
    return { entry, answer };
  }));
});

// Safe on this tablet when it resolves, with the photo it may be of.
export const add = (entry, content) => write(["entries", "open", "files"], async (store) => {
  if (content) store("files").put({ id: entry.id, content });
  const seq = await asked(store("entries").put(stamped(entry)));
  store("open").put({ id: entry.id, seq });
});

// A lost answer is asked for again: nobody waits until it is on the disk.
const ENDS = ["answers", "seen", "open", "files"];
const end = (name, row, durability) => write(ENDS, async (store) => {
  store(name).put(stamped(row));
  await close(store, row.id);
}, durability);
export const settle = (answer) => end("answers", answer, "relaxed");
export const markSeen = (id) => end("seen", { id });

// A photo stands beside its entry until the server has it, or somebody saw that it was refused.
export const file = (id) => read(["files"], (store) => asked(store("files").get(id)));
export const files = () => read(["files"], (store) => asked(store("files").getAll()));
export const putFile = (row) => write(["files"], async (store) => { store("files").put(stamped(row)); });
export const letGo = (id) => write(["files"], async (store) => { store("files").delete(id); });
