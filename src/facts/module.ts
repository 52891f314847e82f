import { mostOf } from "./contents.ts";
import { brokenGodebug, conflictingModules, conflictingRequirements } from "./conflicts.ts";
import { minorOf } from "./go-line.ts";
import { parseGoSums } from "./modfile/go-sum.ts";
import { importPathProblem, modulePathProblem } from "./modfile/module-path.ts";
import type { GoModFile } from "./modfile/types.ts";
import { noModuleLine, syntaxErrors } from "./module-errors.ts";
import { readGoMod, readModuleFile } from "./module-files.ts";
import { explainNoGoMod } from "./no-go-mod.ts";
import type { OpenTree } from "./open-tree.ts";
import { baseName, childPath, sorted } from "./paths.ts";
import { readReplaced } from "./replaced.ts";
import { staleVendor } from "./stale-vendor.ts";
import { replacements } from "./sums.ts";
import type { Detected, FactsDiagnostic, GoModule, LocalModule } from "./types.ts";
import { readVendor } from "./vendor.ts";
import { brokenWorkspace, findWorkspace, readMembers, type Workspace } from "./workspace.ts";

/**
 * The module whose go.mod stands in `dir` (clean, `"."` = the context's root), with the go.work at or above it, the vendor
 * folder, go.sum files and local modules that take part in its builds.
 */
export function detectModule(tree: OpenTree, dir = "."): Promise<Detected> {
  return tree.share(`module\0${dir}`, async (): Promise<Detected> => {
    const found = await detect(tree, dir);
    if (tree.oversized.size === 0) return found;
    const { moduleFiles } = tree.budget.bounds;
    return {
      ok: false,
      diagnostics: [...tree.oversized].map(([file, size]) => tooLarge(file, size, moduleFiles)),
    };
  });
}

/** The texts of `module.modFiles`, in that order, links followed; nothing is read twice. */
export async function readModFiles(
  tree: OpenTree,
  module: GoModule,
): Promise<readonly { readonly path: string; readonly text: string }[]> {
  const texts = await Promise.all(module.modFiles.map((path) => readModuleFile(tree, path)));
  return module.modFiles.flatMap((path, index) => {
    const text = texts[index];
    return text === undefined ? [] : [{ path, text }];
  });
}

function tooLarge(file: string, size: number, moduleFiles: number): FactsDiagnostic {
  const most = mostOf(file);
  const alone = size > most;
  return {
    severity: "error",
    code: "GF016",
    message: alone
      ? `${baseName(file)} has ${mebibytes(size)}; at most ${mebibytes(most)} are read`
      : `with ${baseName(file)} the module files of this description have more than ${mebibytes(moduleFiles)}, the most that is read`,
    help: alone
      ? "`go mod tidy` and `go work sync` leave what builds need, a fraction of that: run them and commit the result"
      : "describe fewer modules in one file, and leave out of go.work what they do not need",
    file,
    position: { line: 1, column: 1 },
  };
}

function mebibytes(bytes: number): string {
  return `${Number((bytes / 1024 / 1024).toFixed(1))} MiB`;
}

