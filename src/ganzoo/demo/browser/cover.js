/** What lies over the images until they are drawn here: a button, a word, how far it is. */

import { found } from "./markup.js";

export class Cover {
  /**
   * @param {ParentNode} root
   * @param {() => void} begin
   */
  constructor(root, begin) {
    this.element = found(root, ".cover", HTMLElement);
    this.button = found(root, ".begin", HTMLButtonElement);
    this.why = found(root, ".why", HTMLElement);
    this.bar = found(root, ".cover progress", HTMLProgressElement);
    this.button.addEventListener("click", begin);
  }

  /**
   * Offer to begin, or say why that cannot be.
   * @param {string} text
   * @param {boolean} able
   */
  offer(text, able = true) {
    this.element.hidden = false;
    this.button.hidden = !able;
    this.bar.hidden = true;
    this.why.textContent = text;
  }

  /** @param {string} text */
  wait(text) {
    this.offer(text, false);
    this.bar.hidden = false;
    this.bar.value = 0;
  }

  /** @param {number} share */
  progress(share) {
    this.bar.value = share;
  }

  lift() {
    this.element.hidden = true;
  }
}
