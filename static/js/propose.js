/* The search field as a combobox: while somebody types, htmx brings the pages that they may mean
   into the list below it. Arrows walk through it, Enter goes there; with nothing chosen it searches.
   https://www.w3.org/WAI/ARIA/apg/patterns/combobox/ */

const field = () => document.querySelector(".search input[data-hx-get]");
const list = () => document.getElementById("propositions");
const chosen = () => list().querySelector("[aria-selected=true]");
// Whether an answer that comes now is still waited for.
let awaited = false;
// Where the chosen one leads, should an answer come meanwhile.
let leads = null;

function dress() {
  field()?.setAttribute("role", "combobox");
  field()?.setAttribute("aria-autocomplete", "list");
  field()?.setAttribute("aria-expanded", "false");
  field()?.setAttribute("aria-controls", list().id);
}

function choose(option) {
  chosen()?.removeAttribute("aria-selected");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) field().setAttribute("aria-activedescendant", option.id);
  else field().removeAttribute("aria-activedescendant");
}

function show(shown) {
  choose(null);
  list().hidden = !shown;
  field().setAttribute("aria-expanded", String(shown));
  awaited &&= shown;
}

/* Past either end stands the field itself: nothing chosen. */
function walk(step) {
  const options = [...list().children];
  const stops = options.length + 1;
  const here = list().hidden ? 0 : options.indexOf(chosen()) + 1;
  if (options.length) show(true);
  // Whoever walks looks on: an answer on its way may still come.
  awaited ||= options.length > 0;
  choose(options[((here + step + stops) % stops) - 1]);
}

const keys = {
  ArrowDown: () => walk(1),
  ArrowUp: () => walk(-1),
  Enter: () => chosen()?.click(),
  Escape: () => show(false),
};

document.addEventListener("keydown", (event) => {
  if (event.target !== field() || event.isComposing) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (!(event.key in keys)) return choose(null);
  // With the list closed, Escape empties the field and Enter searches, as browsers do.
  if (event.key === "Escape" ? list().hidden : event.key === "Enter" && !chosen()) return;
  event.preventDefault();
  keys[event.key]();
});
document.addEventListener("input", ({ target }) => {
  if (target !== field()) return;
  awaited = true;
  choose(null);
});
document.addEventListener("htmx:beforeSwap", ({ target }) => {
  if (target === list()) leads = chosen()?.getAttribute("href") ?? null;
});
document.addEventListener("htmx:afterSwap", ({ target }) => {
  if (target !== list()) return;
  const many = awaited ? target.children.length : 0;
  const told = `${many} proposition${many > 1 ? "s" : ""}, flèches pour choisir`;
  show(many > 0);
  if (many && leads) choose([...target.children].find((it) => it.getAttribute("href") === leads));
  target.nextElementSibling.textContent = many ? told : "";
});
// A click in the list leaves the field its focus; whatever else takes it closes the list.
document.addEventListener("mousedown", (event) => {
  if (list()?.contains(event.target)) event.preventDefault();
});
document.addEventListener("focusout", ({ target }) => {
  if (target === field()) show(false);
});
document.addEventListener("submit", () => { awaited = false; });
addEventListener("pagehide", () => field() && show(false));
document.addEventListener("htmx:historyRestore", dress);
dress();