async function detect(tree: OpenTree, dir: string): Promise<Detected> {
  await tree.list(dir);
  const place = await tree.resolve(dir);
  if (place.kind !== "dir") return { ok: false, diagnostics: [await explainNoGoMod(tree, dir)] };
  const root = place.path;
  const [goMod, { workspace, diagnostics: unlisted }] = await Promise.all([
    readGoMod(tree, root),
    findWorkspace(tree, root),
  ]);
  if (goMod === undefined) return { ok: false, diagnostics: [await explainNoGoMod(tree, dir)] };
  const broken = [
    ...syntaxErrors(goMod.file, goMod.errors),
    ...(workspace === undefined ? [] : syntaxErrors(workspace.file.file, workspace.file.errors)),
    ...unusablePaths(goMod, workspace),
    ...(workspace === undefined
      ? brokenGodebug(goMod.file, goMod.godebug)
      : brokenGodebug(workspace.file.file, workspace.file.godebug)),
  ];
  const path = goMod.module?.value;
  if (broken.length > 0) return { ok: false, diagnostics: broken };
  if (path === undefined) return { ok: false, diagnostics: [noModuleLine(goMod.file)] };

  const main: LocalModule = { kind: "main", path, dir: root, goMod, goSum: undefined };
  const { members, diagnostics: strangers } =
    workspace === undefined ? { members: [], diagnostics: [] } : await readMembers(tree, workspace, root);
  const go = workspace?.file.go?.value ?? goMod.go?.value;
  const isWorkspace = workspace !== undefined;
  const { vendor, diagnostics: noVendor } = await readVendor(tree, workspace?.dir ?? root, go, isWorkspace);
  const replaced =
    vendor === undefined
      ? await readReplaced(tree, workspace, [main, ...members])
      : { modules: [], absent: [], diagnostics: [] };
  const required = [goMod, ...members.flatMap((member) => member.goMod ?? [])];
  // Elsewhere the go command reads the go.mod of no module of which nothing is imported.
  const readsAll = isWorkspace || minorOf(goMod.go?.value) < 17;
  const diagnostics = [
    ...unlisted,
    ...strangers,
    ...(workspace === undefined
      ? conflictingRequirements(main)
      : [
          ...brokenWorkspace(workspace, [main, ...members]),
          ...conflictingModules(workspace, [main, ...members]),
        ]),
    ...noVendor,
    ...(vendor === undefined ? [] : staleVendor(required, vendor.list, isWorkspace)),
    ...replaced.diagnostics,
    ...(readsAll ? replaced.absent.map(({ finding }) => finding) : []),
  ];

  const built = [main, ...members];
  const sums = await readSums(tree, workspace, built);
  const sumFiles = new Set(sums.map(({ file }) => file));
  const withSum = (local: LocalModule): LocalModule => {
    const file = childPath(local.dir, "go.sum");
    return { ...local, goSum: sumFiles.has(file) ? file : undefined };
  };
  const local = [...built.map(withSum), ...replaced.modules];
  const modFiles = [
    ...(workspace === undefined ? [] : [workspace.file.file]),
    ...local.flatMap((module) => module.goMod?.file ?? []),
    ...sumFiles,
  ];
  const toolchain = (workspace?.file.toolchain ?? goMod.toolchain)?.value;
  const module: GoModule = {
    path,
    dir: root,
    goMod,
    go,
    toolchain: toolchain === undefined || toolchain === "default" ? undefined : toolchain.replace(/^go/, ""),
    workspace,
    isUnlisted: unlisted.length > 0,
    vendor,
    local,
    absent: replaced.absent,
    sums: parseGoSums(sums),
    modFiles: sorted(new Set(modFiles)),
  };
  const isUsable = diagnostics.every(({ severity }) => severity !== "error");
  return isUsable ? { ok: true, module, diagnostics } : { ok: false, diagnostics };
}

/** go.work.sum, and the go.sum of each module that is built from its sources. */
async function readSums(
  tree: OpenTree,
  workspace: Workspace | undefined,
  built: readonly LocalModule[],
): Promise<readonly { readonly file: string; readonly text: string }[]> {
  const files = [
    ...(workspace === undefined ? [] : [childPath(workspace.dir, "go.work.sum")]),
    ...built.map(({ dir }) => childPath(dir, "go.sum")),
  ];
  const texts = await Promise.all(files.map((file) => readModuleFile(tree, file)));
  return files.flatMap((file, index) => {
    const text = texts[index];
    return text === undefined ? [] : [{ file, text }];
  });
}

/** Paths that the grammar takes and the go command refuses: the module's own, and those that no `replace` provides. */
function unusablePaths(goMod: GoModFile, workspace: Workspace | undefined): readonly FactsDiagnostic[] {
  const replacementOf = replacements([...(workspace?.file.replace ?? []), ...goMod.replace]);
  const { module } = goMod;
  const wrong = module === undefined ? undefined : importPathProblem(module.value);
  return syntaxErrors(goMod.file, [
    ...(module === undefined || wrong === undefined ? [] : [{ ...wrong, at: module.at }]),
    ...goMod.require.flatMap((require) => {
      const problem = replacementOf(require) === undefined ? modulePathProblem(require.path) : undefined;
      return problem === undefined ? [] : [{ ...problem, at: require.at }];
    }),
  ]);
}
