import { compareGoVersions, goVersion, short } from "../description/index.ts";
import { explainAbsentModule, outsideContext } from "./absent-module.ts";
import { minorOf } from "./go-line.ts";
import { parseGoWork } from "./modfile/go-work.ts";
import { importPathProblem } from "./modfile/module-path.ts";
import { noModuleLine, syntaxErrors } from "./module-errors.ts";
import { findUp, readGoMod, readModuleFile } from "./module-files.ts";
import type { OpenTree } from "./open-tree.ts";
import { childPath, joinPath } from "./paths.ts";
import type { FactsDiagnostic, GoModule, LocalModule } from "./types.ts";

export type Workspace = NonNullable<GoModule["workspace"]>;

/** The nearest go.work at or above the module, when it lists the module. */
export async function findWorkspace(
  tree: OpenTree,
  moduleDir: string,
): Promise<{ readonly workspace?: Workspace | undefined; readonly diagnostics: readonly FactsDiagnostic[] }> {
  const dir = await findUp(tree, moduleDir, "go.work");
  if (dir === undefined) return { diagnostics: [] };
  const path = childPath(dir, "go.work");
  const file = parseGoWork(path, (await readModuleFile(tree, path)) ?? "");
  if (file.errors.length > 0 || file.use.some((use) => joinPath(dir, use.value) === moduleDir)) {
    return { workspace: { dir, file }, diagnostics: [] };
  }
  const unlisted: FactsDiagnostic = {
    severity: "warning",
    code: "GF016",
    message: `go.work does not list ${moduleDir === "." ? "this module" : `./${moduleDir}`}, so the module is built without the workspace`,
    help: `add \`use ./${moduleDir}\` to go.work if it belongs to the workspace`,
    file: path,
    position: { line: 1, column: 1 },
  };
  return { diagnostics: [unlisted] };
}

/**
 * What the go command refuses about a workspace before it reads a package: a directory that stands there twice, and a
 * module whose go line is newer than that of go.work, from Go 1.21 on.
 * Rules: golang/go:src/cmd/go/internal/modload/init.go (LoadWorkFile, loadModFile), src/internal/gover (FromGoWork).
 */
export function brokenWorkspace(
  { dir, file }: Workspace,
  modules: readonly LocalModule[],
): readonly FactsDiagnostic[] {
  const error = { severity: "error", code: "GF016", file: file.file } as const;
  const dirs = file.use.map(({ value }) => joinPath(dir, value) ?? value);
  const twice = file.use
    .filter((_use, index) => dirs.indexOf(dirs[index] ?? "") < index)
    .map(({ value, at }): FactsDiagnostic => {
      const message = `${short(value)} appears twice in ${file.file}`;
      return { ...error, message, help: "remove the line", position: at };
    });
  const most = goVersion(file.go?.value ?? WITHOUT_LINE);
  const newer = modules.flatMap(({ goMod }): readonly FactsDiagnostic[] => {
    const line = goMod?.go?.value ?? "";
    const asked = goVersion(line);
    if (goMod === undefined || most === undefined || asked === undefined || minorOf(line) < 21) return [];
    if (compareGoVersions(asked, most) <= 0) return [];
    const message = `${goMod.file} asks for Go ${line}, which is newer than ${file.file} says (${file.go?.value ?? `without a go line ${WITHOUT_LINE}`})`;
    const help = `run \`go work use\`, or write \`go ${line}\` in ${file.file}`;
    return [{ ...error, message, help, position: file.go?.at ?? { line: 1, column: 1 } }];
  });
  return [...twice, ...newer].slice(0, MOST_FINDINGS);
}

/** What Go takes a go.work without a go line for (golang/go:src/internal/gover/version.go, DefaultGoWorkVersion). */
const WITHOUT_LINE = "1.18";

const MOST_FINDINGS = 5;

/** Far beyond any repository; what is more is left to Go. */
export const MOST_MODULES = 2_000;

/** The modules that a workspace lists beside the one in `root`. */
export async function readMembers(
  tree: OpenTree,
  workspace: Workspace,
  root: string,
): Promise<{ readonly members: readonly LocalModule[]; readonly diagnostics: readonly FactsDiagnostic[] }> {
  const read = async (
    use: Workspace["file"]["use"][number],
  ): Promise<LocalModule | FactsDiagnostic | undefined> => {
    const line = { text: `use ${use.value}`, file: workspace.file.file, at: use.at };
    const dir = joinPath(workspace.dir, use.value);
    if (dir === undefined) return outsideContext(line);
    if (dir === root) return undefined;
    const goMod = await readGoMod(tree, dir);
    if (goMod === undefined) return explainAbsentModule(tree, dir, line, "go.work");
    const path = goMod.module === undefined ? undefined : importPathProblem(goMod.module.value);
    const malformed =
      goMod.module !== undefined && path !== undefined ? [{ ...path, at: goMod.module.at }] : [];
    const [broken] = syntaxErrors(goMod.file, [...goMod.errors, ...malformed]);
    if (broken !== undefined) return broken;
    if (goMod.module === undefined) return noModuleLine(goMod.file);
    return { kind: "member", path: goMod.module.value, dir, goMod, goSum: undefined };
  };
  const found = await Promise.all(workspace.file.use.slice(0, MOST_MODULES).map(read));
  return {
    members: found.filter((member): member is LocalModule => member !== undefined && "kind" in member),
    diagnostics: found.filter(
      (finding): finding is FactsDiagnostic => finding !== undefined && "code" in finding,
    ),
  };
}
