/* The air moves by itself: the strip and the page of the live are asked for again (htmx). Nothing is
   touched unless the state moved, a player that runs is left alone, and what changed is said once.
   The hour stands in the page; the countdown beside it is for those who have scripts. */

const calm = matchMedia("(prefers-reduced-motion: reduce)");

const isAntenne = (element) => element instanceof Element && element.id === "antenne";

let key = null;
let focusBack = "";

const told = (antenne) => antenne.querySelector("#antenne-etat")?.textContent.trim().replace(/\s+/g, " ") ?? "";

function say(words) {
  const status = document.getElementById("antenne-dit");
  if (status) status.textContent = words;
}

document.addEventListener("htmx:beforeRequest", (event) => {
  if (isAntenne(event.target) && document.hidden) event.preventDefault();
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const current = event.detail.target;
  if (!isAntenne(current) || event.detail.xhr.status !== 200) return;
  const received = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
  const next = received.getElementById("antenne");
  key ??= current.dataset.key;
  if (!next || next.dataset.key === key) {
    event.detail.shouldSwap = false;
    return;
  }
  key = next.dataset.key;
  say(told(next));
  if (current.querySelector("iframe")) {
    // Somebody watches: only the line above changes.
    event.detail.shouldSwap = false;
    const line = next.querySelector("#antenne-etat");
    if (line) current.querySelector("#antenne-etat")?.replaceChildren(...line.childNodes);
    return;
  }
  focusBack = ["#antenne :is(h1, a)", "#facade .player"]
    .find((there) => document.activeElement?.closest(there.split(" ")[0])) ?? "";
});

/* An episode's own picture changes along, unless it has become a player. */
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  if (event.detail.target.querySelector("iframe")) event.preventDefault();
});

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (!isAntenne(detail.target) && !isAntenne(detail.elt)) return;
  count();
  if (focusBack) document.querySelector(focusBack)?.focus({ preventScroll: true });
  focusBack = "";
});

function left(milliseconds) {
  const seconds = Math.floor(milliseconds / 1000);
  const [days, hours, minutes] = [seconds / 86400, (seconds / 3600) % 24, (seconds / 60) % 60].map(Math.floor);
  if (days) return `dans ${days}\u00a0j ${hours}\u00a0h`;
  if (hours || calm.matches) return `dans ${hours ? `${hours}\u00a0h\u00a0` : ""}${String(minutes).padStart(hours ? 2 : 1, "0")}${hours ? "" : "\u00a0min"}`;
  return `dans ${minutes}\u00a0min ${String(seconds % 60).padStart(2, "0")}\u00a0s`;
}

function count() {
  for (const time of document.querySelectorAll("time[data-countdown]")) {
    const milliseconds = new Date(time.dateTime) - Date.now();
    let shown = time.nextElementSibling;
    if (!shown?.matches(".countdown")) {
      shown = document.createElement("span");
      shown.className = "countdown";
      shown.setAttribute("aria-live", "off");
      time.after(shown);
    }
    const words = milliseconds > 0 ? left(milliseconds) : "";
    if (shown.textContent !== words) shown.textContent = words;
  }
}

if (document.querySelector("#antenne")) {
  count();
  setInterval(count, calm.matches ? 30_000 : 1000);
}
