import { goMinor, NEWEST_GO_MINOR, quote, suggest } from "../description/index.ts";
import type { Located } from "./modfile/types.ts";
import type { FactsDiagnostic, GoModule } from "./types.ts";

/**
 * Directives of go.mod and go.work that a release of Go does not know, and so refuses. Of releases newer than those
 * known here nothing is said. In the go.mod of a module that a folder replaces Go passes over them.
 * Rules: golang.org/x/mod/modfile/rule.go, work.go; https://go.dev/ref/mod#go-mod-file for the release that brought each.
 *
 * @param release the one that compiles, `1.26` or `1.26.3`
 */
export function unknownDirectives(module: GoModule, release: string): readonly FactsDiagnostic[] {
  const minor = goMinor(release);
  if (minor === undefined || minor > NEWEST_GO_MINOR) return [];
  const goMods = module.local.flatMap(({ kind, goMod }) => (kind === "replaced" ? [] : (goMod ?? [])));
  const work = module.workspace?.file;
  return [
    ...goMods.flatMap(({ file, directives }) => judge(file, directives, minor, inGoMod, inGoWork)),
    ...(work === undefined ? [] : judge(work.file, work.directives, minor, inGoWork, inGoMod)),
  ].slice(0, MOST);
}

const MOST = 5;

/** The minor release of Go 1 that brought each; all supported ones have those with 0. */
const inGoMod: ReadonlyMap<string, number> = new Map([
  ...["module", "go", "toolchain", "require", "exclude", "replace", "retract"].map(
    (name) => [name, 0] as const,
  ),
  ["godebug", 23],
  ["tool", 24],
  ["ignore", 25],
]);

const inGoWork: ReadonlyMap<string, number> = new Map([
  ...["go", "toolchain", "use", "replace"].map((name) => [name, 0] as const),
  ["godebug", 23],
]);

function judge(
  file: string,
  directives: readonly Located<string>[],
  minor: number,
  known: ReadonlyMap<string, number>,
  elsewhere: ReadonlyMap<string, number>,
): readonly FactsDiagnostic[] {
  const other = known === inGoMod ? "go.work" : "go.mod";
  return directives.flatMap(({ value, at }): readonly FactsDiagnostic[] => {
    const since = known.get(value);
    if (since !== undefined && since <= minor) return [];
    const found = { severity: "error", code: "GF016", file, position: at } as const;
    if (since !== undefined) {
      const message = `Go 1.${minor} does not know the directive ${value}, which came with Go 1.${since}`;
      const help = `write \`go: "1.${since}"\` in the description, or \`go 1.${since}\` in ${file}`;
      return [{ ...found, message, help }];
    }
    const near = suggest(value.toLowerCase(), known.keys());
    const help = elsewhere.has(value)
      ? `it belongs into ${other}`
      : near === undefined
        ? `the directives are ${[...known.keys()].join(", ")}`
        : `did you mean \`${near}\`?`;
    return [{ ...found, message: `unknown directive ${quote(value)}`, help }];
  });
}
