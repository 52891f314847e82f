/** Id of a cache mount below the client's namespace: mounts are global to a builder. */
export function cacheId(namespace: string, name: string): string {
  return `${namespace === "" ? "" : `${namespace}/`}go-frontend/${name}`;
}
