/* Puts what « Remplir » has found into the form's empty fields. What somebody wrote stays. */

const field = document.getElementById("id_video_address");
const button = document.querySelector("[name=_fill]");
const told = document.getElementById("filled");
const PAIRED = /^(.+)_[01]$/;

const isEmpty = (name) => {
  const input = document.getElementById(`id_${name}`);
  return input !== null && input.value.trim() === "";
};

function write(name, value) {
  const input = document.getElementById(`id_${name}`);
  if (!input) return;
  input.value = value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
  input.classList.add("just-filled");
}

/* A day and its hour are filled together or not at all. */
function fillFields(fields) {
  const free = Object.keys(fields).filter((name) => {
    const pair = PAIRED.exec(name)?.[1];
    return pair ? isEmpty(`${pair}_0`) && isEmpty(`${pair}_1`) : isEmpty(name);
  });
  for (const name of free) write(name, fields[name]);
}

const count = (prefix) => Number(document.getElementById(`id_${prefix}-TOTAL_FORMS`)?.value ?? 1);

/* Into a formset that has no row yet. */
function fillRows(prefix, rows) {
  if (count(prefix) > 0) return;
  for (const row of rows) {
    const number = count(prefix);
    document.querySelector(`#${prefix}-group .add-row :is(a, button)`)?.click();
    if (count(prefix) === number) return;
    for (const [name, value] of Object.entries(row)) write(`${prefix}-${number}-${name}`, value);
  }
}

const complain = () => {
  const line = document.createElement("p");
  line.className = "filled-not";
  line.textContent = "Le serveur n’a pas répondu. Rien n’est perdu : réessayez.";
  told.replaceChildren(line);
};

field?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault(); // or it would press « Enregistrer »
  button.click();
});

button?.addEventListener("htmx:beforeRequest", () => {
  const line = document.createElement("p");
  line.textContent = "Lecture…";
  told.replaceChildren(line);
});

document.addEventListener("htmx:afterSwap", ({ target }) => {
  if (target !== told) return;
  const { values } = told.querySelector("[data-values]")?.dataset ?? {};
  if (!values) {
    complain(); // a session that has ended answers with the login page
    return;
  }
  const { fields, rows } = JSON.parse(values);
  fillFields(fields);
  for (const [prefix, list] of Object.entries(rows)) fillRows(prefix, list);
});

for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  button?.addEventListener(failure, complain);
}
