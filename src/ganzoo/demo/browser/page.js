/** The element `<ganzoo-page>`: models of this site, or the visitor's own, draw in the page. */

import { missing } from "./abilities.js";
import { asked, follow } from "./address.js";
import { Bench } from "./bench.js";
import { Controls } from "./controls.js";
import { Cover } from "./cover.js";
import { save } from "./downloads.js";
import { found, MARKUP } from "./markup.js";
import { keep } from "./offline.js";
import { encoded, sheet as joined, poster } from "./pictures.js";
import { Sheet } from "./sheet.js";
import { classNames, isSmall, layout, Studio, spots } from "./studio.js";
import { between } from "./ways.js";

/** @typedef {import("./bench.js").Pick} Pick */
/** @typedef {import("./onnx_record.js").ModelRecord} ModelRecord */

const SIDE = 112; // of an image of a sheet that is kept, about

class Page {
  /** @param {ShadowRoot} root */
  constructor(root) {
    this.root = root;
    this.state = asked();
    this.studio = new Studio(document.baseURI);
    /** Those of the sheet. @type {Pick[]} */
    this.images = [];
    this.told = "";
    this.turn = 0; // of the sheet: what an older one draws late is dropped
    this.cover = new Cover(root, () => this.open());
    this.controls = new Controls(root, this.state, (change) => this.change(change));
    this.sheet = new Sheet(found(root, ".tiles", HTMLElement), {
      pick: (image) => this.opened && this.bench.toggle(this.images[image]),
      drag: (from, to, share) => this.drag(this.images[from], this.images[to], share),
      drop: (from, to) => this.opened && this.bench.go([this.images[from], this.images[to]]),
    });
    this.bench = new Bench(
      root,
      (all) => this.studio.draw(all, this.state.truncation),
      () => this.name(),
      (text) => this.tell(text),
    );
    this.listen();
    this.ready = this.begin().catch((error) => this.refuse(error));
  }

  /** Whether the model that is chosen is open. */
  get opened() {
    return this.studio.opened?.name === this.state.model;
  }

  /** @param {string} text */
  tell(text) {
    found(this.root, "[role=status]", HTMLElement).textContent = text;
  }

