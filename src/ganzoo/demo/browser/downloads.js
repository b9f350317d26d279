/** Files of this site, with a word on how far they are. */

/**
 * @callback Progress
 * @param {number} share of all, 0 to 1
 */

/**
 * Fetch a file and return its bytes, unpacked if they are gzip.
 * @param {URL} address
 * @param {number} size of the file, in bytes
 * @param {Progress} progress
 */
export async function download(address, size, progress) {
  const response = await fetch(address);
  if (!response.ok || !response.body)
    throw new Error(`${address.pathname} is not there (${response.status}).`);
  let arrived = 0;
  const counted = new TransformStream({
    transform(part, stream) {
      arrived += part.length;
      progress(Math.min(1, arrived / size));
      stream.enqueue(part);
    },
  });
  return unpacked(await bytes(response.body.pipeThrough(counted)));
}

/** @param {ReadableStream<any>} stream */
async function bytes(stream) {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * Some servers unpack by themselves, so the bytes are looked at.
 * @param {Uint8Array<ArrayBuffer>} packed
 */
async function unpacked(packed) {
  if (packed[0] !== 0x1f || packed[1] !== 0x8b) return packed;
  return bytes(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip")));
}

/**
 * Let the visitor keep a file.
 * @param {Blob} blob
 * @param {string} name
 */
export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
