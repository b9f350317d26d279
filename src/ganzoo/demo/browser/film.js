/** An animated WebP, put together from still ones: the browser encodes, this only joins. */

const HEADER = 12; // "RIFF", the size, "WEBP"
const ALPHA = 0x10;
const ANIMATED = 0x02;
const REPLACE = 0x02; // a frame takes the place of what was there

/**
 * Return a film that goes round without an end.
 * @param {Blob[]} frames WebP pictures of one size
 * @param {number} width
 * @param {number} height
 * @param {number} milliseconds a frame
 */
export async function film(frames, width, height, milliseconds) {
  const size = [...bytes(width - 1, 3), ...bytes(height - 1, 3)];
  const parts = [
    chunk("VP8X", [Uint8Array.from([ANIMATED | ALPHA, 0, 0, 0, ...size])]),
    chunk("ANIM", [Uint8Array.from([0, 0, 0, 0, 0, 0])]), // no background, no end
  ];
  for (const frame of frames) {
    const head = [...bytes(0, 6), ...size, ...bytes(milliseconds, 3), REPLACE];
    const picture = pictureChunks(new Uint8Array(await frame.arrayBuffer()));
    parts.push(chunk("ANMF", [Uint8Array.from(head), ...picture]));
  }
  return new Blob([chunk("RIFF", [letters("WEBP"), ...parts])], { type: "image/webp" });
}

/**
 * Return what a still picture consists of, its header apart.
 * @param {Uint8Array} file
 */
function pictureChunks(file) {
  const view = new DataView(file.buffer);
  const found = [];
  for (let place = HEADER; place < file.length; ) {
    const size = view.getUint32(place + 4, true);
    const end = place + 8 + size + (size % 2);
    const name = String.fromCharCode(...file.subarray(place, place + 4));
    if (["ALPH", "VP8 ", "VP8L"].includes(name)) found.push(file.subarray(place, end));
    place = end;
  }
  return found;
}

/**
 * @param {string} name
 * @param {Uint8Array[]} parts
 */
function chunk(name, parts) {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const made = new Uint8Array(8 + size + (size % 2));
  made.set(letters(name));
  made.set(bytes(size, 4), 4);
  let place = 8;
  for (const part of parts) {
    made.set(part, place);
    place += part.length;
  }
  return made;
}

/** @param {string} name */
const letters = (name) => new TextEncoder().encode(name);

/**
 * Return a whole number, its low byte first.
 * @param {number} value
 * @param {number} count
 */
const bytes = (value, count) =>
  Array.from({ length: count }, (_, i) => Math.floor(value / 256 ** i) % 256);
