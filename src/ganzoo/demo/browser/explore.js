/** One image, gone along two directions: a pad, and two sliders for those who use no pointer. */

import { fill, found } from "./markup.js";
import { gone, orthogonal } from "./ways.js";

const FARTHEST = 4;
const RADIUS = 2; // of the round trip that the film shows
const FRAMES = 48;

/** @typedef {import("./bench.js").Spot} Spot */

export class Explore {
  /**
   * @param {ParentNode} root
   * @param {HTMLElement} pad
   * @param {() => void} changed
   */
  constructor(root, pad, changed) {
    this.changed = changed;
    this.sliders = ["x", "y"].map((name) =>
      found(root, `#explore [name=${name}]`, HTMLInputElement),
    );
    this.choices = ["across", "up"].map((name) =>
      found(root, `#explore [name=${name}]`, HTMLSelectElement),
    );
    /** @type {ArrayLike<number>[]} */
    this.directions = [];
    /** How far along each direction. @type {number[]} */
    this.amounts = [];
    for (const axis of [0, 1]) {
      this.sliders[axis].addEventListener("input", () => this.go(axis, this.sliders[axis].value));
      this.choices[axis].addEventListener("change", () => this.show());
    }
    found(root, ".back", HTMLButtonElement).addEventListener("click", () => this.back());
    this.follow(pad);
  }

  /** @param {import("./onnx_record.js").ModelRecord} record */
  open(record) {
    this.directions = record.directions ?? orthogonal(record.latent_dim);
    const options = this.directions.map(
      (_, i) => /** @type {[string, string]} */ ([`${i}`, `${i + 1}`]),
    );
    this.choices.forEach((choice, axis) => {
      fill(choice, options);
      choice.value = String(Math.min(axis, options.length - 1));
    });
    this.amounts = this.directions.map(() => 0);
    this.show();
  }

  back() {
    this.amounts.fill(0);
    this.show();
    this.changed();
  }

  show() {
    this.sliders.forEach((slider, axis) => {
      slider.value = String(this.amounts[Number(this.choices[axis].value)] ?? 0);
    });
  }

  /**
   * @param {number} axis
   * @param {number | string} amount
   */
  go(axis, amount) {
    const within = Math.min(FARTHEST, Math.max(-FARTHEST, Number(amount)));
    this.amounts[Number(this.choices[axis].value)] = within;
    this.show();
    this.changed();
  }

  /** @param {HTMLElement} pad */
  follow(pad) {
    /** @type {number[] | undefined} */
    let start;
    pad.addEventListener("pointerdown", (event) => {
      const [x, y] = this.sliders.map((slider) => Number(slider.value));
      start = [event.clientX, event.clientY, x, y];
      pad.setPointerCapture(event.pointerId);
    });
    pad.addEventListener("pointermove", (event) => {
      if (!start) return;
      const unit = (2 * FARTHEST) / pad.clientWidth;
      this.go(0, start[2] + (event.clientX - start[0]) * unit);
      this.go(1, start[3] - (event.clientY - start[1]) * unit);
    });
    for (const end of ["pointerup", "pointercancel"])
      pad.addEventListener(end, () => {
        start = undefined;
      });
  }

  /**
   * @param {Spot | undefined} focus
   * @returns {Spot | undefined}
   */
  spot(focus) {
    return focus && { ...focus, latent: gone(focus.latent, this.directions, this.amounts) };
  }

  /**
   * Return the way round the image.
   * @param {Spot | undefined} focus
   * @returns {Spot[]}
   */
  frames(focus) {
    const here = this.spot(focus);
    const plane = this.choices.map((choice) => this.directions[Number(choice.value)]);
    if (!here) return [];
    return Array.from({ length: FRAMES }, (_, i) => {
      const turn = (2 * Math.PI * i) / FRAMES;
      const far = [RADIUS * Math.cos(turn), RADIUS * Math.sin(turn)];
      return { ...here, latent: gone(here.latent, plane, far) };
    });
  }
}
