/** What a browser must be able to do. */

// The smallest module with an instruction of SIMD: a function that returns i32x4.splat(0).
const SIMD = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0];
const SPLAT = [65, 0, 253, 17, 11];

/**
 * Return why this browser cannot draw, or nothing.
 * @returns {string | undefined}
 */
export function missing() {
  if (typeof WebAssembly !== "object") return "it runs no WebAssembly";
  if (!WebAssembly.validate(Uint8Array.from([...SIMD, ...SPLAT])))
    return "its WebAssembly lacks SIMD";
  if (typeof Worker !== "function") return "it has no workers";
  if (typeof DecompressionStream !== "function") return "it cannot unpack gzip";
  return undefined;
}
