/** Draws apart from the page, so that the page stays awake: onnxruntime-web on one thread. */

/** @type {any} */
let ort;
/** @type {any} */
let session;

/**
 * @param {{module: string, binary: Uint8Array}} given where onnxruntime's script is, and its wasm
 */
async function start({ module, binary }) {
  ort = await import(module);
  ort.env.wasm.numThreads = 1; // more would take headers that static hosts do not send
  ort.env.wasm.wasmBinary = binary;
  ort.env.logLevel = "error";
}

/** @param {{file: Uint8Array}} given an exported model */
async function open({ file }) {
  const opened = await ort.InferenceSession.create(file, { executionProviders: ["wasm"] });
  try {
    check(opened);
  } catch (error) {
    await opened.release();
    throw error;
  }
  await session?.release();
  session = opened;
}

/** @param {any} opened */
function check(opened) {
  const takes = opened.inputMetadata.map((/** @type {any} */ each) => `${each.name} ${each.type}`);
  const gives = opened.outputMetadata.map((/** @type {any} */ each) => `${each.name} ${each.type}`);
  const fits =
    takes[0] === "latents float32" &&
    [undefined, "labels int32", "labels float32"].includes(takes[1]) &&
    !takes[2];
  if (!fits || gives.join() !== "images uint8")
    throw new Error(
      `Expected a generator as ganzoo exports it, from latents (and labels) to images, and not ` +
        `one from ${takes.join(", ")} to ${gives.join(", ")}.`,
    );
}

/**
 * @param {{latents: Float32Array, labels?: Int32Array | Float32Array, n: number}} given
 * @returns {Promise<{images: Uint8Array, shape: number[]}>}
 */
async function draw({ latents, labels, n }) {
  /** @type {Record<string, any>} */
  const inputs = { latents: new ort.Tensor("float32", latents, [n, latents.length / n]) };
  if (labels instanceof Int32Array) inputs.labels = new ort.Tensor("int32", labels, [n]);
  else if (labels) inputs.labels = new ort.Tensor("float32", labels, [n, labels.length / n]);
  const { images } = await session.run(inputs);
  const drawn = { images: Uint8Array.from(images.data), shape: [...images.dims] };
  for (const each of [images, ...Object.values(inputs)]) each.dispose();
  return drawn;
}

/** @type {Record<string, (given: any) => Promise<any>>} */
const TASKS = { start, open, draw };

let before = Promise.resolve();

self.onmessage = ({ data }) => {
  before = before.then(() => answer(data)); // one after the other: the runtime is not asked twice
};

/** @param {{id: number, task: string, given: object}} asked */
async function answer({ id, task, given }) {
  try {
    const done = await TASKS[task](given);
    self.postMessage({ id, done }, { transfer: done?.images ? [done.images.buffer] : [] });
  } catch (error) {
    self.postMessage({ id, failed: error instanceof Error ? error.message : String(error) });
  }
}
