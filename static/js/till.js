/* The till's line is asked for again every twenty seconds, and when somebody comes back to the page
   (htmx, data-hx-trigger). This keeps it quiet: nothing is asked while nobody looks, nothing is
   touched unless the money moved, and budget lines that the reader has opened stay open, with the
   focus where it was. */

const FOCUSABLE = "summary, a[href]";

let shown = "";
let wasOpen = false;
let focused = -1;

const isTill = (element) => element instanceof Element && element.id === "collecte";
const focusables = () => [...document.querySelectorAll(`#collecte :is(${FOCUSABLE})`)];

document.addEventListener("htmx:beforeRequest", (event) => {
  if (isTill(event.target) && document.hidden) event.preventDefault();
});

document.addEventListener("htmx:beforeSwap", (event) => {
  if (!isTill(event.detail.target)) return;
  const received = event.detail.xhr.responseText.trim();
  if (received === shown) {
    event.detail.shouldSwap = false;
    return;
  }
  shown = received;
  wasOpen = event.detail.target.querySelector("details")?.open ?? false;
  focused = focusables().indexOf(document.activeElement);
});

document.addEventListener("htmx:afterSwap", () => {
  const details = document.querySelector("#collecte details");
  if (details && wasOpen) details.open = true;
  if (focused >= 0) focusables()[focused]?.focus({ preventScroll: true });
  focused = -1;
});

/* « Où va l’argent ? » leads up to the till: open it for whoever asks. */
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest('a[href="#collecte"]') : null;
  const details = link && document.querySelector("#collecte details");
  if (details) details.open = true;
});
