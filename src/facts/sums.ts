import { minorOf } from "./go-line.ts";
import { unhide } from "./ignore.ts";
import type { ModuleVersion, Replace, Require } from "./modfile/types.ts";
import { childPath, prefixes } from "./paths.ts";
import type { IgnoreRule } from "./source-tree.ts";
import type { FactsDiagnostic, GoModule } from "./types.ts";

/**
 * Required modules whose packages are imported but which go.sum does not know: `go build` would refuse them, after the
 * download. Of each such module, the hash of its go.mod is wanted too; below Go 1.17 that of all requirements, imported or not. Only
 * modules that go.mod names are judged. Nothing to say with vendor/ or in a workspace, where go.sum is not needed.
 *
 * @param ignored the rule that hides go.sum, where one does
 */
export function missingSums(
  module: GoModule,
  outside: readonly string[],
  ignored: IgnoreRule | undefined,
): readonly FactsDiagnostic[] {
  if (module.vendor !== undefined) return [];
  const broken = brokenSums(module, outside);
  // In a workspace go completes go.work.sum by itself (golang/go:src/cmd/go/internal/modload/import.go, mustHaveSums).
  if (broken.length > 0 || module.workspace !== undefined) return broken;
  const main = module.goMod;
  const replacementOf = replacements(main.replace);
  const needed = new Map<string, Require>();
  // Of two lines for one path the first counts.
  const required = new Map(main.require.toReversed().map((require) => [require.path, require]));
  for (const path of outside) {
    const holder = prefixes(path).findLast((prefix) => required.has(prefix));
    const provider = holder === undefined ? undefined : required.get(holder);
    if (provider !== undefined) needed.set(provider.path, provider);
  }
  const isRemote = (require: Require): boolean => replacementOf(require)?.local !== true;
  const remote = [...needed.values()].filter(isRemote);
  const read = readsAll(module) ? main.require.filter(isRemote) : [];
  if (module.sums.files.length === 0) {
    const count = new Set([...remote, ...read]).size;
    if (count === 0) return [];
    return [
      {
        severity: "error",
        code: "GF011",
        message: `go.sum is missing but the build needs ${count} module${count === 1 ? "" : "s"}`,
        help:
          ignored === undefined
            ? "run `go mod tidy` and commit go.sum"
            : `${ignored.file} line ${ignored.line} (${ignored.pattern}) hides it: ${unhide(childPath(module.dir, "go.sum"), ignored)}`,
        file: main.file,
        position: { line: main.module?.at.line ?? 1, column: 1 },
      },
    ];
  }
  const incomplete = (require: Require, what: string): FactsDiagnostic => {
    const target = replacementOf(require)?.new ?? require;
    return {
      severity: "error",
      code: "GF012",
      message: `go.sum has no entry for ${what}${target.path} ${target.version}`,
      help: `run \`go mod download ${target.path}\` or \`go mod tidy\` and commit go.sum`,
      file: main.file,
      position: require.at,
    };
  };
  const imported = new Set(
    remote.filter((require) => {
      const target = replacementOf(require)?.new ?? require;
      const isRaised = readsAll(module) && module.sums.knows(target.path);
      return !module.sums.has(target.path, target.version) && !isRaised;
    }),
  );
  const others = [...new Set([...remote, ...read])].filter((require) => {
    const target = replacementOf(require)?.new ?? require;
    return !module.sums.hasGoMod(target.path, target.version) && !imported.has(require);
  });
  return [
    ...[...imported].map((require) => incomplete(require, "")),
    ...others.map((require) => incomplete(require, "the go.mod of ")),
  ];
}

/** Lines that Go cannot read, where it has to read the files: a package of a module from elsewhere is imported, or all of them count. */
function brokenSums(module: GoModule, outside: readonly string[]): readonly FactsDiagnostic[] {
  const isLocal = new Set(module.local.map(({ path }) => path));
  const required = module.local.flatMap(({ kind, goMod }) =>
    kind === "replaced" ? [] : (goMod?.require ?? []),
  );
  const isAllRead = module.workspace !== undefined || readsAll(module);
  const isRead = outside.length > 0 || (isAllRead && required.some(({ path }) => !isLocal.has(path)));
  if (!isRead) return [];
  return module.sums.broken.map(({ file, line, words }) => ({
    severity: "error",
    code: "GF016",
    message: `a line of ${file} has ${words} word${words === 1 ? "" : "s"}; a module, its version and a hash are expected`,
    help: "remove the line (of a merge that was left half done?), then run `go mod tidy` and commit the result",
    file,
    position: { line, column: 1 },
  }));
}

/**
 * Before Go 1.17 go.mod does not list every selected version: a higher one may be in go.sum. To find it the go.mod of
 * every requirement is read.
 */
function readsAll(module: GoModule): boolean {
  return minorOf(module.goMod.go?.value) < 17;
}

/** Which replacement a module version has: one for that very version, else one for all versions; the first wins. */
export function replacements(replaces: readonly Replace[]): (of: ModuleVersion) => Replace | undefined {
  const byPath = new Map<string, Replace[]>();
  for (const replace of replaces) {
    const same = byPath.get(replace.old.path);
    if (same === undefined) byPath.set(replace.old.path, [replace]);
    else same.push(replace);
  }
  return ({ path, version }) => {
    const same = byPath.get(path) ?? [];
    return (
      same.find((replace) => replace.old.version === version) ??
      same.find((replace) => replace.old.version === "")
    );
  };
}
