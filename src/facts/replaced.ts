import { explainAbsentModule, outsideContext } from "./absent-module.ts";
import type { Replace } from "./modfile/types.ts";
import { readGoMod } from "./module-files.ts";
import type { OpenTree } from "./open-tree.ts";
import { joinPath } from "./paths.ts";
import { replacements } from "./sums.ts";
import type { AbsentModule, FactsDiagnostic, LocalModule } from "./types.ts";
import { compareVersions } from "./version.ts";
import { MOST_MODULES, type Workspace } from "./workspace.ts";

export interface Replaced {
  readonly modules: readonly LocalModule[];
  readonly absent: readonly AbsentModule[];
  readonly diagnostics: readonly FactsDiagnostic[];
}

/** Local targets of `replace`: those of the main module, or of go.work and all members (go.work wins). */
export async function readReplaced(
  tree: OpenTree,
  workspace: Workspace | undefined,
  mains: readonly LocalModule[],
): Promise<Replaced> {
  const declared = [
    ...(workspace?.file.replace ?? []).map((replace) => ({
      replace,
      dir: workspace?.dir ?? ".",
      file: workspace?.file.file ?? "",
    })),
    ...mains.flatMap(({ goMod, dir }) =>
      (goMod?.replace ?? []).map((replace) => ({ replace, dir, file: goMod?.file ?? "" })),
    ),
  ];
  const required = newestRequired(mains);
  const replacementOf = replacements(declared.map(({ replace }) => replace));
  // A replace with a version counts only when that version is the required one; of a module that only other modules
  // require, Go alone knows the version.
  const applies = (replace: Replace): boolean => {
    const version = required.get(replace.old.path);
    if (version === undefined) return true;
    return replacementOf({ path: replace.old.path, version }) === replace;
  };
  const seen = new Set<string>(mains.map((main) => main.path));
  const applied = declared.filter(({ replace, dir }) => {
    const { path } = replace.old;
    if (!replace.local || seen.has(path) || !applies(replace)) return false;
    // One that lies outside leaves the path to the next line.
    if (joinPath(dir, replace.new.path) !== undefined) seen.add(path);
    return true;
  });
  const found = await Promise.all(
    applied.slice(0, MOST_MODULES).map(async ({ replace, dir: from, file }): Promise<Replaced> => {
      const { path } = replace.old;
      const line = { text: `replace ${path} => ${replace.new.path}`, file, at: replace.at };
      const dir = joinPath(from, replace.new.path);
      if (dir === undefined) {
        const finding = outsideContext(line);
        return required.has(path)
          ? { modules: [], absent: [{ path, finding }], diagnostics: [] }
          : { modules: [], absent: [], diagnostics: [{ ...finding, severity: "warning" }] };
      }
      const goMod = await readGoMod(tree, dir);
      // A replacement of something that is not required is not read by Go, as far as go.mod can tell.
      const isAbsent = goMod === undefined && required.has(path);
      if (isAbsent) {
        const finding = await explainAbsentModule(tree, dir, line, "go.mod");
        return { modules: [], absent: [{ path, finding }], diagnostics: [] };
      }
      return {
        modules: [{ kind: "replaced", path, dir, goMod, goSum: undefined }],
        absent: [],
        diagnostics: [],
      };
    }),
  );
  return {
    modules: found.flatMap(({ modules }) => modules),
    absent: found.flatMap(({ absent }) => absent),
    diagnostics: found.flatMap(({ diagnostics }) => diagnostics),
  };
}

/** Of the versions that the modules of a workspace require, the newest counts. */
function newestRequired(mains: readonly LocalModule[]): ReadonlyMap<string, string> {
  const required = new Map<string, string>();
  for (const { path, version } of mains.flatMap((main) => main.goMod?.require ?? [])) {
    const other = required.get(path);
    if (other === undefined || compareVersions(version, other) > 0) required.set(path, version);
  }
  return required;
}
