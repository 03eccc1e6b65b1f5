/* What the editor can hold: the tags of auposte/richtext.py, and nothing else. */

import {
  Blockquote, BulletList, Document, Dropcursor, Extension, Gapcursor, HardBreak, Heading, History,
  HorizontalRule, ListItem, Mark, Node, OrderedList, Paragraph, Table, TableCell, TableHeader,
  TableRow, Text,
} from "../../django_prose_editor/editor.js";

/* An attribute as it is written: Tiptap would make a number of alt="007". */
const kept = (name) => ({
  [name]: { default: null, parseHTML: (element) => element.getAttribute(name) },
});
const keptAll = (...names) => Object.assign({}, ...names.map(kept));

function mark(name, { tags = [name], attributes = [], key = null, ...rest } = {}) {
  return Mark.create({
    name,
    parseHTML: () => tags.map((tag) => ({ tag })),
    renderHTML: ({ HTMLAttributes }) => [tags[0].split("[")[0], HTMLAttributes, 0],
    addAttributes: () => keptAll(...attributes),
    addKeyboardShortcuts() {
      return key ? { [key]: () => this.editor.commands.toggleMark(name) } : {};
    },
    ...rest,
  });
}

/* Their order is that of nesting, the outermost first. */
const MARKS = [
  mark("link", { tags: ["a[href]"], attributes: ["href", "title", "hreflang"], inclusive: false }),
  mark("q", { attributes: ["cite"] }),
  mark("strong", { tags: ["strong", "b"], key: "Mod-b" }),
  mark("em", { tags: ["em", "i"], key: "Mod-i" }),
  mark("abbr", { attributes: ["title"] }),
  ...["cite", "s", "small", "code"].map((name) => mark(name)),
  mark("sub", { excludes: "sup" }),
  mark("sup", { excludes: "sub" }),
];

const IMAGE = ["src", "alt", "width", "height"];

const Image = Node.create({
  name: "image",
  group: "inline",
  inline: true,
  draggable: true,
  addAttributes: () => keptAll(...IMAGE),
  parseHTML: () => [{ tag: "img" }],
  renderHTML: ({ HTMLAttributes }) => ["img", HTMLAttributes],
});

const FigureImage = Image.extend({
  name: "figureImage",
  group: "",
  inline: false,
  parseHTML: () => [{ tag: "img", context: "figure/", priority: 60 }],
});

const Figure = Node.create({
  name: "figure",
  group: "block",
  // The image comes first: it is what a figure without content is given.
  content: "figcaption? (figureImage | table | blockquote | pre | paragraph | figure)+ figcaption?",
  marks: "link",
  isolating: true,
  draggable: true,
  parseHTML: () => [{ tag: "figure" }],
  renderHTML: () => ["figure", 0],
});

const FigCaption = Node.create({
  name: "figcaption",
  content: "inline*",
  isolating: true,
  parseHTML: () => [{ tag: "figcaption" }],
  renderHTML: () => ["figcaption", 0],
});

const Footer = Node.create({
  name: "footer",
  group: "block",
  content: "paragraph+",
  parseHTML: () => [{ tag: "footer" }],
  renderHTML: () => ["footer", 0],
});

const Pre = Node.create({
  name: "pre",
  group: "block",
  content: "inline*",
  code: true,
  defining: true,
  parseHTML: () => [{ tag: "pre", preserveWhitespace: "full" }],
  renderHTML: () => ["pre", 0],
});

/* Tab leaves the text, as everywhere in the form: lists and tables must not hold it. */
const withoutTab = {
  addKeyboardShortcuts() {
    const shortcuts = { ...this.parent?.() };
    delete shortcuts.Tab;
    delete shortcuts["Shift-Tab"];
    return shortcuts;
  },
};

const Item = ListItem.extend({
  addKeyboardShortcuts() {
    return {
      ...withoutTab.addKeyboardShortcuts.call(this),
      "Mod-]": () => this.editor.commands.sinkListItem(this.name),
      "Mod-[": () => this.editor.commands.liftListItem(this.name),
    };
  },
});

const span = (name) => ({
  default: 1,
  parseHTML: (element) => Number.parseInt(element.getAttribute(name), 10) || 1,
  renderHTML: ({ [name]: value }) => (value > 1 ? { [name]: value } : {}),
});

const cell = {
  addAttributes: () => ({
    colspan: span("colspan"),
    rowspan: span("rowspan"),
    colwidth: { default: null, rendered: false },
    ...kept("scope"),
  }),
  addMenuItems: null,
};

/* A row knows whether it stood in a thead: tables hold rows alone here (see html.js). */
const Row = TableRow.extend({
  addAttributes: () => ({
    head: {
      default: null,
      parseHTML: (element) => (element.parentNode?.nodeName === "THEAD" ? "1" : null),
      renderHTML: ({ head }) => (head ? { "data-head": "1" } : {}),
    },
  }),
});

export const extensions = [
  Document,
  Text,
  Paragraph,
  Heading.configure({ levels: [2, 3, 4] }),
  BulletList,
  OrderedList.extend({ addAttributes: () => ({}), addNodeView: null }),
  Item,
  Blockquote.extend({ addAttributes: () => kept("cite") }),
  Footer,
  Pre,
  HorizontalRule,
  HardBreak,
  Figure,
  FigCaption,
  FigureImage,
  Image,
  Table.extend({ ...withoutTab, addNodeView: null, addMenuItems: null }),
  Row,
  TableHeader.extend(cell),
  TableCell.extend(cell),
  ...MARKS,
  Dropcursor,
  Gapcursor,
  History,
  Extension.create({
    name: "leaving",
    addKeyboardShortcuts() {
      return { "Alt-F10": () => this.editor.options.focusToolbar() };
    },
  }),
];
