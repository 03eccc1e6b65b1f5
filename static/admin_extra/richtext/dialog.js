/* A small form in a dialog. */

let count = 0;

export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(key, "");
    else if (value !== false && value != null) element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

function row({ name, label, help, value, ...attributes }) {
  const id = `richtext-ask-${(count += 1)}`;
  const input = make("input", { id, name, type: "text", ...attributes });
  if (attributes.type === "checkbox") input.checked = Boolean(value);
  else input.value = value ?? "";
  const caption = make("label", { for: id }, label);
  const parts = attributes.type === "checkbox" ? [input, " ", caption] : [caption, input];
  if (help) {
    input.setAttribute("aria-describedby", `${id}-help`);
    parts.push(make("small", { id: `${id}-help` }, help));
  }
  return make("p", {}, ...parts);
}

/* Resolves to the values by name, to null when given up. `check` returns a complaint for a field.
   `extra` is a second button, which resolves to its own name. */
export function ask({ title, fields, submit, extra = null, check = () => null }) {
  const heading = make("h2", { id: `richtext-ask-${(count += 1)}` }, title);
  const error = make("p", { class: "errornote", role: "alert", hidden: true });
  const form = make(
    "form",
    { method: "dialog", novalidate: true },
    heading,
    error,
    ...fields.map(row),
    make(
      "p",
      { class: "acts" },
      make("button", { type: "submit", class: "button" }, submit),
      " ",
      ...(extra ? [make("button", { type: "button", value: "extra", class: "button" }, extra), " "] : []),
      make("button", { type: "button", value: "cancel", class: "button" }, "Annuler"),
    ),
  );
  const dialog = make("dialog", { class: "richtext-ask", "aria-labelledby": heading.id }, form);
  document.body.append(dialog);

  return new Promise((resolve) => {
    // Not by the dialog's own "close": a busy machine tells of it late, and keys come before it.
    const end = (answer) => {
      dialog.close();
      dialog.remove();
      resolve(answer);
    };
    form.addEventListener("click", ({ target }) => {
      if (!(target instanceof HTMLButtonElement) || target.type !== "button") return;
      end(target.value === "extra" ? "extra" : null);
    });
    form.addEventListener("submit", (event) => {
      const values = Object.fromEntries(
        [...form.elements]
          .filter((field) => field.name)
          .map((field) => [
            field.name,
            field.type === "checkbox" ? field.checked : field.value.trim(),
          ]),
      );
      event.preventDefault();
      const complaint = check(values);
      if (complaint) {
        error.textContent = complaint;
        error.hidden = false;
        return;
      }
      end(values);
    });
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      end(null);
    });
    dialog.showModal();
  });
}
