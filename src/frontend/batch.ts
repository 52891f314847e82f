/**
 * Collects the requests made in one turn of the event loop and answers them with one call. The facts
 * room asks for all directories of one level of the import graph at once; each BuildKit local source
 * is a round trip to the client, so they share one.
 */
export function batched<K, V>(
  answer: (keys: readonly K[]) => Promise<(key: K) => Promise<V>>,
): (key: K) => Promise<V> {
  let waiting: K[] = [];
  let next: Promise<(key: K) => Promise<V>> | undefined;
  return async (key) => {
    waiting.push(key);
    next ??= new Promise((resolve, reject) => {
      // setImmediate and not a microtask: requests of one level may be some awaits apart.
      setImmediate(() => {
        const keys = waiting;
        waiting = [];
        next = undefined;
        answer(keys).then(resolve, reject);
      });
    });
    const get = await next;
    return get(key);
  };
}
