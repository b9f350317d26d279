/** What an ONNX file says of itself: `gan.export` writes it there, and the page adds to it. */

const METADATA = 14; // the field of a ModelProto
const [VARINT, EIGHT_BYTES, BYTES, FOUR_BYTES] = [0, 1, 2, 5];

/**
 * @typedef {object} ModelRecord
 * @property {number} latent_dim
 * @property {[number, number, number]} image_shape height, width, channels
 * @property {number | null} num_classes
 * @property {string[]} class_names may be empty
 * @property {string[]} attributes instead of classes; may be empty
 * @property {number[][]} [directions] that change most, the strongest first
 */

/**
 * Return what stands in an exported file.
 * @param {Uint8Array} file
 * @returns {ModelRecord}
 */
export function readRecord(file) {
  let text;
  try {
    for (const [field, value] of fields(file)) {
      if (field !== METADATA || !(value instanceof Uint8Array)) continue;
      const [key, said] = [...fields(value)].map(([, part]) => part);
      if (string(key) === "ganzoo") text = string(said);
    }
  } catch {
    throw new Error("This is no ONNX file.");
  }
  if (!text) throw new Error("This ONNX file is none of ganzoo's: write one with ganzoo export.");
  return checked(JSON.parse(text));
}

/** @param {any} record */
function checked(record) {
  const counts = [record.latent_dim, ...(record.image_shape ?? []), record.num_classes ?? 1];
  const { class_names: names, attributes } = record;
  const lists = [names, attributes].every(Array.isArray);
  const whole = counts.every((count) => Number.isInteger(count) && count > 0 && count <= 2 ** 16);
  if (
    counts.length !== 5 ||
    !whole ||
    !lists ||
    (names.length && names.length !== record.num_classes)
  )
    throw new Error("What this file says of its model makes no sense: export it again.");
  if (![1, 3, 4].includes(counts[3]))
    throw new Error(`The page shows images of 1, 3 or 4 channels, not of ${counts[3]}.`);
  return record;
}

/** @param {unknown} bytes */
function string(bytes) {
  return bytes instanceof Uint8Array ? new TextDecoder().decode(bytes) : "";
}

/**
 * Yield the fields of a protobuf message: bytes as they are, numbers as 0.
 * @param {Uint8Array} message
 * @returns {Generator<[number, Uint8Array | 0]>}
 */
function* fields(message) {
  let place = 0;
  const number = () => {
    for (let value = 0, unit = 1; ; unit *= 128) {
      const byte = message[place++];
      if (byte === undefined) throw new RangeError("cut off");
      value += (byte & 127) * unit;
      if (byte < 128) return value;
    }
  };
  while (place < message.length) {
    const tag = number();
    const kind = tag % 8;
    if (kind === VARINT) number();
    else if (kind === EIGHT_BYTES) place += 8;
    else if (kind === FOUR_BYTES) place += 4;
    else if (kind !== BYTES) throw new RangeError("no such kind");
    const size = kind === BYTES ? number() : 0;
    if (place + size > message.length) throw new RangeError("cut off");
    yield [Math.floor(tag / 8), kind === BYTES ? message.subarray(place, place + size) : 0];
    place += size;
  }
}
