// The disk of a tablet that a test decides on. Journals know of it only what IndexedDB tells: "well", "full" (what was put is
// given back when the transaction was to end), or "stuck" (no transaction that writes comes to its end).

window.disk = { is: "well" };
const { transaction: begin } = IDBDatabase.prototype;
const PUTS = 5; // so many requests come first: everything was put before it is given back

function giveBack(transaction) {
  Object.defineProperty(transaction, "error", { value: new DOMException("no room", "QuotaExceededError") });
  transaction.abort();
}

function hold(transaction, store, asked = 0) {
  transaction.objectStore(store).count().onsuccess = () => {
    if (window.disk.is === "stuck" || asked < PUTS) hold(transaction, store, asked + 1);
    else if (window.disk.is === "full") giveBack(transaction);
  };
}

IDBDatabase.prototype.transaction = function of(names, mode, options) {
  const transaction = begin.call(this, names, mode, options);
  if (mode === "readwrite" && window.disk.is !== "well") hold(transaction, names[0]);
  return transaction;
};
