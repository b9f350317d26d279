/**
 * Serves the page without a network. What has a version in its address (`?v=`) never changes and
 * comes from the cache; all else comes from the site while there is one, so nothing grows old.
 */

const CACHE = "ganzoo";
/** @type {any} */
const worker = self;

worker.addEventListener("install", () => worker.skipWaiting());
worker.addEventListener("activate", (/** @type {any} */ event) =>
  event.waitUntil(worker.clients.claim()),
);
worker.addEventListener("message", (/** @type {any} */ event) => {
  event.waitUntil(keep(event.data).then((kept) => event.ports[0].postMessage(kept)));
});
worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { method, url } = event.request;
  if (method === "GET" && new URL(url).origin === location.origin)
    event.respondWith(answer(event.request));
});

/** @param {string[]} addresses */
async function keep(addresses) {
  const cache = await caches.open(CACHE);
  try {
    await Promise.all(addresses.map((address) => store(cache, address)));
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {Cache} cache
 * @param {string} address
 */
async function store(cache, address) {
  if (versioned(address) && (await cache.match(address))) return;
  const response = await fetch(address);
  if (!response.ok) throw new Error(address);
  await cache.delete(address, { ignoreSearch: true }); // an older version
  await cache.put(address, response);
}

/** @param {Request} request */
async function answer(request) {
  const cache = await caches.open(CACHE);
  const kept = versioned(request.url) && (await cache.match(request));
  if (kept) return kept;
  try {
    return await fetch(request);
  } catch (error) {
    const ignoreSearch = request.mode === "navigate"; // the same page for every seed
    const old = await cache.match(request, { ignoreSearch });
    if (old) return old;
    throw error;
  }
}

/** @param {string} address */
const versioned = (address) => new URL(address).searchParams.has("v");
