/* The proposed amounts fill the field instead of loading the page anew, so that nothing typed is
   lost; htmx hears the field's `input` event and asks what the fees would be. */

const amount = document.querySelector("#id_amount");
const chips = [...document.querySelectorAll(".chip[data-amount]")];

const mark = () => {
  for (const chip of chips) {
    if (chip.dataset.amount === amount.value.trim()) chip.setAttribute("aria-current", "true");
    else chip.removeAttribute("aria-current");
  }
};

for (const chip of chips) {
  chip.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    amount.value = chip.dataset.amount;
    amount.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

amount?.addEventListener("input", mark);

// After a refused form the page starts with what to mend.
document.querySelector("#a-corriger")?.focus();