  listen() {
    const file = found(this.root, "input[type=file]", HTMLInputElement);
    const click = (/** @type {string} */ name, /** @type {() => void} */ act) =>
      found(this.root, name, HTMLButtonElement).addEventListener("click", act);
    click(".own", () => file.click());
    click(".save-sheet", () => this.saveSheet());
    file.addEventListener("change", () => file.files?.[0] && this.take(file.files[0]));
    document.addEventListener("dragover", (event) => event.preventDefault());
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      const dropped = event.dataTransfer?.files[0];
      if (dropped) this.take(dropped);
    });
  }

  /** Show what there is, before anything large is fetched. */
  async begin() {
    const lacking = missing();
    if (lacking) throw new Error(`This browser cannot draw here, as ${lacking}. A newer one can.`);
    await this.studio.begin();
    const names = [...this.studio.models.keys()];
    if (!names.includes(this.state.model)) this.state.model = names[0] ?? "";
    await this.invite();
  }

  /** @param {unknown} error */
  refuse(error) {
    this.cover.offer(text(error), false);
    this.controls.show([], undefined);
  }

  /** Show a model of the site as it was drawn beforehand. */
  async invite() {
    const listed = this.studio.listed(this.state.model);
    this.controls.show([...this.studio.models.keys()], listed?.record);
    if (!listed) {
      this.cover.offer("Open a model of yours, or drop it here: an .onnx file.", false);
      return;
    }
    this.lay(listed.record);
    const megabytes = (this.studio.size(listed.name) / 1e6).toFixed(1);
    this.cover.offer(`The generator will run on your machine: ${megabytes} MB, fetched once.`);
    found(this.root, ".about", HTMLElement).textContent = listed.about;
    const address = new URL(listed.poster, document.baseURI);
    for (const canvases of [this.sheet.canvases(), [this.bench.canvas]])
      await poster(address, listed.record.image_shape, canvases);
  }

  /** @param {Partial<import("./address.js").Asked>} change */
  change(change) {
    Object.assign(this.state, change);
    follow(this.state);
    if (change.model !== undefined && !this.studio.opened) this.invite();
    else if (!this.opened) this.open();
    else this.draw();
  }

  /**
   * Take a file of the visitor's, which stays on this machine.
   * @param {File} file
   */
  async take(file) {
    await this.ready; // a file may be dropped before the page knows what it has
    const before = this.state.model;
    const name = `${file.name} (yours)`; // not that of a model of the site
    this.studio.models.set(name, file);
    this.state.model = name;
    if (await this.open()) return;
    this.studio.models.delete(name);
    this.state.model = before;
    this.controls.show([...this.studio.models.keys()], this.studio.opened?.record);
    if (this.opened) this.cover.lift();
  }

  /**
   * Open the model that is chosen, and draw.
   * @returns {Promise<boolean>} whether it does
   */
  async open() {
    const { model } = this.state;
    this.cover.wait(`Fetching ${model}: ${(this.studio.size(model) / 1e6).toFixed(1)} MB`);
    try {
      const record = await this.studio.open(model, (share) => this.cover.progress(share));
      found(this.root, ".about", HTMLElement).textContent = this.studio.listed(model)?.about ?? "";
      this.lay(record);
      this.cover.lift();
      found(this.root, ".bench", HTMLElement).inert = false;
      await this.draw();
      this.bench.look(this.images[0]);
      this.tell((await keep(this.studio.hidden())) ? `${this.told} Works offline now.` : this.told);
      return true;
    } catch (error) {
      this.cover.offer(text(error), Boolean(this.studio.listed(model)));
      this.tell(text(error));
      return false;
    }
  }

  /** @param {ModelRecord} record */
  lay(record) {
    const { count, columns } = layout(record);
    this.controls.show([...this.studio.models.keys()], record);
    this.sheet.lay(count, columns);
    this.bench.open(record);
    const small = isSmall(record);
    found(this.root, ".app", HTMLElement).classList.toggle("small", small);
  }

  /** Draw the images of the seed, row by row. */
  async draw() {
    const [turn, begun, record] = [++this.turn, performance.now(), this.studio.opened?.record];
    if (!record) return;
    const { seed, label } = this.state;
    const { columns, count } = layout(record);
    const all = spots(record, seed, label);
    this.controls.show([...this.studio.models.keys()], record);
    this.images = all.map((spot, i) => this.pick(spot, i, record));
    this.name();
    for (let start = 0; start < count; start += columns) {
      const row = all.slice(start, start + columns);
      const drawn = await this.studio.draw(row, this.state.truncation);
      if (turn !== this.turn) return;
      for (const [i, bytes] of drawn.entries())
        this.sheet.paint(start + i, bytes, record.image_shape);
    }
    const seconds = ((performance.now() - begun) / 1000).toFixed(2);
    this.told = `${count} images of seed ${seed} in ${seconds} s, drawn on this machine.`;
    this.tell(this.told);
    this.bench.show();
  }

  /**
   * @param {import("./bench.js").Spot} spot
   * @param {number} i
   * @param {ModelRecord} record
   * @returns {Pick}
   */
  pick(spot, i, record) {
    const label = spot.label === undefined ? "" : `, ${classNames(record)[spot.label]}`;
    const name = `image ${i + 1}${label} of seed ${this.state.seed}`;
    return {
      ...spot,
      key: `${i}/${spot.label}/${this.state.seed}`,
      name,
      minus: false,
      canvas: this.sheet.canvas(i),
    };
  }

  /** Name the images, and say which are picked. */
  name() {
    this.images.forEach(({ key, name }, i) => {
      const place = this.bench.picks.findIndex((pick) => pick.key === key) + 1;
      this.sheet.name(i, place ? `${name}, pick ${place}` : name, place);
    });
  }

  /**
   * Show the way while the visitor drags.
   * @param {Pick} from
   * @param {Pick} to
   * @param {number} share
   */
  drag(from, to, share) {
    const { label } = share < 0.5 ? from : to;
    if (this.opened) this.bench.preview({ label, latent: between(from.latent, to.latent, share) });
  }

  async saveSheet() {
    const canvases = this.sheet.canvases();
    const picture = joined(canvases, this.sheet.columns, SIDE);
    save(await encoded(picture, "image/png"), `${this.state.model}-${this.state.seed}.png`);
  }
}

/** @param {unknown} error */
const text = (error) => (error instanceof Error ? error.message : String(error));

customElements.define(
  "ganzoo-page",
  class extends HTMLElement {
    connectedCallback() {
      if (this.shadowRoot) return;
      const root = this.attachShadow({ mode: "open" });
      root.innerHTML = MARKUP;
      new Page(root);
    }
  },
);
