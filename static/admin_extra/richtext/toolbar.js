/* The editor's buttons. One stop for Tab; the arrows go from button to button. */

import { ask, make } from "./dialog.js";

const SITE = location.origin;

/* A moment of the episode's video, `1:12:00` or `1 h 12`, is the page's own `?t=` in seconds. */
function moment(typed) {
  const clock = /^(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)$/.exec(typed);
  const spoken = /^(\d{1,2})\s?h(?:\s?([0-5]\d))?$/i.exec(typed);
  const [, hours, minutes, seconds] = clock ?? spoken ?? [];
  return clock || spoken ? Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0) : null;
}

function address(typed) {
  if (moment(typed) !== null) return `?t=${moment(typed)}`;
  if (/^(https?:|mailto:|tel:|\/|#|\?t=)/i.test(typed)) return typed;
  return /^[^\s@]+@[^\s@]+$/.test(typed) ? `mailto:${typed}` : `https://${typed}`;
}

/* The answer, and the text as it was left: closing a dialog gives it the focus at its beginning. */
async function askAbout(editor, question) {
  const place = editor.state.selection.getBookmark();
  const answer = await ask(question);
  const { state, view } = editor;
  view.dispatch(state.tr.setSelection(place.resolve(state.doc)));
  view.focus();
  return answer;
}

async function editLink(editor) {
  const current = editor.getAttributes("link").href ?? "";
  const isLink = editor.isActive("link");
  const isEmpty = editor.state.selection.empty && !isLink;
  const answer = await askAbout(editor, {
    title: "Lien",
    submit: "Valider",
    extra: isLink ? "Retirer le lien" : null,
    fields: [
      {
        name: "href",
        label: "Adresse",
        value: current,
        autocomplete: "off",
        help: "Sur une fiche d’émission, un moment de la vidéo suffit : 1:12:00",
      },
      ...(isEmpty ? [{ name: "text", label: "Texte du lien" }] : []),
    ],
    check: ({ href }) =>
      (!href && "Écrivez une adresse.") ||
      (/^\w+:/.test(href) && moment(href) === null && !/^(https?|mailto|tel):/i.test(href)
        ? "Cette adresse ne peut pas être un lien du site."
        : null),
  });
  const chain = editor.chain().extendMarkRange("link");
  if (answer === "extra") chain.unsetMark("link").run();
  else if (answer) {
    const href = address(answer.href);
    if (isEmpty) {
      const marks = [{ type: "link", attrs: { href } }];
      editor.commands.insertContent({ type: "text", text: answer.text || href, marks });
    } else chain.setMark("link", { href }).run();
  }
}

const imageTypes = ["image", "figureImage"];

async function editImage(editor) {
  const { node } = editor.state.selection;
  const chosen = node && imageTypes.includes(node.type.name) ? node : null;
  const answer = await askAbout(editor, {
    title: "Image",
    submit: "Valider",
    fields: [
      {
        name: "src",
        label: "Adresse de l’image",
        value: chosen?.attrs.src,
        help: "Sur ce site : /media/… Une image d’ailleurs ne s’affiche pas.",
      },
      {
        name: "alt",
        label: "Texte alternatif",
        value: chosen?.attrs.alt,
        help: "Ce que l’image montre, pour qui ne la voit pas.",
      },
      ...(chosen ? [] : [{ name: "caption", label: "Légende" }]),
    ],
    check: ({ src }) =>
      /^\/(?!\/)/.test(src.replace(SITE, ""))
        ? null
        : "Une image vient de ce site : son adresse commence par /.",
  });
  if (!answer) return;
  const attrs = { src: answer.src.replace(SITE, ""), alt: answer.alt };
  if (chosen) {
    editor.commands.updateAttributes(chosen.type.name, attrs);
    return;
  }
  const content = [{ type: "figureImage", attrs }];
  if (answer.caption) {
    content.push({ type: "figcaption", content: [{ type: "text", text: answer.caption }] });
  }
  editor.commands.insertContent({ type: "figure", content });
}

async function insertTable(editor) {
  const number = { type: "number", min: 1, max: 20, value: 3 };
  const answer = await askAbout(editor, {
    title: "Tableau",
    submit: "Insérer",
    fields: [
      { name: "rows", label: "Lignes", ...number },
      { name: "cols", label: "Colonnes", ...number },
      { name: "withHeaderRow", label: "Première ligne d’en-têtes", type: "checkbox", value: true },
    ],
    check: ({ rows, cols }) =>
      [rows, cols].every((count) => count >= 1 && count <= 20)
        ? null
        : "De 1 à 20 lignes et colonnes.",
  });
  if (!answer) return;
  const [rows, cols] = [Number(answer.rows), Number(answer.cols)];
  editor.commands.insertTable({ rows, cols, withHeaderRow: answer.withHeaderRow });
}

const run = (command, ...options) => (editor) => editor.chain().focus()[command](...options).run();
const inTable = (editor) => editor.isActive("table");
const inList = (editor) => editor.isActive("listItem");
const heading = (level, face, label) => ({
  face,
  label,
  press: run("toggleHeading", { level }),
  pressed: (editor) => editor.isActive("heading", { level }),
});
const toggle = (mark, face, label, look = mark) => ({
  face,
  label,
  look,
  press: run("toggleMark", mark),
  pressed: (editor) => editor.isActive(mark),
});
const act = (face, label, command, shown) => ({ face, label, press: run(command), shown });

const GROUPS = [
  [
    heading(2, "Titre", "Titre"),
    heading(3, "Sous-titre", "Sous-titre"),
    heading(4, "Petit titre", "Petit titre"),
  ],
  [
    toggle("strong", "G", "Gras (Ctrl+B)"),
    toggle("em", "I", "Italique (Ctrl+I)"),
    toggle("s", "B", "Barré"),
    toggle("sup", "xᵉ", "Exposant", "plain"),
  ],
  [
    {
      face: "Lien",
      label: "Lien (Ctrl+K)",
      press: editLink,
      pressed: (editor) => editor.isActive("link"),
    },
    { face: "Image", label: "Image", press: editImage },
    { face: "Tableau", label: "Tableau", press: insertTable, shown: (editor) => !inTable(editor) },
    act("Filet", "Filet de séparation", "setHorizontalRule"),
  ],
  [
    {
      face: "• Liste",
      label: "Liste à puces",
      press: run("toggleBulletList"),
      pressed: (editor) => editor.isActive("bulletList"),
    },
    {
      face: "1. Liste",
      label: "Liste numérotée",
      press: run("toggleOrderedList"),
      pressed: (editor) => editor.isActive("orderedList"),
    },
    {
      face: "→",
      label: "Augmenter le retrait (Ctrl+])",
      press: run("sinkListItem", "listItem"),
      shown: inList,
    },
    {
      face: "←",
      label: "Diminuer le retrait (Ctrl+[)",
      press: run("liftListItem", "listItem"),
      shown: inList,
    },
    {
      face: "« Citation »",
      label: "Citation",
      press: run("toggleBlockquote"),
      pressed: (editor) => editor.isActive("blockquote"),
    },
  ],
  [
    act("+ ligne", "Ajouter une ligne au tableau", "addRowAfter", inTable),
    act("− ligne", "Retirer la ligne du tableau", "deleteRow", inTable),
    act("+ colonne", "Ajouter une colonne au tableau", "addColumnAfter", inTable),
    act("− colonne", "Retirer la colonne du tableau", "deleteColumn", inTable),
    act("En-tête", "Cellule d’en-tête", "toggleHeaderCell", inTable),
    act("Retirer le tableau", "Retirer le tableau", "deleteTable", inTable),
  ],
  [
    { face: "↶", label: "Annuler (Ctrl+Z)", press: run("undo"), able: (editor) => editor.can().undo() },
    { face: "↷", label: "Rétablir (Ctrl+Maj+Z)", press: run("redo"), able: (editor) => editor.can().redo() },
  ],
];

function moveWithArrows(bar) {
  const reachable = () => [...bar.querySelectorAll("button")].filter((one) => !one.parentNode.hidden && !one.hidden);
  const stopAt = (chosen) => {
    for (const button of bar.querySelectorAll("button")) button.tabIndex = button === chosen ? 0 : -1;
  };
  bar.addEventListener("focusin", ({ target }) => stopAt(target));
  bar.addEventListener("keydown", (event) => {
    const buttons = reachable();
    const at = buttons.indexOf(document.activeElement);
    const to = {
      ArrowRight: buttons[(at + 1) % buttons.length],
      ArrowLeft: buttons.at(at - 1),
      Home: buttons[0],
      End: buttons.at(-1),
    }[event.key];
    if (!to) return;
    event.preventDefault();
    to.focus();
  });
  stopAt(bar.querySelector("button"));
  return () => {
    const buttons = reachable();
    const stop = buttons.find((button) => button.tabIndex === 0) ?? buttons[0];
    stopAt(stop);
    return stop;
  };
}

/* The toolbar's element, and a function that gives it the focus. */
export function toolbar(editor, { label, controls, buttons: more }) {
  const items = [];
  const bar = make("div", { class: "richtext-bar", role: "toolbar", "aria-label": label, "aria-controls": controls });
  for (const group of GROUPS) {
    const box = make("span", { class: "richtext-group" });
    for (const item of group) {
      const button = make("button", { type: "button", title: item.label, "data-look": item.look }, item.face);
      if (item.label !== item.face) button.setAttribute("aria-label", item.label);
      // The selection must not be lost to the button.
      button.addEventListener("mousedown", (event) => event.preventDefault());
      button.addEventListener("click", () => {
        if (button.getAttribute("aria-disabled") !== "true") item.press(editor);
      });
      box.append(button);
      items.push([item, button]);
    }
    bar.append(box);
  }
  bar.append(make("span", { class: "richtext-group" }, ...more));
  const stop = moveWithArrows(bar);
  const refresh = () => {
    for (const [item, button] of items) {
      button.hidden = !(item.shown?.(editor) ?? true);
      if (item.pressed) button.setAttribute("aria-pressed", item.pressed(editor));
      if (item.able) button.setAttribute("aria-disabled", !item.able(editor));
    }
    for (const group of bar.children) {
      group.hidden = [...group.children].every((button) => button.hidden);
    }
    stop();
  };
  editor.on("transaction", refresh);
  refresh();
  return { element: bar, focus: () => stop().focus(), editLink: () => editLink(editor) };
}
