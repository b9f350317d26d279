/** NumPy's random bits: `numpy.random.PCG64(seed)`, number for number. */

const WORD = 0xffffffffn;
const LONG = (1n << 64n) - 1n;
const LONGEST = (1n << 128n) - 1n;
const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;
const POOL = 4; // words of 32 bits that a seed is mixed into

/** PCG XSL RR 128/64 (O'Neill, 2014), and the 32-bit halves of its numbers as NumPy hands them out. */
export class PCG64 {
  /** @param {bigint | number} seed a whole number, at least 0 */
  constructor(seed) {
    const [stateHigh, stateLow, streamHigh, streamLow] = longs(mixed(words(BigInt(seed))));
    this.increment = (((streamHigh << 64n) | streamLow) << 1n) | 1n;
    this.increment &= LONGEST;
    this.state = (this.increment + ((stateHigh << 64n) | stateLow)) & LONGEST;
    this.step();
    /** The half that was not handed out yet. @type {number | undefined} */
    this.half = undefined;
  }

  step() {
    this.state = (this.state * MULTIPLIER + this.increment) & LONGEST;
  }

  /** Return the next 32 bits. */
  word() {
    if (this.half !== undefined) {
      const half = this.half;
      this.half = undefined;
      return half;
    }
    this.step();
    const folded = ((this.state >> 64n) ^ this.state) & LONG;
    const turn = this.state >> 122n;
    const bits = ((folded >> turn) | (folded << (64n - turn))) & LONG;
    this.half = Number(bits >> 32n);
    return Number(bits & WORD);
  }

  /** Return a number from 0 on and below 1, of 24 bits. */
  share() {
    return (this.word() >>> 8) / 2 ** 24;
  }
}

/**
 * Return a seed's words of 32 bits, the low ones first.
 * @param {bigint} seed
 */
function words(seed) {
  const found = [];
  for (let rest = seed; rest > 0n; rest >>= 32n) found.push(Number(rest & WORD));
  return found.length ? found : [0];
}

/**
 * A hash whose factor goes on from number to number.
 * @param {number} start
 * @param {number} factor
 * @returns {(value: number) => number}
 */
function hash(start, factor) {
  let constant = start;
  return (value) => {
    let x = value ^ constant;
    constant = Math.imul(constant, factor);
    x = Math.imul(x, constant);
    return (x ^ (x >>> 16)) >>> 0;
  };
}

/**
 * @param {number} x
 * @param {number} y
 */
function mix(x, y) {
  const both = Math.imul(0xca01f9dd, x) - Math.imul(0x4973f715, y);
  return (both ^ (both >>> 16)) >>> 0;
}

/**
 * Mix a seed's words as `numpy.random.SeedSequence` does: each counts in each word of the pool.
 * @param {number[]} entropy
 */
function mixed(entropy) {
  const hashed = hash(0x43b0d7e5, 0x931e8875);
  const pool = Array.from({ length: POOL }, (_, index) => hashed(entropy[index] ?? 0));
  for (let from = 0; from < POOL; from++)
    for (let to = 0; to < POOL; to++) if (from !== to) pool[to] = mix(pool[to], hashed(pool[from]));
  for (const word of entropy.slice(POOL))
    for (let to = 0; to < POOL; to++) pool[to] = mix(pool[to], hashed(word));
  return pool;
}

/**
 * Return four numbers of 64 bits from a pool, as `SeedSequence.generate_state(4, "uint64")`.
 * @param {number[]} pool
 */
function longs(pool) {
  const hashed = hash(0x8b51f9dd, 0x58f38ded);
  const halves = Array.from({ length: 8 }, (_, index) => BigInt(hashed(pool[index % POOL])));
  return [0, 2, 4, 6].map((index) => halves[index] | (halves[index + 1] << 32n));
}
