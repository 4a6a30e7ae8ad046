// When somebody last touched this page or scanned. A page that looks again by itself tells the server how long that is ago, and
// is not taken for its person.

let at = Date.now();

export const away = () => Math.max(0, Math.round((Date.now() - at) / 1000));
export const byItself = () => ({ Accept: "text/html", "X-Idle": away() });
export function touch() { at = Date.now(); }

for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, touch, { capture: true, passive: true });

const PATIENCE = 4000;

// A page, or a part of one, as text; nothing when it did not come whole and in time: what breaks off in the middle is no answer.
export async function lookAt(address, headers = byItself()) {
  try {
    const answer = await fetch(address, { headers, redirect: "error", signal: AbortSignal.timeout(PATIENCE) });
    return { isOk: answer.ok, text: await answer.text() };
  } catch {
    return null;
  }
}
