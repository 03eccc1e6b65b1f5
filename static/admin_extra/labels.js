/* Names for fields that Django's admin leaves without one: cells of a table, the halves of a moment,
   and the boxes that select2 puts in the place of lists. */

const nameOf = (element) => element?.textContent.replace(/\s+/g, " ").replace(/\s*:\s*$/, "").trim();
const isNamed = (field) =>
  field.labels?.length > 0 || field.hasAttribute("aria-label") || field.hasAttribute("aria-labelledby");

/* Without the question mark and its help, which the field is described by. */
function columnOf(cell) {
  const heading = cell.closest("table").tHead?.rows[0]?.cells[cell.cellIndex];
  return nameOf(heading?.firstChild ?? heading);
}

function labelOf(field) {
  const cell = field.closest(".tabular td");
  if (cell) return columnOf(cell) || nameOf(cell.closest("table").tHead?.rows[0].lastElementChild);
  const row = field.closest(".form-row");
  const own = row?.querySelector(`label[for="${field.id.replace(/_[01]$/, "")}"]`);
  return nameOf(own ?? row?.querySelector("legend, label"));
}

const HALVES = { 0: "date", 1: "heure" };

function nameFields(root) {
  for (const field of root.querySelectorAll(".tabular td :is(input, select, textarea)")) {
    if (field.type === "hidden" || field.id.includes("__prefix__") || isNamed(field)) continue;
    field.setAttribute("aria-label", labelOf(field));
  }
  for (const half of root.querySelectorAll(".datetime input")) {
    if (isNamed(half)) continue;
    half.setAttribute("aria-label", `${labelOf(half)}, ${HALVES[half.id.at(-1)]}`);
  }
}

/* Once select2 has put its own boxes there. */
function nameBoxes(root) {
  for (const list of root.querySelectorAll("select.select2-hidden-accessible")) {
    const name = labelOf(list);
    const box = list.nextElementSibling;
    const single = box?.querySelector(".select2-selection--single");
    const shown = single?.querySelector(".select2-selection__rendered");
    if (shown && !single.dataset.named) {
      single.dataset.named = "";
      single.setAttribute("aria-label", name);
      // Its name, then what is chosen.
      single.id ||= `${shown.id}-box`;
      single.setAttribute("aria-labelledby", `${single.id} ${shown.id}`);
      // It says that it is a text box, and is none.
      for (const claim of ["role", "aria-readonly"]) shown.removeAttribute(claim);
    }
    box?.querySelector(".select2-search__field")?.setAttribute("aria-label", name);
  }
}

/* The column that says what a row was before. */
function nameColumns(root) {
  for (const heading of root.querySelectorAll(".tabular th.original:empty")) {
    const name = document.createElement("span");
    name.className = "visually-hidden";
    name.textContent = "Ligne";
    heading.append(name);
  }
  // Over rows that nobody can take away there is nothing to head.
  for (const heading of root.querySelectorAll(".tabular thead th:last-child:empty")) {
    heading.replaceWith(document.createElement("td"));
  }
}

function nameAll(root) {
  nameColumns(root);
  nameFields(root);
  nameBoxes(root);
}

nameAll(document);
window.django.jQuery(() => nameAll(document));
// After the scripts that listen for it too and turn lists into boxes.
document.addEventListener("formset:added", ({ target }) => setTimeout(() => nameAll(target)));
// The box in which one searches is made anew each time.
window.django.jQuery(document).on("select2:open select2:select select2:unselect", ({ target }) => {
  setTimeout(() => {
    nameBoxes(target.parentNode);
    document
      .querySelector(".select2-dropdown .select2-search__field")
      ?.setAttribute("aria-label", labelOf(target) ?? "Chercher");
  });
});
