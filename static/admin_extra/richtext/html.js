/* HTML as it is kept, and whether two pieces of it say the same. */

function parsed(html) {
  return new DOMParser().parseFromString(html, "text/html").body;
}

const only = (element, selector) => [...element.children].every((child) => child.matches(selector));

/* `<li><p>x</p></li>` is `<li>x</li>`: ProseMirror wants the paragraph, the site's pages do not. */
function unwrap(element) {
  const [first, ...others] = element.children;
  if (first?.nodeName !== "P") return;
  const rest = { children: others };
  if (!first.hasChildNodes() && others.length) first.remove();
  else if (!others.length || (element.nodeName === "LI" && only(rest, "ul, ol"))) {
    first.replaceWith(...first.childNodes);
  }
}

function restoreHead(table) {
  const rows = [...table.querySelectorAll(":scope > tbody > tr[data-head]")];
  if (!rows.length) return;
  const head = document.createElement("thead");
  head.append(...rows);
  table.prepend(head);
  for (const row of rows) row.removeAttribute("data-head");
  for (const body of table.querySelectorAll(":scope > tbody:empty")) body.remove();
}

/* What goes into the field: one block a line, no empty paragraph at the end. */
export function written(editor) {
  const body = parsed(editor.getHTML());
  for (const element of body.querySelectorAll("li, td, th, footer")) unwrap(element);
  for (const { firstChild: first } of body.querySelectorAll("p, h2, h3, h4, li")) {
    if (first?.nodeType === Node.TEXT_NODE) first.data = first.data.replace(/^[ \n]+/, "");
  }
  for (const table of body.querySelectorAll("table")) restoreHead(table);
  while (body.lastElementChild?.matches("p:empty")) body.lastElementChild.remove();
  return [...body.children].map((child) => child.outerHTML).join("\n");
}

const SAME = { b: "strong", i: "em" };
const INLINE = new Set(
  ["a", "abbr", "cite", "code", "em", "q", "s", "small", "strong", "sub", "sup"],
);
const BLOCKS = new Set([
  "blockquote", "figcaption", "figure", "footer", "h2", "h3", "h4", "li", "ol", "pre", "table",
  "td", "th", "thead", "tr", "ul",
]);
const EDGES = new Set(["p", "tbody", "div"]);
const LEAVES = new Set(["br", "hr", "img"]);
const UNSEEN = new Set(["script", "style", "iframe", "template", "title"]);
const ATTRIBUTES = [
  "alt", "cite", "colspan", "height", "href", "hreflang", "rowspan", "scope", "src", "title",
  "width",
];

function named(element, name) {
  const facts = ATTRIBUTES.filter((attribute) => element.hasAttribute(attribute))
    .map((attribute) => `${attribute}=${element.getAttribute(attribute)}`)
    .filter((fact) => fact !== "colspan=1" && fact !== "rowspan=1");
  return [name, ...facts].join(" ");
}

/* Everything that HTML says, as lines: text with its marks in no order, blocks, images; without
   what browsers read alike (b and strong, a paragraph around a cell's only text, line feeds). */
export function essence(html) {
  const lines = [];
  let runs = [];

  const trimEnd = () => {
    const last = runs.at(-1);
    if (last?.text && !last.exact) last.text = last.text.replace(/ $/, "");
  };
  const flush = () => {
    trimEnd();
    for (const { text, marks } of runs) if (text) lines.push(`${text} ${marks}`);
    runs = [];
  };
  const spaced = () => !runs.length || runs.at(-1).text.endsWith(" ") || runs.at(-1).isBreak;

  function say(text, marks, exact) {
    let words = exact ? text : text.replace(/[ \t\r\n\f]+/g, " ");
    if (!exact && spaced()) words = words.replace(/^ /, "");
    if (!words) return;
    const last = runs.at(-1);
    if (last && last.marks === marks && !last.leaf) last.text += words;
    else runs.push({ text: words, marks, exact });
  }

  function walk(parent, marks, exact) {
    for (const node of parent.childNodes) {
      if (node.nodeType === Node.TEXT_NODE) say(node.data, [...marks].sort().join(), exact);
      if (node.nodeType !== Node.ELEMENT_NODE) continue;
      const name = SAME[node.localName] ?? node.localName;
      if (UNSEEN.has(name)) continue;
      const full = named(node, name);
      if (LEAVES.has(name)) {
        if (name === "hr") flush();
        if (name === "br") trimEnd();
        const around = name === "img" ? [...marks].filter((one) => one.startsWith("a ")).join() : "";
        runs.push({ text: `<${full}>`, marks: around, leaf: true, isBreak: name === "br" });
        if (name === "hr") flush();
      } else if (BLOCKS.has(name)) {
        flush();
        lines.push(`<${full}>`);
        walk(node, marks, exact || name === "pre");
        flush();
        lines.push(`</${name}>`);
      } else if (EDGES.has(name)) {
        flush();
        walk(node, marks, exact);
        flush();
      } else if (INLINE.has(name) && full !== "a") {
        walk(node, new Set([...marks, full]), exact);
      } else {
        walk(node, marks, exact);
      }
    }
  }

  walk(parsed(html), new Set(), false);
  flush();
  return lines.join("\n");
}
