/** What the page's address asks for, so that a link brings back the same images. */

/**
 * @typedef {object} Asked
 * @property {string} model empty for the first
 * @property {string} label a class by name; empty for each in turn
 * @property {number} seed
 * @property {number} truncation 0 for none
 */

export const MOST_SEED = Number.MAX_SAFE_INTEGER;

/** @returns {Asked} */
export function asked() {
  const query = new URLSearchParams(location.search);
  const truncation = Number(query.get("truncation"));
  return {
    model: query.get("model") ?? "",
    label: query.get("class") ?? "",
    seed: wholeSeed(query.get("seed")),
    truncation: truncation > 0 && truncation <= 2 ? truncation : 0,
  };
}

/** @param {Asked} state */
export function follow({ model, label, seed, truncation }) {
  const query = new URLSearchParams({ ...(model && { model }), seed: String(seed) });
  if (label) query.set("class", label);
  if (truncation) query.set("truncation", String(truncation));
  history.replaceState(null, "", `?${query}`);
}

/**
 * Return a seed; whatever is none counts as 0.
 * @param {string | null} text
 */
export function wholeSeed(text) {
  const number = Math.trunc(Number(text));
  return number >= 0 && number <= MOST_SEED ? number : 0;
}
