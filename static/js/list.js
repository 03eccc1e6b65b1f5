/* The list of episodes and the results of a search, swapped by htmx: what had the focus may be gone
   with what it stood in (a filter that was lifted, a page that was turned). Then the page's title
   gets it, as on a new page. */

document.addEventListener("htmx:afterSettle", (event) => {
  const title = document.getElementById("titre");
  if (title && event.detail.target?.id === "registre" && document.activeElement === document.body) {
    title.focus({ preventScroll: true });
  }
});

// What is no list (it took too long, it is no longer there) is a page: the browser goes and shows it.
document.addEventListener("htmx:responseError", ({ detail }) => {
  if (detail.target?.id === "registre") location.assign(detail.pathInfo.finalRequestPath);
});
