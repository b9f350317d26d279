/** The bar above the images: model, class, seed, truncation. */

import { wholeSeed } from "./address.js";
import { fill, found } from "./markup.js";
import { classNames } from "./studio.js";

const IN_TURN = "each in turn";
const NO_TRUNCATION = 2.1; // the slider's end
const MOST_RANDOM = 100_000; // short seeds are told on easily

/** @typedef {import("./address.js").Asked} Asked */

export class Controls {
  /**
   * @param {ParentNode} root
   * @param {Asked} state
   * @param {(change: Partial<Asked>) => void} changed
   */
  constructor(root, state, changed) {
    const field = (/** @type {string} */ name) =>
      found(root, `.bar [name=${name}]`, HTMLInputElement);
    const choice = (/** @type {string} */ name) =>
      found(root, `.bar [name=${name}]`, HTMLSelectElement);
    this.state = state;
    this.model = choice("model");
    this.label = choice("label");
    this.seed = field("seed");
    this.truncation = field("truncation");
    this.amount = found(root, ".bar .amount", HTMLElement);
    this.model.addEventListener("change", () => changed({ model: this.model.value }));
    this.label.addEventListener("change", () => changed({ label: this.label.value }));
    this.seed.addEventListener("change", () => changed({ seed: wholeSeed(this.seed.value) }));
    this.truncation.addEventListener("input", () => {
      const amount = Number(this.truncation.value);
      changed({ truncation: amount >= NO_TRUNCATION ? 0 : amount });
    });
    found(root, ".another", HTMLButtonElement).addEventListener("click", () =>
      changed({ seed: Math.floor(Math.random() * MOST_RANDOM) }),
    );
    found(root, ".bar", HTMLFormElement).addEventListener("submit", (e) => e.preventDefault());
  }

  /**
   * Show the state.
   * @param {string[]} models
   * @param {import("./onnx_record.js").ModelRecord | undefined} record
   */
  show(models, record) {
    fill(
      this.model,
      models.map((name) => [name, name]),
    );
    this.model.value = this.state.model;
    const names = record ? classNames(record) : [];
    if (!names.includes(this.state.label)) this.state.label = "";
    fill(this.label, [
      ["", IN_TURN],
      ...names.map((name) => /** @type {[string, string]} */ ([name, name])),
    ]);
    this.label.value = this.state.label;
    const around = this.label.closest("label");
    if (around) around.hidden = names.length === 0;
    this.seed.value = String(this.state.seed);
    const { truncation } = this.state;
    this.truncation.value = String(truncation || NO_TRUNCATION);
    this.amount.textContent = truncation ? truncation.toFixed(1) : "off";
    this.truncation.setAttribute("aria-valuetext", this.amount.textContent);
  }
}
