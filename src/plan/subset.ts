// A module file of our own that names some of a service's modules and no others: what a step reads of
// go.mod and go.sum is then no more than what it is about, and a new version of another module is not in
// its key.
import type { DepsPlan, InlineFile } from "./types.ts";

export interface ModuleVersion {
  readonly path: string;
  readonly version: string;
}

/** Name of the module that such a go.mod declares. It is in no package's key. */
export const OWN_MODULE = "go-frontend.invalid/group";

/**
 * go.mod and go.sum for some modules.
 *
 * @param goMod the service's own, for its `go` line
 * @param goSum the service's own, whose lines are taken
 */
export function moduleSubset(
  modules: readonly ModuleVersion[],
  goMod: string,
  goSum: string,
): readonly InlineFile[] {
  const goLine = /^go\s+\S+/m.exec(goMod)?.[0] ?? "";
  const requires = modules.map(({ path, version }) => `\t${path} ${version}\n`).join("");
  return [
    { path: "go.mod", text: `module ${OWN_MODULE}\n\n${goLine}\n\nrequire (\n${requires})\n` },
    { path: "go.sum", text: sumsOf(modules, goSum) },
  ];
}

/** The lines of a go.sum that are about some modules, sorted. */
export function sumsOf(modules: readonly ModuleVersion[], goSum: string): string {
  const wanted = new Set(
    modules.flatMap(({ path, version }) => [`${path} ${version}`, `${path} ${version}/go.mod`]),
  );
  const lines = goSum.split("\n").filter((line) => wanted.has(line.split(" ").slice(0, 2).join(" ")));
  return lines
    .toSorted()
    .map((line) => `${line}\n`)
    .join("");
}

/** The text of a module's go.mod and go.sum; empty where it has none. */
export function moduleFiles({ dir, files }: Pick<DepsPlan, "dir" | "files">): {
  goMod: string;
  goSum: string;
} {
  const prefix = dir === "." ? "" : `${dir}/`;
  const textOf = (name: string): string => files.find(({ path }) => path === `${prefix}${name}`)?.text ?? "";
  return { goMod: textOf("go.mod"), goSum: textOf("go.sum") };
}
