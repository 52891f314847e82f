import type { GoModule } from "./types.ts";

/**
 * In-module packages that Go did not find, read from what `go build` printed, sorted. When an outside module imports packages
 * of the service's own module that the service itself does not, the exact file list lacks them; a second scan with them in
 * `ServiceQuery.importedBack` is complete. Empty when the error is about anything else.
 */
export function importedBack(module: GoModule, goOutput: string): readonly string[] {
  const found = new Set<string>();
  for (const pattern of absent) {
    for (const match of goOutput.matchAll(pattern)) {
      const path = match[1] ?? "";
      if (module.local.some((each) => path === each.path || path.startsWith(`${each.path}/`))) {
        found.add(path);
      }
    }
  }
  return [...found].sort();
}

/** golang/go:src/cmd/go/internal/modload/import.go (ImportMissingError) and load/pkg.go, Go 1.26. */
const absent = [
  /cannot find module providing package ([^\s:;]+)/g,
  /no required module provides package ([^\s:;]+)/g,
  /does not contain package ([^\s:;]+)/g,
  /package ([^\s:;]+) is not in std/g,
];
