/** The latents of a seed: those of `gan.latents(n, seed)`, number for number. */

import { PCG64 } from "./pcg64.js";

const LAYERS = 256;
const BITS = 2 ** 23; // of a float32's fraction
const EDGE = 3.6541528853610088; // where the lowest layer ends and the tail begins
const AREA = 0.004928673233974658; // of every layer

/**
 * The layers of a ziggurat under exp(-x²/2) (Marsaglia and Tsang, 2000).
 *
 * `inside[i]`: below this a number of layer i lies under the curve, whatever its height;
 * `scale[i]`: what turns it into x; `height[i]`: of the curve at the layer's end.
 */
function ziggurat() {
  const inside = new Uint32Array(LAYERS);
  const scale = new Float32Array(LAYERS);
  const heights = new Float64Array(LAYERS);
  let x = EDGE;
  let height = Math.exp(-0.5 * x * x);
  heights[0] = 1;
  heights[LAYERS - 1] = height;
  scale[0] = AREA / height / BITS;
  scale[LAYERS - 1] = x / BITS;
  inside[0] = Math.round(((x * height) / AREA) * BITS);
  for (let layer = LAYERS - 2; layer > 0; layer--) {
    const next = Math.sqrt(-2 * Math.log(AREA / x + height));
    inside[layer + 1] = Math.round((next / x) * BITS);
    scale[layer] = next / BITS;
    height = Math.exp(-0.5 * next * next);
    heights[layer] = height;
    x = next;
  }
  return { inside, scale, height: Float32Array.from(heights) };
}

const { inside, scale, height } = ziggurat();
const { fround } = Math;
const edge = fround(EDGE);
const inverseEdge = fround(1 / EDGE);

/**
 * Return latents, one after the other; the first of them are those of a smaller `n`.
 * @param {number} n
 * @param {number} latentDim
 * @param {bigint | number} seed a whole number, at least 0
 */
export function latents(n, latentDim, seed) {
  const bits = new PCG64(seed);
  return Float32Array.from({ length: n * latentDim }, () => normal(bits));
}

/** @param {PCG64} bits */
function normal(bits) {
  for (;;) {
    const word = bits.word();
    const layer = word & 0xff;
    const size = (word >>> 9) & 0x7fffff;
    const x = fround(size * scale[layer]) * (word & 0x100 ? -1 : 1);
    if (size < inside[layer]) return x;
    if (layer === 0) return beyond(bits) * (size & 0x100 ? -1 : 1);
    const share = fround(fround(height[layer - 1] - height[layer]) * bits.share());
    if (fround(share + height[layer]) < Math.exp(-0.5 * x * x)) return x;
  }
}

/**
 * Return a number of the tail.
 * @param {PCG64} bits
 */
function beyond(bits) {
  for (;;) {
    const x = fround(-inverseEdge * fround(Math.log1p(-bits.share())));
    const y = fround(-Math.log1p(-bits.share()));
    if (y + y > fround(x * x)) return fround(edge + x);
  }
}
