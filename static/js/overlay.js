/* The fundraising in the video, for OBS. It asks for the state more than once a second, so that what
   is hidden in the régie leaves the air within a second. When the site does not answer, it keeps
   what it shows and asks again: nobody sees an error on air. */

const EVERY_MS = 700;
const PATIENCE_MS = 3000;
const THANKS_MS = 4500;
const PALIER_MS = 6500;
const LEAVING_MS = 400;
const NBSP = "\u00a0";
const NNBSP = "\u202f";
const SVG = "http://www.w3.org/2000/svg";

const root = document.querySelector("#habillage");
const part = (id) => document.querySelector(`#${id}`);
const announce = part("annonce");
const asked = new URLSearchParams(location.search);
const passed = ["cle", "collecte"].filter((name) => asked.has(name));
const address = `${root.dataset.state}?${new URLSearchParams(passed.map((name) => [name, asked.get(name)]))}`;

let etag = "";
let known = false; // whether the gifts and paliers on record are up to date: before that, no fuss
let thanked = new Map(); // a gift's key → the name it was thanked by
let crossed = new Set();
let waiting = [];
let playing = null;

/* --- Dress: set on the element's own style, which the content security policy allows a script. */

for (const name of ["fond", "encre", "couleur"]) {
  if (root.dataset[name]) root.style.setProperty(`--${name}`, root.dataset[name]);
}
root.style.setProperty("--taille", Number(root.dataset.taille) / 100);
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
root.classList.toggle("moves", root.dataset.anime ? root.dataset.anime === "oui" : !still);

/* --- What is said for a moment: thanks, paliers. */

function say(item) {
  // A crowd is thanked once, not one by one for a quarter of an hour.
  const isAnonymous = ({ kind, name }) => kind === "merci" && !name;
  if (isAnonymous(item) && waiting.some(isAnonymous)) return;
  if (item.kind === "palier") waiting.unshift(item);
  else waiting.push(item);
  if (!playing) playNext();
}

function playNext() {
  playing = waiting.shift() ?? null;
  announce.hidden = !playing;
  if (!playing) return;
  announce.textContent = playing.text;
  announce.dataset.kind = playing.kind;
  announce.classList.remove("leaving");
  if ("son" in root.dataset) ring(playing.kind);
  const shown = playing;
  const lasts = playing.kind === "palier" ? PALIER_MS : THANKS_MS;
  setTimeout(() => shown === playing && announce.classList.add("leaving"), lasts - LEAVING_MS);
  setTimeout(() => shown === playing && playNext(), lasts);
}

function hush() {
  waiting = [];
  playing = null;
  announce.hidden = true;
  announce.textContent = "";
}

function ring(kind) {
  const audio = new AudioContext();
  const notes = kind === "palier" ? [523, 659, 784] : [659, 784];
  notes.forEach((frequency, index) => {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    const start = audio.currentTime + index * 0.14;
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0.12, start);
    volume.gain.exponentialRampToValueAtTime(0.001, start + 0.5);
    tone.connect(volume).connect(audio.destination);
    tone.start(start);
    tone.stop(start + 0.5);
  });
  setTimeout(() => audio.close(), 1500);
}

/* --- The state. */

function show(state) {
  root.hidden = state.hidden;
  if (state.hidden) {
    hush();
    known = false;
    part("noms").textContent = "";
    return;
  }
  part("titre").textContent = state.title ? `${state.title}${NBSP}: ` : "";
  part("recolte").textContent = state.raised;
  part("objectif").textContent = `sur ${state.goal} (${state.percent})`;
  part("palier").textContent = lineInWords(state);
  drawBar(state.lines);
  writeNames(state.names);
  thank(state.gifts);
  celebrate(state.crossed);
  known = true;
}

function lineInWords({ current, over }) {
  if (over) return `Objectif dépassé${NBSP}: ${over}${NBSP}%. Merci.`;
  if (!current) return "";
  return `en cours${NBSP}: ${current.label} ${current.funded} sur ${current.amount}`;
}

function drawBar(lines) {
  const bar = part("jauge");
  while (bar.children.length > lines.length * 2) bar.lastChild.remove();
  while (bar.children.length < lines.length * 2) {
    const rect = document.createElementNS(SVG, "rect");
    rect.setAttribute("height", "20");
    rect.setAttribute("class", bar.children.length % 2 ? "fill" : "slot");
    bar.append(rect);
  }
  lines.forEach((line, index) => {
    const [slot, fill] = [bar.children[index * 2], bar.children[index * 2 + 1]];
    for (const rect of [slot, fill]) rect.setAttribute("x", line.x);
    slot.setAttribute("width", line.width);
    fill.setAttribute("width", line.fill);
  });
}

function writeNames(names) {
  const shown = names.slice(0, Number(root.dataset.noms));
  part("noms").hidden = !shown.length;
  part("noms").textContent = shown.length ? `Merci à ${shown.join(", ")}` : "";
}

function thank(gifts) {
  const names = new Map(gifts.map(({ key, name }) => [key, name]));
  // A name that was taken back leaves at once, even while it is being thanked.
  const stands = (item) => item.kind !== "merci" || !item.name || names.get(item.key) === item.name;
  waiting = waiting.filter(stands);
  if (playing && !stands(playing)) playNext();
  if (known) {
    for (const { key, name } of [...gifts].reverse()) {
      if (thanked.has(key) && (!name || thanked.get(key))) continue;
      say({ kind: "merci", key, name, text: name ? `Merci ${name}${NNBSP}!` : `Merci${NNBSP}!` });
    }
  }
  thanked = names;
}

function celebrate(lines) {
  for (const { key, label } of lines) {
    if (known && !crossed.has(key)) say({ kind: "palier", text: `Palier franchi${NBSP}: ${label}` });
  }
  crossed = new Set(lines.map(({ key }) => key));
}

/* --- Asking. */

async function ask() {
  const response = await fetch(address, {
    cache: "no-store",
    credentials: "omit",
    headers: etag ? { "If-None-Match": etag } : {},
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (response.status === 403) {
    // The key was renewed: this address is dead.
    etag = "";
    show({ hidden: true });
  } else if (response.status === 200) {
    const state = await response.json();
    show(state);
    etag = response.headers.get("ETag") ?? "";
  }
}

async function keepAsking() {
  const began = performance.now();
  try {
    await ask();
  } catch {
    // The site is away: what is shown stays, and we ask again.
  }
  setTimeout(keepAsking, Math.max(100, EVERY_MS - (performance.now() - began)));
}

show(JSON.parse(part("etat").textContent));
keepAsking();
