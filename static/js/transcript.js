/* Reading along: the line being said is marked, words are found, a selection becomes a quote. */

const NBSP = "\u00a0";
const FIND_MS = 150;
const bare = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[’]/g, "'").toLowerCase();

export function attach(words) {
  if (words.dataset.attached) return;
  words.dataset.attached = "";
  const box = words.querySelector(".said");
  const lines = [...box.querySelectorAll("[data-t]")];
  follow(words, box, lines);
  find(words, box);
  if (words.dataset.cite) cite(words, box);
}

function follow(words, box, lines) {
  const starts = lines.map((line) => Number(line.dataset.t));
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let current = null;
  let touched = 0;
  // Whoever scrolls by hand is left alone for a while.
  for (const name of ["wheel", "touchmove", "keydown", "pointerdown"]) {
    box.addEventListener(name, () => { touched = performance.now(); }, { passive: true });
  }
  document.addEventListener("moment", ({ detail }) => {
    let [low, high] = [0, starts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (starts[middle] <= detail) low = middle + 1;
      else high = middle;
    }
    const line = lines[low - 1] ?? null;
    if (line === current || !words.isConnected) return;
    current?.removeAttribute("aria-current");
    line?.setAttribute("aria-current", "true");
    current = line;
    const scrolls = box.scrollHeight > box.clientHeight;
    if (!line || !scrolls || performance.now() - touched < 6000) return;
    // Only inside its box: the page stays where it is.
    const top = line.getBoundingClientRect().top - box.getBoundingClientRect().top;
    if (top < 0 || top > box.clientHeight * 0.6) {
      box.scrollBy({ top: top - box.clientHeight / 4, behavior: still.matches ? "auto" : "smooth" });
    }
  });
}

function find(words, box) {
  const bar = words.querySelector(".find");
  const input = bar.querySelector("input");
  const output = bar.querySelector("output");
  let paragraphs = null;
  let waiting = 0;
  bar.hidden = false;

  const look = () => {
    paragraphs ??= [...box.children].map((element) => ({ element, text: bare(element.textContent) }));
    const wanted = bare(input.value.trim());
    let count = 0;
    for (const { element, text } of paragraphs) {
      const found = !wanted || text.includes(wanted);
      element.hidden = !found;
      count += found;
    }
    output.textContent = wanted ? `${count}${NBSP}passage${count > 1 ? "s" : ""}` : "";
    mark(box, wanted);
  };
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(look, FIND_MS);
  });
}

/* Where the browser can, without touching the text (CSS custom highlights). */
function mark(box, wanted) {
  if (!globalThis.Highlight) return;
  const ranges = [];
  if (wanted.length > 1) {
    for (const line of box.querySelectorAll("p:not([hidden]) [data-t]")) {
      const node = line.firstChild;
      const text = bare(node?.data ?? "");
      // Letters whose bare form has another length would shift what is marked.
      if (text.length !== node?.length) continue;
      for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
        const range = new Range();
        range.setStart(node, at);
        range.setEnd(node, at + wanted.length);
        ranges.push(range);
      }
    }
  }
  CSS.highlights.set("trouve", new Highlight(...ranges));
}

function cite(words, box) {
  const offer = words.querySelector(".cite-selected");
  document.addEventListener("selectionchange", () => {
    const selection = getSelection();
    const range = selection.rangeCount && !selection.isCollapsed ? selection.getRangeAt(0) : null;
    const chosen = range && box.contains(range.commonAncestorContainer)
      ? [...box.querySelectorAll("[data-n]")].filter((line) => range.intersectsNode(line))
      : [];
    offer.hidden = !chosen.length;
    if (!chosen.length) return;
    const ends = new URLSearchParams({ de: chosen[0].dataset.n, a: chosen.at(-1).dataset.n });
    offer.firstElementChild.href = `${words.dataset.cite}?${ends}`;
  });
}
