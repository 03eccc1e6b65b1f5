/* The list of episodes, swapped by htmx: what had the focus may be gone with what it stood in (a
   filter that was lifted, a page that was turned). Then the list's title gets it, as on a new page. */

document.addEventListener("htmx:afterSettle", (event) => {
  const title = document.getElementById("titre");
  if (title && event.detail.target?.id === "registre" && document.activeElement === document.body) {
    title.focus({ preventScroll: true });
  }
});
