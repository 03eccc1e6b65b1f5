/* The video waits for a click: until then the page holds a picture of ours and a plain link.
   With JavaScript the link becomes a button that puts the platform's player in its place. */

const ALLOWED = "autoplay; fullscreen; picture-in-picture";

function embedAddress(facade, seconds) {
  const address = new URL(facade.dataset.embed);
  if (facade.dataset.platform === "twitch") {
    address.searchParams.set("parent", location.hostname);
    if (seconds) address.searchParams.set("time", `${seconds}s`);
  } else if (seconds) {
    address.searchParams.set("start", seconds);
  }
  return address.href;
}

function play(facade, seconds = 0) {
  const frame = document.createElement("iframe");
  frame.src = embedAddress(facade, seconds);
  frame.title = `Vidéo : ${facade.dataset.title}`;
  frame.allow = ALLOWED;
  frame.allowFullscreen = true;
  frame.referrerPolicy = "strict-origin-when-cross-origin";
  const stage = document.createElement("div");
  stage.className = "player";
  Object.assign(stage.dataset, facade.dataset);
  stage.append(frame);
  facade.replaceWith(stage);
  frame.focus();
  return stage;
}

function asButton(link) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = link.className;
  Object.assign(button.dataset, link.dataset);
  button.append(...link.childNodes);
  button.querySelector("small").textContent = link.dataset.note;
  link.replaceWith(button);
  return button;
}

const link = document.querySelector("a[data-embed]");
if (link) {
  let player = asButton(link);
  player.addEventListener("click", () => {
    player = play(player);
  });
  document.querySelector(".chapters")?.addEventListener("click", (event) => {
    const chapter = event.target.closest("a[data-seek]");
    if (!chapter || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    player = play(player, Number(chapter.dataset.seek));
    player.scrollIntoView({ block: "nearest" });
  });
}
