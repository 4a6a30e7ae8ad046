// The network of a tablet that a test decides on: `faults` are what the next posts meet, one each; `apart` is none at all.
// Waiting is twenty times shorter than in life. Who asks whether the server is there meets none of the faults.

window.network = { apart: false, faults: [], under_way: 0 };
const { fetch: reach, setTimeout: wait } = window;
window.setTimeout = (act, time, ...more) => wait(act, time / 20, ...more);
addEventListener("beforeunload", (event) => event.stopImmediatePropagation());

const NONE = () => { throw new TypeError("no network"); };
const failed = (status) => new Response("{}", { status, headers: { "Content-Type": "application/json" } });
const FAULTS = {
  cut: NONE,
  answer_lost: async (send) => { await send(); NONE(); },
  doubled: async (send) => (await Promise.all([send(), send()]))[0],
  late_copy: (send) => { window.network.under_way += 1; wait(() => send().finally(() => { window.network.under_way -= 1; }), 120); return send(); },
  slow: (send) => new Promise((resolve, reject) => wait(() => send().then(resolve, reject), 60)),
  portal: () => new Response("<title>Sign in to the Wi-Fi</title>", { headers: { "Content-Type": "text/html" } }),
  failing: () => failed(503),
  failing_late: async (send) => { await send(); return failed(502); }, // it was carried out all the same
};

// An answer that is on its way when Wi-Fi goes does not arrive.
const alive = async (options) => {
  if (window.network.apart) NONE();
  const answer = await reach("/alive", options);
  return window.network.apart ? NONE() : answer;
};

window.fetch = async (url, options = {}) => {
  if (url === "/alive") return alive(options);
  if (options.method !== "POST") return reach(url, options);
  const send = () => {
    window.network.under_way += 1;
    return reach(url, options).finally(() => { window.network.under_way -= 1; });
  };
  if (window.network.apart) NONE();
  const fault = window.network.faults.shift();
  return fault ? FAULTS[fault](send) : send();
};
