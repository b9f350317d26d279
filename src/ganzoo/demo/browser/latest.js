/** Work that is asked for faster than it is done. */

/**
 * Return a function that works, and once more at the end if it was called meanwhile.
 * @param {() => Promise<void>} work
 */
export function latest(work) {
  let [busy, again] = [false, false];
  return async () => {
    again = true;
    if (busy) return;
    busy = true;
    try {
      while (again) {
        again = false;
        await work();
      }
    } finally {
      busy = false;
    }
  };
}
