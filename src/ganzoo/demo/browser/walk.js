/** A walk from picked image to picked image and back to the first. */

import { found } from "./markup.js";
import { along } from "./ways.js";

const STEPS = 16; // of a film, from one stop to the next
const PACE = 0.6; // stops a second, when it plays

/** @typedef {import("./bench.js").Spot} Spot */

export class Walk {
  /**
   * @param {ParentNode} root
   * @param {() => void} changed
   */
  constructor(root, changed) {
    this.changed = changed;
    this.slider = found(root, "#walk [name=place]", HTMLInputElement);
    this.button = found(root, "#walk .play", HTMLButtonElement);
    this.slider.addEventListener("input", () => {
      this.pause();
      changed();
    });
    this.button.addEventListener("click", () => (this.timer ? this.pause() : this.play()));
  }

  /**
   * @param {Spot[]} stops
   * @param {number} [place]
   */
  through(stops, place) {
    this.slider.max = String(Math.max(1, stops.length));
    if (place !== undefined) this.slider.value = String(place);
    this.slider.disabled = this.button.disabled = stops.length < 2;
    if (stops.length < 2) this.pause();
  }

  play() {
    let before = performance.now();
    const step = (/** @type {number} */ now) => {
      const place = Number(this.slider.value) + ((now - before) / 1000) * PACE;
      before = now;
      this.slider.value = String(place % Number(this.slider.max));
      this.changed();
      this.timer = requestAnimationFrame(step);
    };
    this.timer = requestAnimationFrame(step);
    this.tell("Pause", true);
  }

  pause() {
    if (this.timer) cancelAnimationFrame(this.timer);
    this.timer = undefined;
    this.tell("Play", false);
  }

  /**
   * @param {string} text
   * @param {boolean} playing
   */
  tell(text, playing) {
    this.button.textContent = text;
    this.button.setAttribute("aria-pressed", String(playing));
  }

  /**
   * @param {Spot[]} stops
   * @param {number} [place]
   * @returns {Spot | undefined}
   */
  spot(stops, place = Number(this.slider.value)) {
    if (stops.length < 2) return stops[0];
    const latents = stops.map(({ latent }) => latent);
    const { label } = stops[Math.round(place) % stops.length]; // of the nearer stop
    return { label, latent: along(latents, place) };
  }

  /**
   * @param {Spot[]} stops
   * @returns {Spot[]}
   */
  frames(stops) {
    if (stops.length < 2) return [];
    const places = Array.from({ length: stops.length * STEPS }, (_, i) => i / STEPS);
    return places.flatMap((place) => this.spot(stops, place) ?? []);
  }
}
