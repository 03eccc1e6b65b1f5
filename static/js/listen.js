/* Listening: goes on where it stopped, with the screen locked too. Where one is stays in this browser. */

const EVERY_SECONDS = 5;
const WORTH_SECONDS = 30;
const NBSP = "\u00a0";

function said(seconds) {
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds % 60)];
  const two = (number) => String(number).padStart(2, "0");
  return hours
    ? `${hours}${NBSP}h${NBSP}${two(minutes)}${NBSP}min${NBSP}${two(rest)}`
    : `${minutes}${NBSP}min${NBSP}${two(rest)}`;
}

export function followAlong(audio) {
  const { key, title, series, image, offset } = audio.dataset;
  const resume = document.querySelector(".resume");
  let kept = 0;
  let remembers = true;

  const stored = () => {
    try {
      return Number(localStorage.getItem(key)) || 0;
    } catch {
      return 0; // No storage, no memory.
    }
  };
  const keep = () => {
    kept = audio.currentTime;
    try {
      if (remembers && kept > WORTH_SECONDS) localStorage.setItem(key, Math.floor(kept));
    } catch {
      // As above.
    }
  };
  const forget = () => {
    resume.hidden = true;
    try {
      localStorage.removeItem(key);
    } catch {
      // As above.
    }
  };
  /* The moment of the broadcast that is heard; null where nobody knows how the sound was cut. */
  const moment = () => (offset === "" ? null : audio.currentTime - Number(offset));
  /* Before anything is loaded there is nowhere to jump to: the jump waits for the first facts. */
  const jump = (seconds) => {
    if (audio.readyState) audio.currentTime = Math.max(0, seconds);
    else audio.addEventListener("loadedmetadata", () => { audio.currentTime = Math.max(0, seconds); }, { once: true });
    audio.play();
  };

  const there = stored();
  if (there) {
    resume.hidden = false;
    resume.querySelector("[data-resume]").textContent = `Reprendre à ${said(there)}`;
  }
  resume.addEventListener("click", ({ target }) => {
    if (target.matches("[data-resume]")) jump(there);
    if (target.matches("[data-forget]")) {
      remembers = false; // Nor what is still heard of it.
      forget();
    }
  });
  audio.addEventListener("play", () => {
    resume.hidden = false;
    resume.querySelector("[data-resume]").hidden = true;
  });
  audio.addEventListener("pause", keep);
  audio.addEventListener("ended", forget);
  audio.addEventListener("timeupdate", () => {
    if (Math.abs(audio.currentTime - kept) >= EVERY_SECONDS) keep();
    if (moment() !== null) document.dispatchEvent(new CustomEvent("moment", { detail: moment() }));
  });
  document.addEventListener("seek", ({ detail }) => {
    if (offset !== "") jump(detail + Number(offset));
  });
  document.addEventListener("nudge", ({ detail }) => { audio.currentTime += detail; });

  if ("mediaSession" in navigator) {
    const session = navigator.mediaSession;
    session.metadata = new MediaMetadata({
      title,
      artist: "Au Poste",
      album: series,
      artwork: image ? [{ src: image }] : [],
    });
    const acts = {
      seekbackward: ({ seekOffset }) => { audio.currentTime -= seekOffset ?? 10; },
      seekforward: ({ seekOffset }) => { audio.currentTime += seekOffset ?? 30; },
      seekto: ({ seekTime }) => { audio.currentTime = seekTime; },
    };
    for (const [name, act] of Object.entries(acts)) {
      try {
        session.setActionHandler(name, act);
      } catch {
        // A browser that does not know this one.
      }
    }
  }
  return { moment };
}
