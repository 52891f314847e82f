/**
 * Whether an import path without a dot in its first element, which is Go's sign of the standard library, may be one of
 * it even where a module's path is a prefix: of modules named like one of its directories, `database` or `image`.
 * Names at the top of golang/go:src, up to Go 1.26; which packages a release has below them, Go alone says.
 */
export function mayBeStandard(path: string): boolean {
  const [first = ""] = path.split("/", 1);
  return top.has(first);
}

/**
 * Whether Go up to 1.26 has nothing in its source of which the import path may be. What a newer release brings is not
 * known here.
 */
export function isUnknownStandard(path: string): boolean {
  const [first = ""] = path.split("/", 1);
  return !mayBeStandard(path) && !unimportable.has(first);
}

/** No dot in the first element: Go keeps such paths for the standard library. */
export function isStandardPath(path: string): boolean {
  const [first = ""] = path.split("/", 1);
  return !first.includes(".");
}

/** What stands beside them, and Go alone may import, or nobody. */
const unimportable: ReadonlySet<string> = new Set(["builtin", "cmd", "internal", "vendor"]);

const top: ReadonlySet<string> = new Set(
  (
    "archive arena bufio bytes cmp compress container context crypto database debug embed encoding errors expvar flag fmt " +
    "go hash html image index io iter log maps math mime net os path plugin reflect regexp runtime simd slices sort " +
    "strconv strings structs sync syscall testing text time unicode unique unsafe weak"
  ).split(" "),
);
