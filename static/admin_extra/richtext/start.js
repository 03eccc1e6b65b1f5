/* Puts the editor in the place of each rich text's field. The field stays what the form sends, and
   changes only when somebody writes: what was not touched is saved as it was. Without this script,
   or for a text that the editor cannot hold, the field itself is written in, as HTML. */

import { Editor } from "../../django_prose_editor/editor.js";
import { make } from "./dialog.js";
import { essence, written } from "./html.js";
import { cleaned } from "./paste.js";
import { extensions } from "./schema.js";
import { toolbar } from "./toolbar.js";

const PLAIN =
  "L’éditeur ne saurait pas garder toute la mise en forme de ce texte : il se modifie ici en HTML.";

/* The editor, if it can hold all of the field's text. */
function opened(options) {
  let editor = null;
  try {
    editor = new Editor(options);
    if (essence(options.content) === essence(written(editor))) return editor;
  } catch (error) {
    console.info(error); // whatever became of the editor, the field is there
  }
  editor?.destroy();
  return null;
}

class RichText {
  constructor(field) {
    this.field = field;
    this.label = document.querySelector(`label[for="${field.id}"]`);
    this.name = (this.label?.textContent ?? "Texte").replace(/\s*:\s*$/, "").trim();
    this.box = make("div", { class: "richtext" });
    this.note = make("p", { class: "help richtext-note", role: "status" });
    field.before(this.box);
    this.label?.addEventListener("click", (event) => {
      if (!this.editor) return;
      event.preventDefault();
      this.editor.commands.focus();
    });
    this.open();
  }

  /* The editor with the field's text, if it can hold all of it. */
  open() {
    const place = make("div", { class: "richtext-text" });
    const editor = opened({
      element: place,
      extensions,
      content: this.field.value,
      // The admin's policy lets no style be injected: static/admin_extra/auposte.css has them.
      injectCSS: false,
      focusToolbar: () => this.bar.focus() ?? true,
      editorProps: {
        attributes: this.attributes(),
        transformPastedHTML: (html) => (html.includes("data-pm-slice") ? html : cleaned(html)),
        // A dropped file would take the place of the whole page.
        handleDrop: (_, event, slice, moved) =>
          !moved && event.dataTransfer.files.length > 0 && (event.preventDefault(), true),
        handleKeyDown: (_, event) => this.handleKey(event),
      },
    });
    if (!editor) {
      this.showPlain(PLAIN);
      return;
    }
    this.editor = editor;
    this.bar = toolbar(editor, {
      label: `Mise en forme : ${this.name}`,
      controls: `${this.field.id}-texte`,
      buttons: [this.switchButton("HTML", "Modifier en HTML", () => this.showPlain(""))],
    });
    editor.on("update", () => {
      this.field.value = written(editor);
      this.field.dispatchEvent(new Event("input", { bubbles: true }));
    });
    this.field.hidden = true;
    this.box.replaceChildren(this.bar.element, place);
  }

  /* The field itself, and the way back. */
  showPlain(note) {
    this.editor?.destroy();
    this.editor = null;
    this.field.hidden = false;
    this.note.textContent = note;
    const back = this.switchButton("Éditeur", "Revenir à l’éditeur", () => {
      this.open();
      (this.editor?.commands ?? this.field).focus();
    });
    this.box.replaceChildren(make("p", { class: "richtext-bar" }, back), this.note);
    if (!note) this.field.focus();
  }

  switchButton(face, title, press) {
    const button = make("button", { type: "button", title }, face);
    button.addEventListener("click", press);
    return button;
  }

  attributes() {
    const described = this.field.getAttribute("aria-describedby");
    return {
      id: `${this.field.id}-texte`,
      class: "prose",
      role: "textbox",
      lang: "fr",
      spellcheck: "true",
      "aria-multiline": "true",
      "aria-label": this.name,
      ...(described ? { "aria-describedby": described } : {}),
      ...(this.field.getAttribute("aria-invalid") ? { "aria-invalid": "true" } : {}),
    };
  }

  handleKey(event) {
    if (event.key !== "k" || !(event.ctrlKey || event.metaKey)) return false;
    event.preventDefault();
    this.bar.editLink();
    return true;
  }
}

function start(root) {
  for (const field of root.querySelectorAll("textarea[data-richtext]")) {
    if (field.id.includes("__prefix__") || field.disabled || "started" in field.dataset) continue;
    field.dataset.started = "";
    new RichText(field);
  }
}

start(document);
document.addEventListener("formset:added", (event) => start(event.target));
