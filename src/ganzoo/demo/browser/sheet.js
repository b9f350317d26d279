/** The images of a seed: a grid of buttons, to be picked, or dragged from one to another. */

import { paint } from "./pictures.js";

const FARTHEST_CLICK = 8; // pixels that a pointer may move between down and up

/**
 * @typedef {object} Wishes what the visitor does with images, by their numbers
 * @property {(image: number) => void} pick
 * @property {(from: number, to: number, share: number) => void} drag
 * @property {(from: number, to: number) => void} drop
 */

export class Sheet {
  /**
   * @param {HTMLElement} element
   * @param {Wishes} wishes
   */
  constructor(element, wishes) {
    this.element = element;
    this.wishes = wishes;
    /** @type {HTMLButtonElement[]} */
    this.tiles = [];
    this.columns = 1;
    /** Where a drag began. @type {number | undefined} */
    this.from = undefined;
    this.dragged = false;
    element.addEventListener("keydown", (event) => this.move(event));
    element.addEventListener("pointerdown", (event) => this.down(event));
    element.addEventListener("pointermove", (event) => this.moved(event));
    element.addEventListener("pointerup", (event) => this.up(event));
    element.addEventListener("pointercancel", () => this.end());
  }

  /**
   * @param {number} count
   * @param {number} columns
   */
  lay(count, columns) {
    this.columns = columns;
    this.element.style.setProperty("--columns", String(columns));
    this.element.style.setProperty("--half", String(Math.max(4, Math.ceil(columns / 2))));
    while (this.tiles.length > count) this.tiles.pop()?.remove();
    while (this.tiles.length < count) this.tiles.push(this.tile(this.tiles.length));
  }

  /** @param {number} image */
  tile(image) {
    const tile = document.createElement("button");
    tile.type = "button";
    tile.tabIndex = image === 0 ? 0 : -1;
    tile.append(document.createElement("canvas"));
    tile.addEventListener("click", () => {
      if (!this.dragged) this.wishes.pick(image);
    });
    this.element.append(tile);
    return tile;
  }

  /** @param {number} image */
  canvas(image) {
    return /** @type {HTMLCanvasElement} */ (this.tiles[image].firstElementChild);
  }

  /** @returns {HTMLCanvasElement[]} */
  canvases() {
    return this.tiles.map((_, image) => this.canvas(image));
  }

  /**
   * @param {number} image
   * @param {Uint8Array} bytes
   * @param {import("./pictures.js").Shape} shape
   */
  paint(image, bytes, shape) {
    paint(this.canvas(image), bytes, shape);
  }

  /**
   * @param {number} image
   * @param {string} name
   * @param {number} place among the picked ones, 0 for none
   */
  name(image, name, place) {
    const tile = this.tiles[image];
    tile.setAttribute("aria-label", name);
    tile.setAttribute("aria-pressed", String(place > 0));
    tile.dataset.place = place ? String(place) : "";
  }

  /** @param {KeyboardEvent} event */
  move(event) {
    const across = this.across();
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across }[event.key];
    const here = this.tiles.findIndex((tile) => tile.contains(/** @type {Node} */ (event.target)));
    const there = this.tiles[here + (step ?? 0)];
    if (!step || !there) return;
    event.preventDefault();
    this.tiles[here].tabIndex = -1;
    there.tabIndex = 0;
    there.focus();
  }

  /** Return how many images stand side by side as the page is now. */
  across() {
    const below = this.tiles.findIndex((tile) => tile.offsetTop > this.tiles[0].offsetTop);
    return below < 0 ? this.columns : below;
  }

  /** @param {PointerEvent} event */
  down(event) {
    this.from = this.under(event);
    this.dragged = false;
    this.start = [event.clientX, event.clientY];
  }

  /** @param {PointerEvent} event */
  moved(event) {
    if (this.from === undefined || !this.start) return;
    const far = Math.hypot(event.clientX - this.start[0], event.clientY - this.start[1]);
    if (!this.dragged && far < FARTHEST_CLICK) return;
    if (!this.dragged) this.element.setPointerCapture(event.pointerId);
    this.dragged = true;
    const to = this.under(event);
    this.mark(to);
    if (to !== undefined && to !== this.from)
      this.wishes.drag(this.from, to, this.share(event, this.from, to));
  }

  /** @param {PointerEvent} event */
  up(event) {
    const to = this.under(event);
    if (this.dragged && this.from !== undefined && to !== undefined && to !== this.from)
      this.wishes.drop(this.from, to);
    this.end();
  }

  end() {
    this.from = undefined;
    this.mark(undefined);
    setTimeout(() => {
      this.dragged = false; // after the click that a browser may add
    });
  }

  /** @param {number | undefined} to where a drag is */
  mark(to) {
    this.tiles.forEach((tile, image) => {
      tile.classList.toggle("drag", to !== undefined && (image === to || image === this.from));
    });
  }

  /** @param {PointerEvent} event */
  under({ clientX, clientY }) {
    const root = /** @type {ShadowRoot} */ (this.element.getRootNode());
    const hit = root.elementFromPoint(clientX, clientY);
    const image = this.tiles.findIndex((tile) => tile.contains(hit));
    return image < 0 ? undefined : image;
  }

  /**
   * Return how far a pointer is on the way between the middles of two images.
   * @param {PointerEvent} event
   * @param {number} from
   * @param {number} to
   */
  share(event, from, to) {
    const [a, b] = [from, to].map((image) => this.tiles[image].getBoundingClientRect());
    const [dx, dy] = [b.x - a.x, b.y - a.y];
    const [x, y] = [event.clientX - a.x - a.width / 2, event.clientY - a.y - a.height / 2];
    return Math.min(1, Math.max(0, (x * dx + y * dy) / (dx * dx + dy * dy)));
  }
}
