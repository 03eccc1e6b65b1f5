/* Watching, listening, reading along. The video waits for a click: until then the page holds a
   picture of ours and a plain link, which becomes a button that puts the platform's player in its
   place. All parts speak of moments of the broadcast, in seconds: `seek` and `moment` events on the
   document carry them from one to another. */

const NBSP = "\u00a0";
const STEP = 10;

const one = (selector) => document.querySelector(selector);
const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));

/* `4320`, `72:00`, `1:12:00`, `1h12m00s`, `72m`, `1h12` → seconds; 0 for anything else. */
function momentIn(text) {
  const clock = /^(?:(\d{1,2}):)?(\d{1,3}):(\d{2})$/.exec(text);
  const spoken = /^(?:(\d{1,2})h)?(?:(\d{1,3})m)?(?:(\d{1,6})s?)?$/
    .exec(text.replace(/^\d+h\d\d$/, "$&m"));
  const [, hours = 0, minutes = 0, seconds = 0] = clock ?? spoken ?? [];
  return hours * 3600 + minutes * 60 + Number(seconds);
}

function said(seconds) {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (number) => String(number).padStart(2, "0");
  if (hours) return `${hours}${NBSP}h${NBSP}${two(minutes)}`;
  if (!minutes) return `${seconds}${NBSP}s`;
  return `${minutes}${NBSP}min${seconds % 60 ? NBSP + two(seconds % 60) : ""}`;
}

/* --- Video */

const audio = one(".listen audio");
const asked = momentIn(new URLSearchParams(location.search).get("t") ?? "");
let video = null; // once it plays: { seek, nudge, toggle }
let play = null;

function asButton(link) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = link.className;
  Object.assign(button.dataset, link.dataset);
  button.append(...link.childNodes);
  link.replaceWith(button);
  return button;
}

function offer(link) {
  let stage = asButton(link);
  const idle = stage.querySelector(".play-words")?.textContent;
  const choices = stage.parentElement.querySelector(".switch");
  video = null;

  const choose = (chosen) => {
    if (chosen) Object.assign(stage.dataset, chosen.dataset);
    const starts = !stage.dataset.offset;
    const label = stage.querySelector(".play-words");
    if (label) {
      label.textContent = asked && !starts ? `Lire à ${said(asked)}` : idle;
      stage.querySelector("small").textContent = stage.dataset.note;
    }
    const unsure = one(".facade .unsure");
    if (unsure) unsure.hidden = !starts;
  };

  play = async (moment) => {
    listening = false;
    audio?.pause();
    const { openVideo } = await import("./player.js");
    video ??= openVideo(stage);
    stage = video.stage;
    video.seek(moment);
  };

  stage.addEventListener("click", () => play(asked));
  choose(choices?.querySelector(":checked"));
  if (!choices) return;
  choices.hidden = false;
  choices.addEventListener("change", ({ target }) => {
    const at = video?.moment() ?? 0;
    choose(target);
    if (video) {
      video.change();
      video.seek(at);
    }
  });
}

/* The one that stands there now: a live brings its own, and may take it away again (live.js). */
function look() {
  const link = one("a[data-embed]");
  if (link) offer(link);
  else if (!one("[data-embed]")) play = null;
}

look();
document.addEventListener("htmx:afterSwap", look);

// Which of the two was used last, where there are both.
let listening = !play;

/* --- Sound */

let started = null;
const start = () => (started ??= import("./listen.js").then(({ followAlong }) => followAlong(audio)));

if (audio) {
  let stored = null;
  try {
    stored = localStorage.getItem(audio.dataset.key);
  } catch {
    // No storage, no memory.
  }
  if (stored) start();
  else audio.addEventListener("play", start, { once: true });
  if (!play && asked) audio.addEventListener("play", () => seek(asked), { once: true });
  audio.addEventListener("play", () => { listening = true; });
}

/* --- Moments: chapters, lines of the transcript, links to `?t=` of this page in its text lead there */

function momentOf(target) {
  if (target.dataset.seek) return Number(target.dataset.seek);
  const there = new URL(target.href);
  const here = there.origin === location.origin && there.pathname === location.pathname;
  const text = here && there.searchParams.get("t");
  return text ? momentIn(text) : null;
}

function seek(moment) {
  // A sound whose moments nobody knows is left alone; once it is paused, the video goes there.
  const heard = listening && audio && (audio.dataset.offset || !audio.paused);
  if (heard) start().then(() => tell("seek", moment));
  else if (play) play(moment);
}

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const target = event.target instanceof Element && event.target.closest("[data-seek], .prose a[href]");
  const moment = target && (play || audio) ? momentOf(target) : null;
  if (moment === null) return;
  event.preventDefault();
  seek(moment);
  one(listening ? ".listen" : ".facade")?.scrollIntoView({ block: "nearest" });
});

/* --- Words: on their own page, or once they have come into this one */

const attach = (words) => words && import("./transcript.js").then((it) => it.attach(words));
attach(one("[data-words]"));
document.addEventListener("htmx:afterSwap", ({ target }) => {
  if (target.matches("[data-transcript]")) attach(target.querySelector("[data-words]"));
});

/* --- Keys, unless the reader has turned them off; never while somebody writes */

const keys = one("[data-keys]");
if (keys) {
  const silent = "raccourcis-coupes";
  const box = keys.querySelector("input");
  keys.hidden = false;
  try {
    box.checked = !localStorage.getItem(silent);
  } catch {
    box.disabled = true;
  }
  box.addEventListener("change", () => {
    if (box.checked) localStorage.removeItem(silent);
    else localStorage.setItem(silent, "1");
  });

  const nudge = (by) => (listening ? tell("nudge", by) : video?.nudge(by));
  const chapter = async (by) => {
    const now = listening && audio ? (await start()).moment() : (video?.moment() ?? 0);
    if (now === null) return;
    const starts = [...document.querySelectorAll(".chapters [data-seek]")].map((it) => Number(it.dataset.seek));
    const next = by > 0 ? starts.find((start) => start > now + 1) : starts.findLast((start) => start < now - 2);
    if (next !== undefined) seek(next);
  };
  const acts = {
    k: () => {
      if (listening) return audio.paused ? audio.play() : audio.pause();
      return video ? video.toggle() : play?.(asked);
    },
    j: () => nudge(-STEP),
    l: () => nudge(STEP),
    n: () => chapter(1),
    p: () => chapter(-1),
    e: () => audio && (audio.paused ? audio.play() : audio.pause()),
    t: () => {
      const fold = one(".fold:has([data-transcript])");
      if (fold) {
        fold.open = !fold.open;
        fold.querySelector("summary").focus();
      }
    },
  };
  document.addEventListener("keydown", (event) => {
    const busy = event.target instanceof Element
      && event.target.closest("input, textarea, select, audio, [contenteditable]");
    if (!box.checked || busy || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = Object.hasOwn(acts, event.key) && acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
