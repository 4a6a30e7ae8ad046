// One way to talk to the server: the session's cookie, the CSRF token, JSON in, {status, data} out.
// A status of 0 means that no answer came: the caller keeps what it has and tries again.

const TIMEOUT = 8000;

export function csrfToken() {
  return document.cookie.match(/(?:^|;\s*)csrftoken=([^;]+)/)?.[1]
    ?? document.querySelector("[name=csrfmiddlewaretoken]")?.value
    ?? JSON.parse(document.body.getAttribute("hx-headers:inherited") ?? "{}")["X-CSRFToken"] ?? "";
}

// randomUUID exists on secure pages only; a tablet may reach a test server over plain HTTP.
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

export async function post(url, body, key = uuid()) {
  const headers = {
    "Content-Type": "application/json", "Accept": "application/json",
    "X-CSRFToken": csrfToken(), "Idempotency-Key": key, "Device-Time": new Date().toISOString(),
  };
  try {
    const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body), signal: AbortSignal.timeout(TIMEOUT) });
    const data = await answer.json().catch(() => ({}));
    return { status: answer.status, data };
  } catch {
    return { status: 0, data: { code: "no_answer", message: "The server did not answer. Nothing is lost." } };
  }
}

export const isDone = ({ status }) => status >= 200 && status < 300;

// All reasons of a refusal in one sentence after the other.
export function words(data) {
  const reasons = (data.details?.reasons ?? []).map((reason) => reason.message);
  return [data.message ?? "The server refused.", ...reasons].join(" ");
}
