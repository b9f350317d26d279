/** Drawn bytes on canvases, and canvases as files. */

/** @typedef {[number, number, number]} Shape height, width, channels */

/**
 * Paint an image's bytes on a canvas of its own size.
 * @param {HTMLCanvasElement} canvas
 * @param {Uint8Array} bytes
 * @param {Shape} shape
 */
export function paint(canvas, bytes, [height, width, channels]) {
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const data = new ImageData(width, height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const [from, to] = [pixel * channels, pixel * 4];
    for (let c = 0; c < 3; c++) data.data[to + c] = bytes[from + (channels === 1 ? 0 : c)];
    data.data[to + 3] = channels === 4 ? bytes[from + 3] : 255;
  }
  context(canvas).putImageData(data, 0, 0);
}

/**
 * Cut a sheet without gaps into the canvases, as far as they go.
 * @param {URL} address
 * @param {Shape} shape of each image
 * @param {HTMLCanvasElement[]} canvases
 */
export async function poster(address, [height, width], canvases) {
  const picture = new Image();
  picture.src = address.href;
  await picture.decode();
  const columns = picture.naturalWidth / width;
  canvases.forEach((canvas, i) => {
    const [x, y] = [(i % columns) * width, Math.floor(i / columns) * height];
    canvas.width = width;
    canvas.height = height;
    if (y < picture.naturalHeight)
      context(canvas).drawImage(picture, x, y, width, height, 0, 0, width, height);
  });
}

/**
 * Return images side by side, each pixel so many pixels wide that small ones are seen.
 * @param {HTMLCanvasElement[]} images
 * @param {number} columns
 * @param {number} side that one image is about to have
 */
export function sheet(images, columns, side) {
  const [width, height] = [images[0].width, images[0].height];
  const scale = Math.max(1, Math.round(side / width));
  const gap = images.length > 1 ? 2 : 0;
  const canvas = document.createElement("canvas");
  canvas.width = columns * (width * scale + gap) - gap;
  canvas.height = Math.ceil(images.length / columns) * (height * scale + gap) - gap;
  const pen = context(canvas);
  pen.imageSmoothingEnabled = false;
  images.forEach((image, i) => {
    const [x, y] = [i % columns, Math.floor(i / columns)];
    const [left, top] = [x * (width * scale + gap), y * (height * scale + gap)];
    pen.drawImage(image, left, top, width * scale, height * scale);
  });
  return canvas;
}

/**
 * Return a picture file.
 * @param {HTMLCanvasElement} canvas
 * @param {"image/png" | "image/webp"} type
 * @returns {Promise<Blob>}
 */
export function encoded(canvas, type) {
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) =>
        blob?.type === type ? resolve(blob) : reject(new Error(`This browser writes no ${type}.`)),
      type,
      1, // of WebP: without loss
    );
  });
}

/** @param {HTMLCanvasElement} canvas */
export function context(canvas) {
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("This browser gives no canvas.");
  return pen;
}
