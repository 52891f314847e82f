// Go's path package, the rules by which client/llb writes paths into ops. Node's posix.normalize
// differs: it keeps trailing slashes and turns "" into ".".

/** Go's path.IsAbs. */
export const isAbs = (path: string): boolean => path.startsWith("/");

/** Go's path.Clean: shortest equal path; "" becomes ".". */
export function clean(path: string): string {
  if (isClean(path)) return path;
  const rooted = isAbs(path);
  const out: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") out.push(part);
    else if (out.length > 0 && out.at(-1) !== "..") out.pop();
    else if (!rooted) out.push("..");
  }
  const joined = out.join("/");
  return rooted ? `/${joined}` : joined === "" ? "." : joined;
}

/** Whether there is nothing to do, as for most paths. */
const isClean = (path: string): boolean =>
  path === "/" ||
  (path !== "" && path[0] !== "." && !path.endsWith("/") && !path.includes("//") && !path.includes("/."));

/** Go's path.Join: empty elements are ignored, the rest is joined and cleaned. */
export function join(...parts: readonly string[]): string {
  const given = parts.filter((part) => part !== "");
  return given.length === 0 ? "" : clean(given.join("/"));
}

/**
 * The path of a file action: absolute, relative ones against the state's dir; with `keepSlash` a
 * trailing `/` or `/.` survives (moby/buildkit:client/llb/fileop.go, normalizePath).
 */
export function normalizePath(dir: string, path: string, keepSlash: boolean): string {
  const cleaned = clean(path);
  const absolute = isAbs(cleaned) ? cleaned : join("/", dir, cleaned);
  if (!keepSlash) return absolute;
  if (path.endsWith("/") && !absolute.endsWith("/")) return `${absolute}/`;
  if (path.endsWith("/.")) return absolute === "/" ? "/." : `${absolute}/.`;
  return absolute;
}
