import { minorOf } from "./go-line.ts";
import { unhide } from "./ignore.ts";
import type { ModuleVersion, Replace, Require } from "./modfile/types.ts";
import { childPath, isWithin } from "./paths.ts";
import type { IgnoreRule } from "./tree.ts";
import type { FactsDiagnostic, GoModule } from "./types.ts";

/**
 * Required modules whose packages are imported but which go.sum does not know: `go build` would refuse them, after the
 * download. Only modules that go.mod names are judged. Nothing to say with vendor/ or in a workspace, where go.sum is
 * not needed.
 *
 * @param ignored the rule that hides go.sum, where one does
 */
export function missingSums(
  module: GoModule,
  outside: readonly string[],
  ignored: IgnoreRule | undefined,
): readonly FactsDiagnostic[] {
  // In a workspace go completes go.work.sum by itself (golang/go:src/cmd/go/internal/modload/import.go, mustHaveSums).
  if (module.vendor !== undefined || module.workspace !== undefined) return [];
  const main = module.goMod;
  const replacementOf = replacements(main.replace);
  const needed = new Map<string, Require>();
  for (const path of outside) {
    const provider = main.require
      .filter((require) => isWithin(path, require.path))
      .toSorted((a, b) => b.path.length - a.path.length)
      .at(0);
    if (provider !== undefined) needed.set(provider.path, provider);
  }
  const remote = [...needed.values()].filter((require) => replacementOf(require)?.local !== true);
  if (module.sums.files.length === 0) {
    if (remote.length === 0) return [];
    const count = `${remote.length} module${remote.length === 1 ? "" : "s"}`;
    return [
      {
        severity: "error",
        code: "GF011",
        message: `go.sum is missing but the build needs ${count}`,
        help:
          ignored === undefined
            ? "run `go mod tidy` and commit go.sum"
            : `${ignored.file} line ${ignored.line} (${ignored.pattern}) hides it: ${unhide(childPath(module.dir, "go.sum"), ignored)}`,
        file: main.file,
        position: { line: main.module?.at.line ?? 1, column: 1 },
      },
    ];
  }
  return remote.flatMap((require): readonly FactsDiagnostic[] => {
    const target = replacementOf(require)?.new ?? require;
    if (module.sums.has(target.path, target.version) || isIndirectlyRaised(module, target.path)) return [];
    return [
      {
        severity: "error",
        code: "GF012",
        message: `go.sum has no entry for ${target.path} ${target.version}`,
        help: `run \`go mod download ${target.path}\` or \`go mod tidy\` and commit go.sum`,
        file: main.file,
        position: require.at,
      },
    ];
  });
}

/** Before Go 1.17 go.mod does not list every selected version: another one may be in go.sum. */
function isIndirectlyRaised(module: GoModule, path: string): boolean {
  return minorOf(module.goMod.go?.value) < 17 && module.sums.knows(path);
}

/** Which replacement a module version has: one for that very version, else one for all versions; the first wins. */
export function replacements(replaces: readonly Replace[]): (of: ModuleVersion) => Replace | undefined {
  const byPath = new Map<string, Replace[]>();
  for (const each of replaces) {
    const same = byPath.get(each.old.path);
    if (same === undefined) byPath.set(each.old.path, [each]);
    else same.push(each);
  }
  return ({ path, version }) => {
    const same = byPath.get(path) ?? [];
    return same.find((each) => each.old.version === version) ?? same.find((each) => each.old.version === "");
  };
}
