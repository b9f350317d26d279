/** Latents made of others, as `ganzoo.latents` makes them. */

import { latents } from "./latents.js";

const ROOT = Math.sqrt(2 * Math.PI);

/** @param {ArrayLike<number>} latent */
function length(latent) {
  return Math.sqrt(Array.from(latent).reduce((sum, x) => sum + x * x, 0));
}

/** @param {number} x */
const sinc = (x) => (x === 0 ? 1 : Math.sin(x) / x);

/**
 * Return the latent at a share of the way from one to another, turning and lengthening evenly
 * (White, 2016).
 * @param {Float32Array} a
 * @param {Float32Array} b
 * @param {number} share 0 is `a`, 1 is `b`
 */
export function between(a, b, share) {
  const [long, longer] = [length(a), length(b)];
  let cosine = 0;
  for (let i = 0; i < a.length; i++) cosine += (a[i] / long) * (b[i] / longer);
  const angle = Math.acos(Math.min(1, Math.max(-1, cosine)));
  const [first, last] = [1 - share, share].map((part) => (part * sinc(part * angle)) / sinc(angle));
  const size = (1 - share) * long + share * longer;
  return a.map((_, i) => ((first * a[i]) / long + (last * b[i]) / longer) * size);
}

/**
 * Return the latent at a place of a walk through stops and back to the first.
 * @param {Float32Array[]} stops
 * @param {number} place whole numbers are the stops
 */
export function along(stops, place) {
  const stop = Math.floor(place) % stops.length;
  return between(stops[stop], stops[(stop + 1) % stops.length], place - Math.floor(place));
}

/**
 * Return the sum of some latents less others, as long as latents are (Radford et al., 2016).
 * @param {Float32Array[]} plus
 * @param {Float32Array[]} minus
 * @returns {Float32Array | undefined} none if they cancel each other out
 */
export function combine(plus, minus) {
  const size = [...plus, ...minus][0]?.length ?? 0;
  const total = new Float64Array(size);
  for (const each of plus) for (let i = 0; i < size; i++) total[i] += each[i];
  for (const each of minus) for (let i = 0; i < size; i++) total[i] -= each[i];
  const long = length(total);
  if (!(long > 0)) return undefined;
  return Float32Array.from(total, (x) => (x * Math.sqrt(size)) / long);
}

/**
 * Return a latent gone some way along directions.
 * @param {Float32Array} latent
 * @param {ArrayLike<number>[]} directions
 * @param {number[]} amounts
 */
export function gone(latent, directions, amounts) {
  return latent.map((x, i) =>
    amounts.reduce((sum, amount, k) => sum + amount * directions[k][i], x),
  );
}

/**
 * Return directions at right angles to each other, for a model that does not say which matter.
 * @param {number} latentDim
 */
export function orthogonal(latentDim) {
  /** @type {Float32Array[]} */
  const found = [];
  for (let i = 0; i < Math.min(6, latentDim); i++) {
    let next = latents(1, latentDim, i);
    for (const each of found) {
      const share = next.reduce((sum, x, k) => sum + x * each[k], 0);
      next = next.map((x, k) => x - share * each[k]);
    }
    const long = length(next);
    found.push(next.map((x) => x / long));
  }
  return found;
}

/**
 * Return latents whose numbers are those of a normal distribution that is cut off (Brock, Donahue
 * and Simonyan, 2019): the same shares of numbers below them.
 * @param {Float32Array} latent
 * @param {number} threshold above 0
 */
export function truncate(latent, threshold) {
  const beyond = tail(threshold);
  return latent.map((x) => {
    const share = beyond + (1 - 2 * beyond) * tail(Math.abs(x));
    return Math.sign(x) * Math.min(tailed(share), threshold);
  });
}

/** @param {number} x */
const density = (x) => Math.exp(-0.5 * x * x) / ROOT;

/**
 * Return the share of normally distributed numbers above one that is at least 0.
 * @param {number} x
 */
function tail(x) {
  if (x > 2.5) {
    let fraction = x; // Laplace's continued fraction
    for (let k = 60; k > 0; k--) fraction = x + k / fraction;
    return density(x) / fraction;
  }
  let [term, sum] = [x, x];
  for (let k = 3; term > sum * 1e-17; k += 2) {
    term *= (x * x) / k;
    sum += term;
  }
  return 0.5 - density(x) * sum;
}

/**
 * Return the number that a share of at most a half lies above. Newton's steps from 0 on never go
 * too far, as the tail is convex.
 * @param {number} share
 */
function tailed(share) {
  let x = 0;
  for (let step = 1; Math.abs(step) > 1e-12; x += step) step = (tail(x) - share) / density(x);
  return x;
}
