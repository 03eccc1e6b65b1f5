/* What comes from Word, Google Docs or another page, as plain HTML of ours. */

const INLINE_STYLES = [
  [/(^|;|\s)font-weight:\s*(bold|[6-9]00)/i, "strong"],
  [/(^|;|\s)font-style:\s*italic/i, "em"],
  [/text-decoration[^;]*line-through/i, "s"],
  [/vertical-align:\s*super/i, "sup"],
  [/vertical-align:\s*sub(?!sc)/i, "sub"],
];
const NOT_BOLD = /(^|;|\s)font-weight:\s*(normal|[1-5]00)/i;
const RENAMED = { h1: "h2", h5: "h4", h6: "h4", strike: "s", del: "s", div: "p", center: "p" };
const DROPPED = "script, style, meta, link, title, head, xml, noscript, iframe, object, svg, button";
const LINK = /^(https?:|mailto:|tel:|\/|#)/i;
const BLOCKS = "p, div, ul, ol, li, table, blockquote, h1, h2, h3, h4, h5, h6, pre, figure, hr";

const KEPT = new Set(["href", "title", "src", "alt", "width", "height", "colspan", "rowspan"]);

const styleOf = (element) => element.getAttribute("data-style") ?? "";

function rename(element, name) {
  const renamed = element.ownerDocument.createElement(name);
  renamed.append(...element.childNodes);
  element.replaceWith(renamed);
  return renamed;
}

const unwrap = (element) => element.replaceWith(...element.childNodes);

/* Word writes a list as paragraphs that carry « mso-list: l0 level2 lfo1 » and a drawn bullet. */
function gatherWordLists(body) {
  let lists = [];
  let previous = null;
  for (const item of body.querySelectorAll("p[data-style*='mso-list'], h1, h2, h3, p, table")) {
    const level = Number(/mso-list:[^;]*level(\d+)/i.exec(styleOf(item))?.[1] ?? 0);
    if (!level) continue;
    if (!previous || item.previousElementSibling !== previous) lists = [];
    const bullet = item.querySelector("[data-style*='mso-list'][data-style*='gnore']");
    const ordered = /^\s*[\dA-Za-z]{1,4}[.)]/.test(bullet?.textContent ?? "");
    bullet?.remove();
    lists.length = Math.min(lists.length, level);
    while (lists.length < level) {
      const list = body.ownerDocument.createElement(ordered ? "ol" : "ul");
      const above = lists.at(-1);
      if (above) (above.lastElementChild ?? above).append(list);
      else item.before(list);
      lists.push(list);
    }
    const entry = body.ownerDocument.createElement("li");
    entry.append(...item.childNodes);
    lists.at(-1).append(entry);
    item.remove();
    previous = lists[0];
  }
}

function applyInlineStyles(element) {
  const style = styleOf(element);
  if (/^(B|STRONG)$/.test(element.nodeName) && NOT_BOLD.test(style)) {
    unwrap(element);
    return;
  }
  if (!/^(SPAN|FONT|A|U)$/.test(element.nodeName)) return;
  const isTitle = element.closest("h1, h2, h3, h4, h5, h6") !== null;
  for (const [pattern, name] of INLINE_STYLES) {
    if (!pattern.test(style) || (isTitle && name === "strong")) continue;
    const around = element.ownerDocument.createElement(name);
    around.append(...element.childNodes);
    element.append(around);
  }
  if (element.nodeName !== "A") unwrap(element);
}

/* Clean HTML of pasted HTML: no styles, no classes, lists as lists, no images of other sites. */
export function cleaned(html) {
  // Styles are only read, and handlers not at all: the page's policy would complain of each.
  const inert = html
    .replace(/<!--[\s\S]*?-->|<!\[[^\]]*\]>|<style[\s\S]*?<\/style>/gi, "")
    .replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\s(style|on\w+)\s*=/gi, " data-$1="));
  const { body } = new DOMParser().parseFromString(inert, "text/html");
  for (const element of body.querySelectorAll(DROPPED)) element.remove();
  gatherWordLists(body);
  for (const element of [...body.querySelectorAll("*")]) {
    if (element.localName.includes(":")) unwrap(element);
    else applyInlineStyles(element);
  }
  for (const [from, to] of Object.entries(RENAMED)) {
    for (const element of body.querySelectorAll(from)) {
      if (from === "div" && element.querySelector(BLOCKS)) unwrap(element);
      else rename(element, to);
    }
  }
  for (const image of body.querySelectorAll("img")) {
    if (!/^\/(?!\/)/.test(image.getAttribute("src") ?? "")) image.remove();
  }
  for (const link of body.querySelectorAll("a[href]")) {
    if (!LINK.test(link.getAttribute("href"))) unwrap(link);
  }
  for (const line of body.querySelectorAll(":scope > br")) line.remove();
  for (const title of body.querySelectorAll(":is(h2, h3, h4) :is(strong, b)")) unwrap(title);
  for (const element of body.querySelectorAll("*")) {
    for (const { name } of [...element.attributes]) {
      if (!KEPT.has(name)) element.removeAttribute(name);
    }
  }
  for (const empty of body.querySelectorAll("p, h2, h3, h4")) {
    if (!empty.textContent.trim() && !empty.querySelector("img")) empty.remove();
  }
  return body.innerHTML;
}
