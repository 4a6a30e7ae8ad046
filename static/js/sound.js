// Sounds and vibration, always beside something to see. Made here, no files; fundamentals within 150–1000 Hz.

const TUNES = {
  tick: { notes: [[440, 0.03]], volume: 0.05, shake: [20] },
  accepted: { notes: [[784, 0.08]], shake: [60] },
  attention: { notes: [[523, 0.1], [523, 0.1]], shake: [60, 60, 60] },
  stop: { notes: [[196, 0.18], [196, 0.18]], shape: "square", shake: [200, 100, 200] },
  out: { notes: [[262, 0.15], [262, 0.15]], shake: [120, 80, 120] },
  // Three and two pulses with harmonics, as alarms of high priority sound (after IEC 60601-1-8).
  alarm: { notes: [[392, 0.15], [392, 0.15], [392, 0.3], [392, 0.15], [392, 0.15]], harmonics: [0, 0.5, 0.35, 0.25, 0.2], shake: [300, 150, 300, 150, 300] },
  soon: { notes: [[440, 0.15]], shake: [200] },
  due: { notes: [[440, 0.15], [440, 0.15]], shake: [200] },
  signed: { notes: [[659, 0.08], [784, 0.12]], shake: [40] },
};
// A browser is silent until somebody has touched the page; the page says so for as long.
const audio = new AudioContext();
const tellSilence = () => document.documentElement.toggleAttribute("data-silent", audio.state !== "running");

audio.addEventListener("statechange", tellSilence);
tellSilence();
for (const gesture of ["pointerdown", "keydown"]) addEventListener(gesture, () => audio.resume(), { capture: true, passive: true });

export function play(name) {
  const { notes, shape = "sine", volume = 0.2, harmonics, shake } = TUNES[name];
  navigator.userActivation?.hasBeenActive && navigator.vibrate?.(shake);
  if (audio.state !== "running") return;
  let at = audio.currentTime;
  for (const [pitch, length] of notes) {
    const tone = audio.createOscillator(), loud = audio.createGain();
    tone.type = shape;
    if (harmonics) tone.setPeriodicWave(audio.createPeriodicWave(new Float32Array(harmonics.length), Float32Array.from(harmonics)));
    tone.frequency.value = pitch;
    loud.gain.setValueAtTime(volume, at);
    loud.gain.exponentialRampToValueAtTime(0.001, at + length);
    tone.connect(loud).connect(audio.destination);
    tone.start(at);
    tone.stop(at + length);
    at += length + 0.06;
  }
}
