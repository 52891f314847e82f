import type { InlineFile } from "./types.ts";

/** Directory of the stub package inside the main module. It exists only in the step that uses it. */
export const STUB_DIR = "go-frontend-deps";

/**
 * A library package that imports what the services import from outside their source tree, and is
 * compiled before any of their files is known to the builder. It holds nothing else, so its text,
 * and with it the key of the compiled modules, stays the same under every edit that keeps the set
 * of imported packages.
 *
 * It is a library and not a main package, because a main package would be linked for nothing.
 */
export function stubPackage(moduleDir: string, imports: readonly string[]): InlineFile {
  const dir = moduleDir === "." ? STUB_DIR : `${moduleDir}/${STUB_DIR}`;
  return { path: `${dir}/deps.go`, text: stubText(imports) };
}

/** A file of such a package. */
export function stubText(imports: readonly string[]): string {
  const lines = [...new Set(imports)].toSorted().map((path) => `\t_ ${JSON.stringify(path)}\n`);
  return `package deps\n\nimport (\n${lines.join("")})\n`;
}
