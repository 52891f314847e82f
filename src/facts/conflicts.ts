import { short } from "../description/index.ts";
import { versioned } from "./modfile/replace.ts";
import type { Located, ModPosition } from "./modfile/types.ts";
import { joinPath } from "./paths.ts";
import type { FactsDiagnostic, LocalModule } from "./types.ts";
import type { Workspace } from "./workspace.ts";

/** The most findings of one kind. */
const MOST = 5;

/**
 * Lines of one go.mod that Go cannot follow together, where no go.work takes their place: two
 * versions of a module are required, or a version that is excluded. Go would have to write go.mod anew, which it does not
 * while it builds. The same requirement twice is none of that.
 * Rules: golang/go:src/cmd/go/internal/modload/init.go (rootsFromModFile, hasRedundantRoot), buildlist.go (updateRoots).
 */
export function conflictingRequirements({ goMod }: LocalModule): readonly FactsDiagnostic[] {
  if (goMod === undefined) return [];
  const error = { severity: "error", code: "GF016", file: goMod.file } as const;
  const excluded = new Map(goMod.exclude.map((require) => [versioned(require), require.at]));
  const first = new Map(goMod.require.toReversed().map((require) => [require.path, require]));
  const found = goMod.require.flatMap((require): readonly FactsDiagnostic[] => {
    const exclusion = excluded.get(versioned(require));
    if (exclusion !== undefined) {
      const message = `${goMod.file} requires ${versioned(require)} and excludes it in line ${exclusion.line}`;
      return [
        {
          ...error,
          message,
          help: "run `go mod tidy`, or remove one of the two lines",
          position: require.at,
        },
      ];
    }
    const other = first.get(require.path);
    if (other === undefined || other.version === require.version) return [];
    const message = `${goMod.file} requires two versions of ${short(require.path)}: ${short(other.version)} in line ${other.at.line}, and ${short(require.version)}`;
    return [{ ...error, message, help: "remove the older one, or run `go mod tidy`", position: require.at }];
  });
  return found.slice(0, MOST);
}

/**
 * Modules of a workspace that Go cannot build together: two of one path, one that go.work replaces, or several that
 * replace a module by different ones, about which go.work says nothing.
 * Rules: golang/go:src/cmd/go/internal/modload/init.go (makeMainModules).
 */
export function conflictingModules(
  { dir, file }: Workspace,
  modules: readonly LocalModule[],
): readonly FactsDiagnostic[] {
  const error = { severity: "error", code: "GF016" } as const;
  const uses = new Map(file.use.map((use) => [joinPath(dir, use.value), use]));
  const inOrder = modules.toSorted((a, b) => lineOf(uses.get(a.dir)) - lineOf(uses.get(b.dir)));
  const dirs = new Map<string, string>();
  const twice = inOrder.flatMap(({ path, dir: at }): readonly FactsDiagnostic[] => {
    const other = dirs.get(path);
    dirs.set(path, other ?? at);
    if (other === undefined) return [];
    const message = `two modules of the workspace have the path ${short(path)}: ${other}/go.mod and ${at}/go.mod`;
    const help = "give one of them another path, or remove it from go.work";
    return [{ ...error, message, help, file: file.file, position: uses.get(at)?.at ?? START }];
  });
  const replaced = file.replace
    .filter(({ old }) => old.version === "" && dirs.has(old.path))
    .map(({ old, at }): FactsDiagnostic => {
      const message = `${file.file} replaces all versions of ${short(old.path)}, which is a module of the workspace`;
      return { ...error, message, help: "remove the line", file: file.file, position: at };
    });

  const byWork = new Set(file.replace.map(({ old }) => old.path));
  const seen = new Map<string, { readonly of: LocalModule; readonly by: string; readonly line: number }>();
  const conflicts = inOrder.flatMap((of) =>
    (of.goMod?.replace ?? []).flatMap((replace): readonly FactsDiagnostic[] => {
      if (byWork.has(replace.old.path)) return [];
      const { path, version } = replace.new;
      const by = version === "" ? joinPath(of.dir, path) : versioned(replace.new);
      // A folder outside the build context is refused where it is needed.
      if (by === undefined) return [];
      const old = versioned(replace.old);
      const other = seen.get(old);
      seen.set(old, { of, by, line: replace.at.line });
      if (other === undefined || other.of === of || other.by === by) return [];
      const message = `modules of the workspace replace ${old} differently: ${other.of.goMod?.file ?? ""} line ${other.line} by ${other.by}, this by ${by}`;
      const help = `name one of them in a \`replace\` of ${file.file}, which then counts for all`;
      return [{ ...error, message, help, file: of.goMod?.file ?? file.file, position: replace.at }];
    }),
  );
  return [...twice, ...replaced, ...conflicts].slice(0, MOST);
}

/** A `godebug default=` that names no release. Rules: golang/go:src/cmd/go/internal/modload/init.go (CheckGodebug). */
export function brokenGodebug(
  file: string,
  settings: readonly Located<string>[],
): readonly FactsDiagnostic[] {
  return settings.flatMap(({ value, at }): readonly FactsDiagnostic[] => {
    const named = /^default=(.*)$/.exec(value)?.[1];
    if (named === undefined || /^go[0-9]/.test(named)) return [];
    const message = `godebug default=${short(named)} names no Go release`;
    const help = "write it like `godebug default=go1.24`";
    return [{ severity: "error", code: "GF016", message, help, file, position: at }];
  });
}

const START: ModPosition = { line: 1, column: 1 };

function lineOf(use: Located<string> | undefined): number {
  return use?.at.line ?? 0;
}
