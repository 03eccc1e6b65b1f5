/* Passing an episode on: copying its address, and the system's own menu where there is one. */

const COPIED_MS = 2500;

const copy = document.querySelector("[data-copy]");
if (copy) {
  const label = copy.textContent;
  const status = copy.closest(".share").querySelector("[role=status]");
  const say = (text) => {
    copy.textContent = text;
    status.textContent = text;
    setTimeout(() => { copy.textContent = label; }, COPIED_MS);
  };
  copy.addEventListener("click", () => {
    // Without https there is no clipboard; a reader may refuse it.
    if (!navigator.clipboard) return say("Copie impossible");
    navigator.clipboard.writeText(copy.dataset.copy).then(
      () => say("Lien copié"),
      () => say("Copie impossible"),
    );
  });
}

const share = document.querySelector("[data-share]");
if (share && navigator.share) {
  share.closest(".waiting").classList.remove("waiting");
  share.addEventListener("click", () => {
    // Closing the menu is an error to browsers, and none to anybody else.
    navigator.share({ title: share.dataset.title, url: share.dataset.share }).catch(() => {});
  });
}
