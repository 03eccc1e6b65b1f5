/* Autocompletes whose last line creates what was typed. A module, so that it comes after Django's own
   scripts and their jQuery; the server knows a new choice by the select's `data-new` before it. */

const $ = window.django.jQuery;
const LONGEST = 120;

const start = (element) => {
  const { dataset } = element;
  // What is offered to be created is an option too: without an empty one before it, a list would
  // choose it by itself.
  if (!element.multiple && !element.querySelector("option[value='']")) {
    element.prepend(new Option("", ""));
  }
  $(element).select2({
    tags: true,
    createTag: ({ term }) => {
      const name = term.trim().replace(/\s+/g, " ");
      if (!name || name.length > LONGEST) return null;
      return { id: dataset.new + name, text: name, isNew: true };
    },
    // Last, so that Enter takes what was found first.
    insertTag: (found, created) => found.push(created),
    templateResult: ({ isNew, text }) => (isNew ? `Créer « ${text} »` : text),
    templateSelection: ({ isNew, text }) => (isNew ? `${text} (à créer)` : text),
    ajax: {
      data: ({ term, page }) => ({
        term,
        page,
        app_label: dataset.appLabel,
        model_name: dataset.modelName,
        field_name: dataset.fieldName,
      }),
    },
  });
  // There is no page yet to change or to view: Django's links would lead nowhere.
  $(element).on("change", () => {
    const isNew = String($(element).val() ?? "").startsWith(dataset.new);
    if (!isNew) return;
    setTimeout(() => $(element).siblings(".change-related, .view-related").removeAttr("href"));
  });
};

const startIn = (root) =>
  $(root)
    .find(".creating-autocomplete")
    .not("[name*=__prefix__]")
    .each((_, element) => start(element));

startIn(document);
document.addEventListener("formset:added", ({ target }) => startIn(target));
