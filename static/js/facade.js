/* The video waits for a click: until then the page holds a picture of ours and a plain link.
   With JavaScript the link becomes a button that puts the platform's player in its place. */

const ALLOWED = "autoplay; fullscreen; picture-in-picture";

function embedAddress({ embed, platform }, seconds) {
  const address = new URL(embed);
  if (platform === "twitch") {
    address.searchParams.set("parent", location.hostname);
    if (seconds) address.searchParams.set("time", `${seconds}s`);
  } else if (seconds) {
    address.searchParams.set("start", seconds);
  }
  return address.href;
}

function openPlayer(facade) {
  const frame = document.createElement("iframe");
  frame.title = `Vidéo : ${facade.dataset.title}`;
  frame.allow = ALLOWED;
  frame.referrerPolicy = "strict-origin-when-cross-origin";
  const stage = document.createElement("div");
  stage.className = facade.className;
  stage.append(frame);
  facade.replaceWith(stage);
  return frame;
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
  const facade = asButton(link);
  let frame = null;

  const play = (seconds) => {
    frame ??= openPlayer(facade);
    // A slow machine takes the focus away again when the player comes.
    frame.addEventListener("load", () => {
      if (document.activeElement === document.body) frame.focus();
    }, { once: true });
    frame.src = embedAddress(facade.dataset, seconds);
    frame.focus();
  };

  facade.addEventListener("click", () => play(0));
  document.querySelector(".chapters")?.addEventListener("click", (event) => {
    const chapter = event.target.closest("a[data-seek]");
    if (!chapter || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    play(Number(chapter.dataset.seek));
    frame.scrollIntoView({ block: "nearest" });
  });
}
