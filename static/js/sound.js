// Sounds and vibration, always beside something to see. Made here, no files; fundamentals within 150–1000 Hz.

const TUNES = {
  accepted: { notes: [[784, 0.08]], shake: [60] },
  attention: { notes: [[523, 0.1], [523, 0.1]], shake: [60, 60, 60] },
  stop: { notes: [[196, 0.18], [196, 0.18]], shape: "square", shake: [200, 100, 200] },
  out: { notes: [[262, 0.15], [262, 0.15]], shake: [120, 80, 120] },
  signed: { notes: [[659, 0.08], [784, 0.12]], shake: [40] },
};
let audio = null;

addEventListener("pointerdown", () => { audio ??= new AudioContext(); audio.resume(); }, { once: false, passive: true });

export function play(name) {
  const { notes, shape = "sine", shake } = TUNES[name];
  navigator.userActivation?.hasBeenActive && navigator.vibrate?.(shake);
  if (!audio || audio.state !== "running") return;
  let at = audio.currentTime;
  for (const [pitch, length] of notes) {
    const tone = audio.createOscillator(), loud = audio.createGain();
    tone.type = shape;
    tone.frequency.value = pitch;
    loud.gain.setValueAtTime(0.2, at);
    loud.gain.exponentialRampToValueAtTime(0.001, at + length);
    tone.connect(loud).connect(audio.destination);
    tone.start(at);
    tone.stop(at + length);
    at += length + 0.06;
  }
}
