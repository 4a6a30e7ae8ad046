// The step on the screen: where to find its parts, where its calls go, and who signs for it.

import { record } from "./journal.js";
import { ask } from "./sign.js";

export const run = () => document.getElementById("run");
export const find = (selector) => run().querySelector(selector);
export const steps = () => `/api/v1/steps/${run().dataset.step}`;
export const batches = () => `/api/v1/batches/${run().dataset.batch}`;

export const say = (text) => ({ say: text });
export const keep = (path, body, owner = steps()) => record(`${owner}/${path}`, body, run().dataset.user);

export function signed(meaning, url, body) {
  const { full, printedName } = run().dataset;
  return ask({ title: `Sign as ${printedName}`, meaning, full: full !== undefined, url, body });
}
