/** The value of a key, made where it is asked for first. */
export function once<V>(made: Map<string, V>, key: string, make: () => V): V {
  const known = made.get(key);
  if (known !== undefined) return known;
  const value = make();
  made.set(key, value);
  return value;
}

/** A value that is made where it is asked for first. */
export function onceMade<V extends object>(make: () => V): () => V {
  let made: V | undefined;
  return () => (made ??= make());
}
