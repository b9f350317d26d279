/** What the page can draw, without a word about how it is shown. */

import { latents } from "./latents.js";
import { Painter, site } from "./painter.js";
import { truncate } from "./ways.js";

/**
 * @typedef {import("./painter.js").Listed} Listed
 * @typedef {import("./onnx_record.js").ModelRecord} ModelRecord
 * @typedef {import("./bench.js").Spot} Spot
 */

const SMALL = 40; // pixels of a side
const ACROSS = [4, 10]; // classes that get a column each

export class Studio {
  /** @param {URL | string} base the page's folder */
  constructor(base) {
    this.base = base;
    /** What is listed, and then what the visitor opened. @type {Map<string, Listed | File>} */
    this.models = new Map();
    /** @type {Painter | undefined} */
    this.painter = undefined;
    /** The model that is open. @type {{name: string, record: ModelRecord} | undefined} */
    this.opened = undefined;
  }

  /** Read what there is; nothing large is fetched yet. */
  async begin() {
    const { runtime, models } = await site(this.base);
    if (!runtime) throw new Error("This copy of the site was built without what draws.");
    this.painter = new Painter(this.base, runtime);
    for (const model of models) this.models.set(model.name, model);
  }

  /**
   * Return a model of the site.
   * @param {string} name
   * @returns {Listed | undefined}
   */
  listed(name) {
    const model = this.models.get(name);
    return model instanceof File ? undefined : model;
  }

  /**
   * Return how many bytes opening a model fetches.
   * @param {string} name
   */
  size(name) {
    const runtime = this.painter?.started ? 0 : (this.painter?.runtime.size ?? 0);
    return runtime + (this.listed(name)?.size ?? 0);
  }

  /**
   * Return what only the worker has fetched.
   * @returns {URL[]}
   */
  hidden() {
    return this.painter ? [new URL(this.painter.runtime.module, this.base)] : [];
  }

  /**
   * @param {string} name
   * @param {import("./downloads.js").Progress} progress
   */
  async open(name, progress) {
    const model = this.models.get(name);
    if (!model || !this.painter) throw new Error(`There is no model ${name}.`);
    const record =
      model instanceof File
        ? await this.painter.openFile(model, progress)
        : await this.painter.openListed(model, progress);
    this.opened = { name, record };
    return record;
  }

  /**
   * Draw with the model that is open.
   * @param {Spot[]} spots
   * @param {number} truncation 0 for none
   */
  async draw(spots, truncation) {
    if (!this.painter || !this.opened) return [];
    const { record } = this.opened;
    const z = spots.map(({ latent }) => (truncation ? truncate(latent, truncation) : latent));
    const labels = kinds(record) ? spots.map(({ label }) => label ?? 0) : undefined;
    return this.painter.draw(record, z, labels);
  }
}

/**
 * Return what the first images of a seed are drawn from.
 * @param {ModelRecord} record
 * @param {number} seed
 * @param {string} label of all of them; empty for each in turn
 * @returns {Spot[]}
 */
export function spots(record, seed, label) {
  const { count } = layout(record);
  const z = latents(count, record.latent_dim, seed);
  const asked = classNames(record).indexOf(label);
  return Array.from({ length: count }, (_, i) => ({
    latent: z.slice(i * record.latent_dim, (i + 1) * record.latent_dim),
    label: kinds(record) ? (asked < 0 ? i % kinds(record) : asked) : undefined,
  }));
}

/**
 * Return how many kinds of images take turns: classes; or no attribute, and then each alone.
 * @param {ModelRecord} record
 */
export function kinds({ num_classes, attributes }) {
  return attributes.length ? attributes.length + 1 : (num_classes ?? 0);
}

/**
 * Return what the classes are called.
 * @param {ModelRecord} record
 * @returns {string[]}
 */
export function classNames({ num_classes, class_names, attributes }) {
  if (attributes.length) return ["none", ...attributes];
  return class_names.length
    ? class_names
    : Array.from({ length: num_classes ?? 0 }, (_, i) => `${i}`);
}

/**
 * Return how many images a sheet has, and how many in a row: a column for each class, if it can be.
 * @param {ModelRecord} record
 */
export function layout(record) {
  const small = isSmall(record);
  const classes = kinds(record);
  const columns = classes >= ACROSS[0] && classes <= ACROSS[1] ? classes : small ? 10 : 6;
  return { columns, count: columns * (small ? 5 : 4) };
}

/**
 * Return whether one should see the pixels of images.
 * @param {ModelRecord} record
 */
export function isSmall({ image_shape: [height, width] }) {
  return Math.max(height, width) <= SMALL;
}
