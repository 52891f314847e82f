/** Slash paths relative to the context root; the root is `"."`. Pure string work, no file access. */

/** Joins and cleans; `undefined` when the result leaves the root. A leading `/` in `path` is taken as outside. */
export function joinPath(dir: string, path: string): string | undefined {
  if (path.startsWith("/")) return undefined;
  const out: string[] = dir === "." || dir === "" ? [] : dir.split("/");
  for (const element of path.split("/")) {
    if (element === "" || element === ".") continue;
    if (element === "..") {
      if (out.length === 0) return undefined;
      out.pop();
      continue;
    }
    out.push(element);
  }
  return out.length === 0 ? "." : out.join("/");
}

/** Child of a clean directory. */
export function childPath(dir: string, name: string): string {
  return dir === "." ? name : `${dir}/${name}`;
}

/** The directory that a path of the context is in; `"."` for one in the root. */
export function parentPath(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "." : path.slice(0, slash);
}

/** The last element of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** `["a", "a/b", "a/b/c"]` for `a/b/c`; the root is not among them. */
export function prefixes(path: string): readonly string[] {
  if (path === ".") return [];
  const out: string[] = [];
  for (let i = path.indexOf("/"); i >= 0; i = path.indexOf("/", i + 1)) out.push(path.slice(0, i));
  out.push(path);
  return out;
}

/** `["a", "a/b"]` for `a/b/c`: the directories between the root and a path. */
export function ancestors(path: string): readonly string[] {
  return prefixes(path).slice(0, -1);
}

/** Files that only `go test` reads. */
export function isTest(name: string): boolean {
  return name.endsWith("_test.go");
}

/** Part of the name is not UTF-8 and known as U+FFFD only. */
export function isLossy(name: string): boolean {
  return name.includes("\ufffd");
}

/** No file system has longer names, and none that BuildKit runs on takes longer paths (Linux: NAME_MAX, PATH_MAX). */
const longest = { name: 255, path: 3072 };

/** Whether a file system can hold the path; what a file names may be anything. */
export function canExist(path: string): boolean {
  if (path.length > longest.path || path.includes("\0")) return false;
  return path.length <= longest.name / 3 || path.split("/").every((name) => bytesOf(name) <= longest.name);
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** `path` is `dir` or lies below it. */
export function isWithin(path: string, dir: string): boolean {
  return dir === "." || path === dir || path.startsWith(`${dir}/`);
}

/** `path` relative to an ancestor. */
export function relativeTo(path: string, dir: string): string {
  if (path === dir) return ".";
  return dir === "." ? path : path.slice(dir.length + 1);
}

/** Go's file extension: from the last dot; empty when there is none. */
export function extension(name: string): string {
  const dot = name.lastIndexOf(".");
  return dot < 0 ? "" : name.slice(dot);
}

/** Byte order of Go's sort.Strings for the names we handle (UTF-16 order differs only above the BMP). */
export function sorted(values: Iterable<string>): readonly string[] {
  return [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
