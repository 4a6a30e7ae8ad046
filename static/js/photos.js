// Photos: from the tablet's camera, made small and bare, hashed, and kept in the journal until the server has them.
// A photo is recorded as soon as it is taken. Taken again, it goes beside the first one.

import { hex, uuid } from "./api.js";
import { refusal } from "./budget.js";
import { keep, run, steps } from "./here.js";
import { filesOf, waiting } from "./journal.js";
import { byId, flash, open } from "./sheets.js";
import { t } from "./words.js";

const EDGE = 2048, SMALLER = 0.8, QUALITY = 0.85, MOST = 500_000;
const TELLING = [0xe1, 0xed, 0xfe]; // where an encoder may write more than the picture: EXIF, Photoshop's part, a comment
const SCAN = 0xda;
const camera = Object.assign(document.createElement("input"), { type: "file", accept: "image/*", hidden: true });
let taken = null;

camera.setAttribute("capture", "environment");
document.body.append(camera);
camera.addEventListener("change", async () => {
  const [file] = camera.files;
  if (file) taken(await made(file).catch(() => flash(t("This is no picture that the tablet can read."), "attention")));
});

// Opens the camera, unless nothing is taken for the record now; `then` gets {content, sha256}.
export async function take(then) {
  const no = await refusal();
  if (no) return flash(no, "attention");
  taken = (photo) => photo && then(photo);
  camera.value = "";
  camera.click();
}

async function made(file) {
  const bytes = await shrunk(await createImageBitmap(file));
  const digest = await crypto.subtle?.digest("SHA-256", bytes); // only a secure page computes it
  if (!digest) flash(t("Kept without a digest of the tablet: this page is not secure."), "attention");
  return { content: await base64(bytes), sha256: digest ? hex(new Uint8Array(digest)) : "" };
}

async function shrunk(picture) {
  for (let edge = EDGE; ; edge *= SMALLER) {
    const bytes = bare(new Uint8Array(await (await drawn(picture, edge)).arrayBuffer()));
    if (bytes.length <= MOST) return bytes;
  }
}

function drawn(picture, edge) {
  const scale = Math.min(1, edge / Math.max(picture.width, picture.height));
  const canvas = Object.assign(document.createElement("canvas"), { width: picture.width * scale, height: picture.height * scale });
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
}

// The segments before the picture itself, without those that could tell where and when it was taken.
function bare(bytes) {
  const parts = [...bytes.subarray(0, 2)];
  let at = 2;
  for (let end; bytes[at + 1] !== SCAN; at = end) {
    end = at + 2 + (bytes[at + 2] << 8) + bytes[at + 3];
    if (!TELLING.includes(bytes[at + 1])) parts.push(...bytes.subarray(at, end));
  }
  const whole = new Uint8Array(parts.length + bytes.length - at);
  whole.set(parts);
  whole.set(bytes.subarray(at), parts.length);
  return whole;
}

const base64 = (bytes) => new Promise((resolve) => {
  const reader = Object.assign(new FileReader(), { onload: () => resolve(reader.result.split(",")[1]) });
  reader.readAsDataURL(new Blob([bytes]));
});

export const bodyOf = ({ sha256 }, facts) => ({ id: uuid(), ...facts, sha256 });

// What the button that was pressed says the photo is of.
export function photograph({ photo = "", retakes }) {
  const owner = steps(), about = photo ? "" : byId("photo-about").value.trim();
  take(async (made) => {
    byId("photo").close();
    const result = await keep("photos", bodyOf(made, { name: photo, about, ...(retakes && { retakes }) }), owner, made.content);
    if (result?.say) flash(result.say, "attention");
    showKept();
  });
}

// What is on this tablet only is seen before the server has it.
async function showKept() {
  const mine = (await waiting()).filter(({ url, user, file }) => file && url === `${steps()}/photos` && user === run().dataset.user);
  const place = run().querySelector("[data-photos-kept]");
  place.replaceChildren(...(await filesOf(mine)).map(thumb), mine.length ? t("{number} on this tablet", { number: mine.length }) : "");
  place.closest("[data-photos]").hidden &&= !mine.length;
}

export const thumb = (content) => Object.assign(new Image(64, 64), { src: `data:image/jpeg;base64,${content}`, alt: t("Photo on this tablet") });

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-photo]");
  if (button) photograph(button.dataset);
});
document.addEventListener("photo", () => open("photo")); // the command card
document.addEventListener("journal", ({ detail: { state } }) => { if (state === "offline") showKept(); });
showKept();
