// One way to talk to the server: the session's cookie, the CSRF token, JSON in, {status, data} out.
// A status of 0 means that no answer came: the caller keeps what it has and tries again.
// What is on the screen comes from its page: of an act only the outcome is asked for, and of some the page after it.

import { t } from "./words.js";

const SHOWN = /\/(start|scans|units|materials|complete|verify)$/;
const TIMEOUT = 8000, SLOWEST = 20; // ms; bytes in a ms, for a photo over poor Wi-Fi
export const NO_ANSWER = { status: 0, data: { code: "no_answer", message: t("The server did not answer. Nothing is lost.") } };

export function csrfToken() {
  return document.cookie.match(/(?:^|;\s*)csrftoken=([^;]+)/)?.[1]
    ?? document.querySelector("[name=csrfmiddlewaretoken]")?.value
    ?? document.body.dataset.csrf ?? "";
}

export const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

// randomUUID exists on secure pages only; a tablet may reach a test server over plain HTTP.
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

export async function post(url, body, key = uuid(), more = {}) {
  const headers = {
    "Content-Type": "application/json", "Accept": "application/json", "Prefer": `return=minimal${SHOWN.test(url) ? ", page" : ""}`,
    "X-CSRFToken": csrfToken(), "Idempotency-Key": key, "Device-Time": new Date().toISOString(), ...more,
  };
  const text = JSON.stringify(body);
  try {
    const answer = await fetch(url, { method: "POST", headers, body: text, signal: AbortSignal.timeout(TIMEOUT + text.length / SLOWEST) });
    if (answer.status === 204) return { status: 204, data: {} };
    const data = await answer.json(); // what is not JSON is a page of somebody between: no answer
    if (data.code !== "page_outdated") return { status: answer.status, data };
    await fetch(location.href); // brings a new token with it
    return NO_ANSWER;
  } catch {
    return NO_ANSWER;
  }
}

export const isDone = ({ status }) => status >= 200 && status < 300;

// All reasons of a refusal in one sentence after the other.
export function words(data) {
  const reasons = (data.details?.reasons ?? []).map((reason) => reason.message);
  return [data.message ?? t("The server refused."), ...reasons].join(" ");
}
