import { NEWEST_GO_MINOR, quote } from "../description/index.ts";
import type { MissingImport } from "./closure.ts";
import { gitRules } from "./git-ignore.ts";
import { minorOf } from "./go-line.ts";
import { unhide } from "./ignore.ts";
import { candidates } from "./import-path.ts";
import { importPathOf } from "./module-paths.ts";
import type { OpenTree } from "./open-tree.ts";
import type { Placed } from "./package.ts";
import { joinPath, prefixes } from "./paths.ts";
import type { FactsDiagnostic, GoModule, LocalModule } from "./types.ts";
import { startsModule } from "./walk.ts";

/**
 * Why nothing provides an import, where Go refuses it for certain; `undefined` where only Go can tell.
 * Rules: golang/go:src/cmd/go/internal/modload/import.go (importFromModules) and load.go (direct imports from modules
 * that go.mod does not name), Go 1.26.
 */
export async function explainImport(
  tree: OpenTree,
  module: GoModule,
  missing: MissingImport,
): Promise<FactsDiagnostic | undefined> {
  const { path, file, position } = missing;
  if (/^\.{1,2}(\/|$)/.test(path)) {
    return {
      severity: "error",
      code: "GF008",
      message: `${quote(path)} is a relative import, which a module cannot have`,
      help: "import the package by the module's path, and its folder behind it",
      file,
      position,
    };
  }
  if (/^(\/|$)/.test(path)) return undefined;
  const [nearest] = candidates(module, path);
  // The line that names the directory is an error already.
  if (module.absent.some((absent) => absent.path === nearest?.path)) return undefined;
  if (nearest !== undefined) return explainLocal(tree, nearest, missing);
  if (!isCertain(module, missing)) return undefined;
  return {
    severity: "error",
    code: "GF008",
    message:
      module.vendor === undefined
        ? `no required module provides package ${path}`
        : `${module.vendor.list.file} does not list package ${path}`,
    help:
      module.vendor === undefined
        ? "run `go mod tidy` and commit go.mod and go.sum"
        : `run \`go mod tidy\` and \`go ${module.workspace === undefined ? "mod" : "work"} vendor\`, and commit the result`,
    file,
    position,
  };
}

/**
 * A module of which go.sum knows nothing cannot be used. One that it knows but go.mod does not require may be used by
 * modules other than the main one, in a workspace, and before Go 1.17, whose go.mod does not list what it needs.
 */
function isCertain(module: GoModule, { path, importer }: MissingImport): boolean {
  // Before Go 1.23 a package in vendor/ need not stand in modules.txt.
  if (module.vendor !== undefined) return minorOf(module.go) >= 23;
  const [owner] = candidates(module, importer);
  const isKnown = prefixes(path).some((prefix) => module.sums.knows(prefix));
  // In a workspace go completes go.work.sum; a module that a folder replaces may use what it alone requires.
  if (!isKnown && (module.workspace === undefined || owner?.kind !== "replaced")) return true;
  return module.workspace === undefined && minorOf(module.goMod.go?.value) >= 17 && owner?.kind === "main";
}

/**
 * An import that only a module provides which a `replace` names and go.mod does not require: Go refuses it in a package
 * of the main module (golang/go:src/cmd/go/internal/modload/import.go, queryImport), from Go 1.17 on, where go.mod has to
 * name all that it needs. Elsewhere another module may require it, and Go alone can tell.
 */
export function explainUnrequired(
  module: GoModule,
  { path, importer, file, position }: MissingImport,
): FactsDiagnostic | undefined {
  const [owner] = candidates(module, importer);
  const isCertain = module.workspace === undefined && minorOf(module.goMod.go?.value) >= 17;
  if (!isCertain || owner?.kind !== "main") return undefined;
  return {
    severity: "error",
    code: "GF008",
    message: `a \`replace\` of go.mod provides package ${path}, and no line requires its module`,
    help: "run `go mod tidy` and commit go.mod and go.sum",
    file,
    position,
  };
}

/**
 * An import whose first element has no dot, which is Go's sign of the standard library, and of which no release known
 * here has a package. A warning: a newer one may.
 */
export async function explainUnknownStandard(
  tree: OpenTree,
  module: GoModule,
  { text: path, file, position }: Placed,
): Promise<FactsDiagnostic> {
  const dir = joinPath(module.dir, path);
  const isOwn = dir !== undefined && (await tree.resolve(dir)).kind === "dir";
  return {
    severity: "warning",
    code: "GF008",
    message: `no module provides package ${path}, nor has the standard library of Go 1.${NEWEST_GO_MINOR} one of that name`,
    help: isOwn
      ? `the package in ./${dir} is imported as "${importPathOf(module, dir)}"`
      : "correct the import",
    file,
    position,
  };
}

async function explainLocal(
  tree: OpenTree,
  module: LocalModule,
  { path, file, position }: MissingImport,
): Promise<FactsDiagnostic | undefined> {
  const rest = path === module.path ? "." : path.slice(module.path.length + 1);
  const dir = joinPath(module.dir, rest);
  if (dir === undefined) return undefined;
  const at = { severity: "error", file, position } as const;
  const shown = dir === "." ? "." : `./${dir}`;
  const rule = tree.ignoredBy(dir) ?? tree.ignoredBy(`${dir}/x.go`);
  if (rule !== undefined) {
    const message = `package ${path} is excluded by ${rule.file} line ${rule.line} (${rule.pattern})`;
    return { ...at, code: "GF004", message, help: unhide(`${dir}/`, rule) };
  }
  for (const below of rest === "." ? [] : prefixes(rest)) {
    const other = joinPath(module.dir, below) ?? ".";
    if (!(await startsModule(tree, other))) continue;
    return {
      ...at,
      code: "GF008",
      message: `package ${path} belongs to another module (./${other}/go.mod), which go.mod does not require`,
      help: `require it and add \`replace\` with \`=> ./${other}\` in go.mod, or list both in go.work`,
    };
  }
  const resolved = await tree.resolve(dir);
  const link = resolved.links.at(-1);
  if (link !== undefined && resolved.kind !== "dir") {
    return {
      ...at,
      code: "GF018",
      message: `package ${path} is not there: the link ${link} leads to nothing in the build context`,
      help: "build from a directory that holds both and set `module:`, or put a copy in the link's place",
    };
  }
  const git = await gitRules(tree, dir);
  const ignored = git(dir) ?? git(`${dir}/x.go`);
  return {
    ...at,
    code: "GF008",
    message:
      resolved.kind === "dir"
        ? `package ${path} is not there: ${shown} holds no Go files`
        : `package ${path} is not there: no directory ${shown} in the build context`,
    help:
      ignored === undefined
        ? "correct the import, or generate the package before the build or in its `steps:`"
        : `${ignored.file} line ${ignored.line} (${ignored.pattern}) leaves it out of git: run what makes it before the build or in its \`steps:\``,
  };
}
