/** A generator at work: fetches onnxruntime once, opens models, draws. */

import { download } from "./downloads.js";
import { readRecord } from "./onnx_record.js";

/**
 * @typedef {object} Listed a model of the site, as `models.json` has it
 * @property {string} name
 * @property {string} file
 * @property {number} size in bytes
 * @property {string} poster a sheet of the first images of seed 0
 * @property {ModelRecord} record
 * @property {string} about
 *
 * @typedef {object} Site what `models.json` has
 * @property {{module: string, binary: string, size: number} | null} runtime
 * @property {Listed[]} models
 *
 * @typedef {import("./onnx_record.js").ModelRecord} ModelRecord
 * @typedef {import("./downloads.js").Progress} Progress
 */

const MOST_BYTES = 2 ** 29; // of a model; a browser has little more for a page

/**
 * Return what the site has to draw with.
 * @param {URL | string} base
 * @returns {Promise<Site>}
 */
export async function site(base) {
  const response = await fetch(new URL("models.json", base));
  if (!response.ok) throw new Error("models.json is not there.");
  return response.json();
}

export class Painter {
  /**
   * @param {URL | string} base what the addresses in `models.json` are relative to
   * @param {NonNullable<Site["runtime"]>} runtime
   */
  constructor(base, runtime) {
    this.base = base;
    this.runtime = runtime;
    /** @type {Worker | undefined} */
    this.worker = undefined;
    /** @type {Promise<void> | undefined} */
    this.started = undefined;
    /** What was asked and is not done. @type {Map<number, PromiseWithResolvers<any>>} */
    this.asked = new Map();
    this.count = 0;
  }

  /**
   * Open a model of the site.
   * @param {Listed} model
   * @param {Progress} progress
   */
  async openListed(model, progress) {
    const all = this.started ? model.size : this.runtime.size + model.size;
    const before = all - model.size;
    await this.start((share) => progress((share * before) / all));
    const file = await download(new URL(model.file, this.base), model.size, (share) =>
      progress((before + share * model.size) / all),
    );
    return this.open(file);
  }

  /**
   * Open a file of the visitor's, which stays on this machine.
   * @param {Blob} blob
   * @param {Progress} progress
   */
  async openFile(blob, progress) {
    if (blob.size > MOST_BYTES) throw new Error("This file is too large for a page.");
    const file = new Uint8Array(await blob.arrayBuffer());
    readRecord(file); // before anything is fetched
    await this.start(progress);
    return this.open(file);
  }

  /**
   * @param {Uint8Array} file
   * @returns {Promise<ModelRecord>}
   */
  async open(file) {
    const record = readRecord(file);
    await this.ask("open", { file }, [file.buffer]);
    return record;
  }

  /**
   * Draw images.
   * @param {ModelRecord} record of the model that is open
   * @param {Float32Array[]} latents
   * @param {number[] | undefined} labels
   * @returns {Promise<Uint8Array[]>} each of height x width x channels
   */
  async draw(record, latents, labels) {
    const [n, [height, width, channels]] = [latents.length, record.image_shape];
    const given = {
      n,
      latents: Float32Array.from(latents.flatMap((each) => [...each])),
      labels: labels && conditions(labels, record.attributes.length),
    };
    const { images, shape } = await this.ask("draw", given);
    if (shape.join() !== [n, height, width, channels].join())
      throw new Error(`The model draws (${shape}), not (${[n, ...record.image_shape]}).`);
    const size = height * width * channels;
    return latents.map((_, i) => images.subarray(i * size, (i + 1) * size));
  }

  /** @param {Progress} progress */
  start(progress) {
    this.started ??= this.#start(progress).catch((error) => {
      this.started = undefined;
      throw error;
    });
    return this.started;
  }

  /** @param {Progress} progress */
  async #start(progress) {
    const binary = await download(
      new URL(this.runtime.binary, this.base),
      this.runtime.size,
      progress,
    );
    this.worker ??= this.#work();
    const module = new URL(this.runtime.module, this.base).href;
    await this.ask("start", { module, binary }, [binary.buffer]);
  }

  #work() {
    const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
    worker.onmessage = ({ data: { id, done, failed } }) => {
      const waiting = this.asked.get(id);
      this.asked.delete(id);
      if (failed === undefined) waiting?.resolve(done);
      else waiting?.reject(new Error(failed));
    };
    worker.onerror = (event) => {
      for (const waiting of this.asked.values())
        waiting.reject(new Error(event.message || "The browser starts no module in a worker."));
      this.asked.clear();
    };
    return worker;
  }

  /**
   * @param {string} task
   * @param {object} given
   * @param {Transferable[]} handed
   * @returns {Promise<any>}
   */
  ask(task, given, handed = []) {
    /** @type {PromiseWithResolvers<any>} */
    const waiting = promise();
    this.asked.set(++this.count, waiting);
    this.worker?.postMessage({ id: this.count, task, given }, handed);
    return waiting.promise;
  }
}

/**
 * Return what a model takes beside latents: numbers of classes; or attributes, of which label 0 has
 * none and each other one.
 * @param {number[]} labels
 * @param {number} attributes
 */
function conditions(labels, attributes) {
  if (!attributes) return Int32Array.from(labels);
  const vectors = new Float32Array(labels.length * attributes);
  labels.forEach((label, i) => {
    if (label) vectors[i * attributes + label - 1] = 1;
  });
  return vectors;
}

/** `Promise.withResolvers`, which browsers have since 2024 only. */
function promise() {
  /** @type {any} */
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}
