// The camera as a scanner, for the day the scanner has no power. It reads with the browser's own detector, or with the one in
// static/vendor; nothing of either is fetched before somebody opens the camera. What it reads goes the way of every scan.

import { heard } from "./scan.js";
import { byId, open } from "./sheets.js";
import { t } from "./words.js";

const FORMATS = { data_matrix: "DataMatrix", qr_code: "QRCode", code_128: "Code128" };
const DECODER = new URL("../vendor/zxing-wasm-3.1.4/reader/", import.meta.url);
const PAUSE = 120;

async function ownDetector() {
  const known = await globalThis.BarcodeDetector?.getSupportedFormats() ?? [];
  if (!Object.keys(FORMATS).every((each) => known.includes(each))) return null;
  const detector = new BarcodeDetector({ formats: Object.keys(FORMATS) });
  return async (video) => (await detector.detect(video)).map(({ rawValue, cornerPoints }) => ({ code: rawValue, corners: cornerPoints }));
}

async function decoder() {
  const { prepareZXingModule, readBarcodes } = await import(new URL("index.js", DECODER));
  await prepareZXingModule({ overrides: { locateFile: (name) => new URL(name, DECODER).href }, fireImmediately: true });
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  return async (video) => {
    const { videoWidth: width, videoHeight: height } = video;
    Object.assign(pen.canvas, { width, height });
    pen.drawImage(video, 0, 0);
    const found = await readBarcodes(pen.getImageData(0, 0, width, height), { formats: Object.values(FORMATS), textMode: "Plain" });
    return found.map(({ text, position }) => ({ code: text, corners: Object.values(position) }));
  };
}

// Two bags lie side by side: only the code that is held to the middle counts.
function isInTheMiddle({ corners }, { videoWidth, videoHeight }) {
  const spans = (places, middle) => Math.min(...places) < middle && middle < Math.max(...places);
  return spans(corners.map(({ x }) => x), videoWidth / 2) && spans(corners.map(({ y }) => y), videoHeight / 2);
}

async function watch(sheet, video) {
  const read = await ownDetector() ?? await decoder();
  while (sheet.open && sheet.isConnected) {
    const found = video.videoWidth ? (await read(video)).find((each) => isInTheMiddle(each, video)) : null;
    if (found) return found.code;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  return "";
}

// Without a camera, or without leave to use it, the sheet says so, in its own words: the browser's are for programmers.
export async function look() {
  open("camera");
  const sheet = byId("camera"), video = sheet.querySelector("video"), dark = sheet.querySelector("[data-camera-dark]");
  let stream = null;
  dark.hidden = true;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
    video.srcObject = stream;
    await video.play();
    const code = await watch(sheet, video);
    if (!code) return;
    sheet.close();
    heard(code, performance.now());
  } catch ({ name }) {
    dark.hidden = false;
    dark.textContent = name === "NotAllowedError"
      ? t("This tablet may not use its camera. Allow it in the settings of the browser, or use a scanner.")
      : t("This tablet has no camera that can be used here. Use a scanner.");
  } finally {
    stream?.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
  }
}
