/* The image's point of interest: by a click on the image, or by the arrows; and what the site's
   crops make of it, at once, for an image that was only just chosen too. */

import { make } from "./richtext/dialog.js";

const STEP = 5;
const FINE_STEP = 1;
// Enough for the stage, whatever the size of the file.
const WIDEST = 960;
const CENTRED = { x: 50, y: 50 };
const CROPS = [
  { ratio: "wide", label: "Cartes et page (16:9)" },
  { ratio: "tall", label: "À la une, à côté d’un texte long" },
  { ratio: "social", label: "Réseaux sociaux : ils coupent au centre", fixed: true },
];

const within = (value) => Math.min(100, Math.max(0, Math.round(value)));
// As the site's pages do: their classes go from ten to ten.
const asShown = (value) => Math.round(value / 10) * 10;

/* The file's picture as a small data: address: the policy lets no other kind in. */
async function shrunk(file) {
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, WIDEST / bitmap.width);
  const canvas = make("canvas", {
    width: Math.max(1, Math.round(bitmap.width * scale)),
    height: Math.max(1, Math.round(bitmap.height * scale)),
  });
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return canvas.toDataURL("image/jpeg", 0.85);
}

class Focal {
  constructor(box) {
    const { form } = box.querySelector("input[type=file]");
    this.file = box.querySelector("input[type=file]");
    this.clear = box.querySelector("input[type=checkbox]");
    this.shown = box.querySelector(".focal-shown");
    this.stage = box.querySelector(".focal-stage");
    this.image = this.stage.querySelector("img");
    this.fields = { x: form.elements[box.dataset.x], y: form.elements[box.dataset.y] };
    this.stored = this.image.getAttribute("src");
    this.said = make("output", { class: "help", role: "status" });
    this.handle = make("button", { type: "button", class: "focal-handle" });
    this.stage.append(this.handle);
    this.crops = CROPS.map(({ ratio, label, fixed }) => {
      const image = make("img", { alt: "", class: `focal-crop ${ratio}` });
      return { image, fixed, figure: make("figure", {}, image, make("figcaption", {}, label)) };
    });
    this.shown.append(
      make("div", { class: "focal-crops" }, ...this.crops.map(({ figure }) => figure)),
      make(
        "p",
        { class: "help" },
        "Cliquez sur ce qui doit rester visible, ou déplacez le point avec les flèches ",
        "(plus finement avec Maj).",
      ),
      this.said,
    );
    this.listen();
    this.show(this.stored);
    this.draw();
  }

  listen() {
    this.image.addEventListener("click", (event) => {
      const { left, top, width, height } = this.image.getBoundingClientRect();
      this.move({
        x: ((event.clientX - left) / width) * 100,
        y: ((event.clientY - top) / height) * 100,
      });
      this.handle.focus();
    });
    this.handle.addEventListener("keydown", (event) => {
      const step = event.shiftKey ? FINE_STEP : STEP;
      const by = {
        ArrowLeft: [-step, 0],
        ArrowRight: [step, 0],
        ArrowUp: [0, -step],
        ArrowDown: [0, step],
      }[event.key];
      if (!by) return;
      event.preventDefault();
      const { x, y } = this.point;
      this.move({ x: x + by[0], y: y + by[1] });
    });
    for (const field of Object.values(this.fields)) {
      field.addEventListener("input", () => this.draw());
    }
    this.file.addEventListener("change", () => this.choose(this.file.files[0]));
    this.clear?.addEventListener("change", () => {
      this.shown.hidden = this.clear.checked || !this.image.getAttribute("src");
    });
  }

  async choose(file) {
    if (!file) {
      this.show(this.stored);
      return;
    }
    try {
      this.show(await shrunk(file));
      this.move(CENTRED);
    } catch {
      this.show("");
      this.said.textContent = "Le navigateur ne sait pas lire ce fichier comme une image.";
      this.shown.after(this.said);
    }
  }

  show(address) {
    this.shown.hidden = !address;
    if (!address) return;
    this.shown.append(this.said);
    for (const image of [this.image, ...this.crops.map((crop) => crop.image)]) image.src = address;
  }

  get point() {
    const read = (field) => within(Number.parseInt(field.value, 10) || 0);
    return { x: read(this.fields.x), y: read(this.fields.y) };
  }

  move({ x, y }) {
    this.fields.x.value = within(x);
    this.fields.y.value = within(y);
    this.draw();
  }

  draw() {
    const { x, y } = this.point;
    const words = `${x} % depuis la gauche, ${y} % depuis le haut`;
    this.handle.style.left = `${x}%`;
    this.handle.style.top = `${y}%`;
    this.handle.setAttribute("aria-label", `Point d’intérêt : ${words}. Les flèches le déplacent.`);
    this.said.textContent = `Point d’intérêt : ${words}.`;
    for (const { image, fixed } of this.crops) {
      image.style.objectPosition = fixed ? "" : `${asShown(x)}% ${asShown(y)}%`;
    }
  }
}

for (const box of document.querySelectorAll("[data-focal]")) new Focal(box);
