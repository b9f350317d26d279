/** The picked images, each with a way back and, for sums, its sign. */

/** @typedef {import("./bench.js").Pick} Pick */

export class Tray {
  /**
   * @param {HTMLElement} element
   * @param {() => void} changed
   */
  constructor(element, changed) {
    this.element = element;
    this.changed = changed;
  }

  /**
   * @param {Pick[]} picks
   * @param {import("./bench.js").Task} task
   */
  show(picks, task) {
    this.element.hidden = task === "explore" || picks.length === 0;
    this.element.replaceChildren(...picks.map((pick) => this.item(pick, picks, task)));
  }

  /**
   * @param {Pick} pick
   * @param {Pick[]} picks
   * @param {import("./bench.js").Task} task
   */
  item(pick, picks, task) {
    const item = document.createElement("li");
    const canvas = document.createElement("canvas");
    canvas.width = pick.canvas.width;
    canvas.height = pick.canvas.height;
    canvas.getContext("2d")?.drawImage(pick.canvas, 0, 0);
    const out = button("×", `Put back ${pick.name}`, () => {
      picks.splice(picks.indexOf(pick), 1);
      this.changed();
    });
    const sign = button(pick.minus ? "−" : "+", pick.minus ? "Add" : "Take away", () => {
      pick.minus = !pick.minus;
      this.changed();
    });
    sign.setAttribute("aria-label", `${sign.title} ${pick.name}`);
    item.append(...(task === "sum" ? [sign] : []), canvas, out);
    return item;
  }
}

/**
 * @param {string} text
 * @param {string} title
 * @param {() => void} click
 */
function button(text, title, click) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.title = title;
  made.setAttribute("aria-label", title);
  made.addEventListener("click", click);
  return made;
}
