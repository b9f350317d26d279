/** Keeps what the page has fetched, so that it opens again without a network. */

const HERE = new URL(".", import.meta.url).href;

/**
 * Keep the page and all that it has fetched from its own site.
 * @param {URL[]} others what only the worker has fetched
 * @returns {Promise<boolean>} whether it opens without a network now
 */
export async function keep(others) {
  const within = location.href.startsWith(HERE); // else no service worker of this folder sees it
  if (!("serviceWorker" in navigator) || !within) return false;
  try {
    await navigator.serviceWorker.register(new URL("service_worker.js", HERE));
    const { active } = await navigator.serviceWorker.ready;
    const fetched = performance.getEntriesByType("resource").map(({ name }) => name);
    const all = [location.href, ...fetched, ...others.map(String)];
    const own = all.filter((each) => new URL(each).origin === location.origin);
    return await answer(active, [...new Set(own)]);
  } catch {
    return false; // a page from a file, a private window: it draws all the same
  }
}

/**
 * @param {ServiceWorker | null} worker
 * @param {string[]} addresses
 * @returns {Promise<boolean>}
 */
function answer(worker, addresses) {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(data);
    worker?.postMessage(addresses, [port2]);
  });
}
