/** One image, large: explored, walked to, or computed from picked ones; and what is kept of it. */

import { save } from "./downloads.js";
import { Explore } from "./explore.js";
import { film } from "./film.js";
import { latest } from "./latest.js";
import { found } from "./markup.js";
import { encoded, paint, sheet } from "./pictures.js";
import { Tray } from "./tray.js";
import { Walk } from "./walk.js";
import { combine } from "./ways.js";

const SIDE = 512; // of a picture that is kept, about
const FILM_SIDE = 256;
const FRAME = 60; // milliseconds
const AT_ONCE = 8; // frames drawn together

/**
 * @typedef {object} Spot what an image is drawn from
 * @property {Float32Array} latent
 * @property {number | undefined} label
 *
 * @typedef {object} Fixed what makes a spot one of the sheet's
 * @property {string} key
 * @property {string} name
 * @property {HTMLCanvasElement} canvas
 * @property {boolean} minus whether it is taken away in sums
 *
 * @typedef {Spot & Fixed} Pick
 * @typedef {"explore" | "walk" | "sum"} Task
 * @typedef {import("./onnx_record.js").ModelRecord} ModelRecord
 */

/** @type {Task[]} */
const TASKS = ["explore", "walk", "sum"];

export class Bench {
  /**
   * @param {ParentNode} root
   * @param {(spots: Spot[]) => Promise<Uint8Array[]>} draw
   * @param {() => void} picked
   * @param {(text: string) => void} tell
   */
  constructor(root, draw, picked, tell) {
    this.root = root;
    this.draw = draw;
    this.picked = picked;
    this.tell = tell;
    this.canvas = found(root, ".large", HTMLCanvasElement);
    /** What is shown instead while the visitor drags. @type {Spot | undefined} */
    this.previewed = undefined;
    this.show = latest(() => this.paint(this.previewed ?? this.spot()));
    this.explore = new Explore(root, this.canvas, () => {
      this.turnTo("explore");
      this.show();
    });
    this.walk = new Walk(root, () => this.show());
    this.tray = new Tray(found(root, ".tray", HTMLElement), () => this.changed());
    this.shape = /** @type {import("./pictures.js").Shape} */ ([1, 1, 1]);
    /** @type {Pick | undefined} */
    this.focus = undefined;
    /** @type {Pick[]} */
    this.picks = [];
    /** @type {Task} */
    this.task = "explore";
    this.#listen();
    this.turnTo(this.task);
  }

  #listen() {
    for (const task of TASKS) {
      const tab = this.tab(task);
      tab.addEventListener("click", () => {
        this.turnTo(task);
        this.show();
      });
      tab.addEventListener("keydown", ({ key }) => {
        const step = { ArrowLeft: 2, ArrowRight: 1 }[key];
        if (step) this.tab(TASKS[(TASKS.indexOf(task) + step) % 3]).click();
        if (step) this.tab(this.task).focus();
      });
    }
    const button = (/** @type {string} */ name) => found(this.root, name, HTMLButtonElement);
    button(".save").addEventListener("click", () => this.savePicture());
    button(".save-film").addEventListener("click", () => this.saveFilm(button(".save-film")));
  }

  /** @param {Task} task */
  tab(task) {
    return found(this.root, `#tab-${task}`, HTMLButtonElement);
  }

  /** @param {Task} task */
  turnTo(task) {
    this.task = task;
    if (task !== "walk") this.walk.pause();
    for (const each of TASKS) {
      found(this.root, `#${each}`, HTMLElement).hidden = each !== task;
      this.tab(each).setAttribute("aria-selected", String(each === task));
      this.tab(each).tabIndex = each === task ? 0 : -1;
    }
    this.tray.show(this.picks, task);
  }

  /** @param {ModelRecord} record */
  open(record) {
    this.shape = record.image_shape;
    this.picks = [];
    this.focus = undefined;
    this.explore.open(record);
    this.walk.through([], 0);
    this.turnTo("explore");
  }

  /**
   * Explore an image.
   * @param {Pick} image
   */
  look(image) {
    this.focus = image;
    this.show();
  }

  /**
   * Pick an image, or put it back.
   * @param {Pick} image
   */
  toggle(image) {
    const there = this.picks.findIndex(({ key }) => key === image.key);
    if (there >= 0) this.picks.splice(there, 1);
    else this.picks.push(image);
    this.focus = image;
    this.changed();
  }

  /**
   * Walk from one image to another.
   * @param {Pick[]} stops
   */
  go(stops) {
    this.picks = stops;
    this.turnTo("walk");
    this.walk.through(stops, 1);
    this.changed();
  }

  /** @param {Spot} spot */
  preview(spot) {
    this.previewed = spot;
    this.show().then(() => {
      this.previewed = undefined;
    });
  }

  changed() {
    this.walk.through(this.picks);
    this.tray.show(this.picks, this.task);
    this.picked();
    this.show();
  }

  /** @returns {Spot | undefined} */
  spot() {
    if (this.task === "explore") return this.explore.spot(this.focus);
    if (this.task === "walk") return this.walk.spot(this.picks) ?? this.focus;
    return this.sum() ?? this.focus;
  }

  /** @returns {Spot | undefined} */
  sum() {
    const latents = (/** @type {boolean} */ minus) =>
      this.picks.filter((pick) => pick.minus === minus).map((pick) => pick.latent);
    const latent = combine(latents(false), latents(true));
    return latent && { latent, label: this.picks[0].label };
  }

  /** @returns {Spot[]} */
  frames() {
    if (this.task === "explore") return this.explore.frames(this.focus);
    if (this.task === "walk") return this.walk.frames(this.picks);
    const ends = [this.picks[0], this.sum()].filter((each) => each !== undefined);
    return this.walk.frames(ends);
  }

  /** @param {Spot | undefined} spot */
  async paint(spot) {
    if (!spot) return;
    const [bytes] = await this.draw([spot]);
    if (bytes) paint(this.canvas, bytes, this.shape);
  }

  async savePicture() {
    save(await encoded(sheet([this.canvas], 1, SIDE), "image/png"), "ganzoo.png");
  }

  /** @param {HTMLButtonElement} button */
  async saveFilm(button) {
    const spots = this.frames();
    if (!spots.length) {
      this.tell("A film takes two picked images: click them first.");
      return;
    }
    button.disabled = true;
    try {
      save(await this.film(spots), "ganzoo.webp");
      this.tell(`A film of ${spots.length} frames is saved.`);
    } catch (error) {
      this.tell(String(error instanceof Error ? error.message : error));
    }
    button.disabled = false;
  }

  /** @param {Spot[]} spots */
  async film(spots) {
    /** @type {Blob[]} */
    const blobs = [];
    const still = document.createElement("canvas");
    let size = [0, 0];
    for (let i = 0; i < spots.length; i += AT_ONCE) {
      for (const bytes of await this.draw(spots.slice(i, i + AT_ONCE))) {
        paint(still, bytes, this.shape);
        const frame = sheet([still], 1, FILM_SIDE);
        size = [frame.width, frame.height];
        blobs.push(await encoded(frame, "image/webp"));
      }
      this.tell(`Film: ${Math.min(i + AT_ONCE, spots.length)} of ${spots.length} frames.`);
    }
    return film(blobs, size[0], size[1], FRAME);
  }
}
