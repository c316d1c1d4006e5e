// An offer must be noticed: sound and vibration until it is answered, a notification when the app is hidden.

const EVERY_MS = 3000;
let audio = null;
let ringing = null;
const rung = new Set();

/** Browsers play sound only after the first touch. */
export function arm() {
  addEventListener("pointerdown", () => {
    audio ??= new AudioContext();
    audio.resume();
    if (globalThis.Notification?.permission === "default") Notification.requestPermission();
  }, { once: true });
}

/** Ring while there are offers; each is announced once. */
export function attend(offers, announce) {
  for (const offer of offers.filter((one) => !rung.has(one.assignment_id))) {
    rung.add(offer.assignment_id);
    notify(announce(offer), offer.assignment_id);
  }
  if (!offers.length) return quiet();
  if (!ringing) {
    ringing = setInterval(ring, EVERY_MS);
    ring();
  }
}

function quiet() {
  if (!ringing) return;
  clearInterval(ringing);
  ringing = null;
  navigator.vibrate?.(0);
}

function ring() {
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.([400, 150, 400]);
  if (audio?.state === "running") [880, 660, 880].forEach((pitch, at) => beep(pitch, at * 0.25));
}

function beep(pitch, after) {
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  const from = audio.currentTime + after;
  tone.frequency.value = pitch;
  volume.gain.setValueAtTime(0.4, from);
  volume.gain.exponentialRampToValueAtTime(0.001, from + 0.22);
  tone.connect(volume).connect(audio.destination);
  tone.start(from);
  tone.stop(from + 0.22);
}

async function notify({ title, body }, tag) {
  if (document.visibilityState === "visible" || globalThis.Notification?.permission !== "granted") return;
  const registration = await navigator.serviceWorker?.ready;
  registration?.showNotification(title, { body, tag, requireInteraction: true, vibrate: [400, 150, 400] });
}
