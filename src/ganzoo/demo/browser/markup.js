/** The page's elements; what they do is said elsewhere. */

export const MARKUP = `
<link rel="stylesheet" href="${new URL("page.css", import.meta.url)}">
<div class="app">
  <form class="bar">
    <label>Model <select name="model"></select></label>
    <label>Class <select name="label"></select></label>
    <label>Seed <input name="seed" type="number" min="0" step="1" inputmode="numeric"></label>
    <button type="button" class="main another">Another seed</button>
    <label class="wide">Truncation <span class="amount"></span>
      <input name="truncation" type="range" min="0.1" max="2.1" step="0.1"></label>
  </form>
  <div class="desk">
    <section aria-label="Images of the seed">
      <div class="covered">
        <div class="tiles" role="group" aria-label="Images: click to pick, drag from one to another"></div>
        <div class="cover">
          <button type="button" class="main begin">Draw in this page</button>
          <p class="why"></p>
          <progress max="1" value="0" hidden aria-label="Fetching"></progress>
        </div>
      </div>
      <p class="row">
        <span class="grow hint">Click images to pick them. Drag from one to another to walk.</span>
        <button type="button" class="save-sheet">Save sheet</button>
        <button type="button" class="own">Open an .onnx file</button>
        <input type="file" accept=".onnx" hidden tabindex="-1" aria-hidden="true">
      </p>
      <p role="status"></p>
      <p class="about"></p>
    </section>
    <section class="bench" aria-label="One image" inert>
      <canvas class="large" width="1" height="1" role="img" aria-label="One image, large"></canvas>
      <div role="tablist" aria-label="What to do with it">
        <button type="button" role="tab" id="tab-explore" aria-controls="explore">Explore</button>
        <button type="button" role="tab" id="tab-walk" aria-controls="walk">Walk</button>
        <button type="button" role="tab" id="tab-sum" aria-controls="sum">Arithmetic</button>
      </div>
      <div role="tabpanel" id="explore" aria-labelledby="tab-explore">
        <p class="hint">Drag on the picture: across and up are two directions of change.</p>
        <label>Across <select name="across" aria-label="Direction across"></select>
          <input name="x" type="range" min="-4" max="4" step="0.1" value="0" aria-label="Across"></label>
        <label>Up <select name="up" aria-label="Direction up"></select>
          <input name="y" type="range" min="-4" max="4" step="0.1" value="0" aria-label="Up"></label>
        <button type="button" class="back">Back to the image</button>
      </div>
      <div role="tabpanel" id="walk" aria-labelledby="tab-walk" hidden>
        <p class="hint">From pick to pick, and back to the first.</p>
        <label class="wide">Place <input name="place" type="range" min="0" max="1" step="any" value="0"></label>
        <button type="button" class="play" aria-pressed="false">Play</button>
      </div>
      <div role="tabpanel" id="sum" aria-labelledby="tab-sum" hidden>
        <p class="hint">Picks are added; the sign of one takes it away instead.</p>
      </div>
      <ul class="tray" aria-label="Picked images"></ul>
      <p class="row">
        <button type="button" class="save">Save picture</button>
        <button type="button" class="save-film">Save film</button>
      </p>
    </section>
  </div>
</div>`;

/**
 * Return an element of the page that is there.
 * @template {HTMLElement} T
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => T} kind
 * @returns {T}
 */
export function found(root, selector, kind) {
  const element = root.querySelector(selector);
  if (element instanceof kind) return element;
  throw new TypeError(`The page has no ${selector}.`);
}

/**
 * Fill a choice.
 * @param {HTMLSelectElement} select
 * @param {[value: string, shown: string][]} options
 */
export function fill(select, options) {
  select.replaceChildren(...options.map(([value, shown]) => new Option(shown, value)));
}
