import { BOUNDS } from "./bounds.ts";
import { unhide } from "./ignore.ts";
import { mostOf, pending, knowledgeOf, solve, type Known, type Knowledge } from "./knowledge.ts";
import { minorOf } from "./go-line.ts";
import { parseGoMod } from "./modfile/go-mod.ts";
import { parseGoSums } from "./modfile/go-sum.ts";
import { parseGoWork } from "./modfile/go-work.ts";
import type { GoModFile, Located, ModParseError, Replace } from "./modfile/types.ts";
import { importPathProblem, modulePathProblem } from "./modfile/module-path.ts";
import { parseVendorList } from "./modfile/vendor-list.ts";
import { replacements } from "./sums.ts";
import { staleVendor } from "./stale-vendor.ts";
import { baseName, childPath, joinPath, prefixes, relativeTo, sorted } from "./paths.ts";
import type { SourceTree } from "./tree.ts";
import type { AbsentModule, Detected, FactsDiagnostic, GoModule, LocalModule } from "./types.ts";
import { compareVersions } from "./version.ts";
import { findModules } from "./walk.ts";

/**
 * The module whose go.mod stands in `dir` (clean, `"."` = the context's root), with the go.work at or above it, the vendor
 * folder, go.sum files and local modules that take part in its builds.
 */
export async function detectModule(tree: SourceTree, dir = "."): Promise<Detected> {
  const knowledge = knowledgeOf(tree);
  const known = detected.get(tree) ?? new Map<string, Detected>();
  detected.set(tree, known);
  const found = known.get(dir) ?? (await solve(knowledge, () => detectWhole(knowledge, dir)));
  // Whoever asks again gets the same object: scans of one module share what hangs on it.
  const first = known.get(dir) ?? found;
  known.set(dir, first);
  return first;
}

const detected = new WeakMap<SourceTree, Map<string, Detected>>();

/** The texts of `module.modFiles`, in that order, links followed; nothing is read twice. */
export function readModFiles(
  tree: SourceTree,
  module: GoModule,
): Promise<readonly { readonly path: string; readonly text: string }[]> {
  const knowledge = knowledgeOf(tree);
  return solve(knowledge, () => {
    const texts = module.modFiles.map((path) => ({ path, text: readFile(knowledge, path) }));
    if (texts.some(({ text }) => text === pending)) return pending;
    return texts.flatMap(({ path, text }) => (typeof text === "string" ? [{ path, text }] : []));
  });
}

/** As {@link detect}, where no file of the module is larger than it may be. */
function detectWhole(knowledge: Knowledge, dir: string): Known<Detected> {
  const found = detect(knowledge, dir);
  if (found === pending || knowledge.oversized.size === 0) return found;
  return { ok: false, diagnostics: [...knowledge.oversized].map(([file, size]) => tooLarge(file, size)) };
}

function tooLarge(file: string, size: number): FactsDiagnostic {
  const most = mostOf(file);
  const alone = size > most;
  return {
    severity: "error",
    code: "GF016",
    message: alone
      ? `${baseName(file)} has ${mebibytes(size)}; at most ${mebibytes(most)} are read`
      : `with ${baseName(file)} the module files of this description have more than ${mebibytes(BOUNDS.moduleFiles)}, the most that is read`,
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

function detect(knowledge: Knowledge, dir: string): Known<Detected> {
  knowledge.wantListing(dir);
  const place = knowledge.resolve(dir);
  if (place === pending) return pending;
  if (place.kind !== "dir") return noGoMod(knowledge, dir);
  const root = place.path;
  const diagnostics: FactsDiagnostic[] = [];
  const goMod = readGoMod(knowledge, root);
  const workspace = findWorkspace(knowledge, root, diagnostics);
  if (goMod === pending || workspace === pending) return pending;
  if (goMod === undefined) return noGoMod(knowledge, dir);
  const broken = [
    ...syntaxErrors(goMod.file, goMod.errors),
    ...(workspace === undefined ? [] : syntaxErrors(workspace.file.file, workspace.file.errors)),
  ];
  broken.push(...unusablePaths(goMod, workspace));
  const path = goMod.module?.value;
  if (path === undefined || broken.length > 0) {
    const noPath: FactsDiagnostic = {
      severity: "error",
      code: "GF016",
      message: "go.mod has no module line",
      help: "add `module example.com/name` as its first line",
      file: goMod.file,
      position: { line: 1, column: 1 },
    };
    return { ok: false, diagnostics: broken.length > 0 ? broken : [noPath] };
  }

  const main: LocalModule = { kind: "main", path, dir: root, goMod, goSum: undefined };
  const members = workspace === undefined ? [] : readMembers(knowledge, workspace, root, diagnostics);
  if (members === pending) return pending;
  const vendor = readVendor(
    knowledge,
    workspace?.dir ?? root,
    workspace?.file.go?.value ?? goMod.go?.value,
    workspace !== undefined,
    diagnostics,
  );
  if (vendor === pending) return pending;
  if (vendor !== undefined) {
    const required = [goMod, ...members.flatMap((each) => each.goMod ?? [])];
    diagnostics.push(...staleVendor(required, vendor.list, workspace !== undefined));
  }
  const absent: AbsentModule[] = [];
  const replaced =
    vendor === undefined ? readReplaced(knowledge, workspace, [main, ...members], diagnostics, absent) : [];
  if (replaced === pending) return pending;
  // Elsewhere the go command reads the go.mod of no module of which nothing is imported.
  if (workspace !== undefined || minorOf(goMod.go?.value) < 17) {
    diagnostics.push(...absent.map(({ finding }) => finding));
  }
  const sumDirs = [
    ...(workspace === undefined ? [] : [{ dir: workspace.dir, name: "go.work.sum" }]),
    ...[main, ...members].map((each) => ({ dir: each.dir, name: "go.sum" })),
  ];
  const sums = readAll(knowledge, sumDirs);
  if (sums === pending) return pending;
  const sumFiles = new Set(sums.map(({ file }) => file));
  const withSum = (each: LocalModule): LocalModule => ({
    ...each,
    goSum: sumFiles.has(childPath(each.dir, "go.sum")) ? childPath(each.dir, "go.sum") : undefined,
  });
  const local = [...[main, ...members].map(withSum), ...replaced];
  const modFiles = [
    ...(workspace === undefined ? [] : [workspace.file.file]),
    ...local.flatMap((each) => each.goMod?.file ?? []),
    ...sumFiles,
  ];
  const toolchain = (workspace?.file.toolchain ?? goMod.toolchain)?.value;
  const module: GoModule = {
    path,
    dir: root,
    goMod,
    go: workspace?.file.go?.value ?? goMod.go?.value,
    toolchain: toolchain === undefined || toolchain === "default" ? undefined : toolchain.replace(/^go/, ""),
    workspace,
    vendor,
    local,
    absent,
    sums: parseGoSums(sums),
    modFiles: sorted(new Set(modFiles)),
  };
  const errors = diagnostics.filter((each) => each.severity === "error");
  return errors.length > 0 ? { ok: false, diagnostics } : { ok: true, module, diagnostics };
}

/** The nearest directory at or above `dir` that holds the file. */
function findUp(knowledge: Knowledge, dir: string, name: string): Known<string | undefined> {
  for (const each of [...prefixes(dir).toReversed(), "."]) {
    const found = hasFile(knowledge, each, name);
    if (found === pending) return pending;
    if (found) return each;
  }
  return undefined;
}

function hasFile(knowledge: Knowledge, dir: string, name: string): Known<boolean> {
  const found = knowledge.resolve(childPath(dir, name));
  return found === pending ? pending : found.kind === "file";
}

/** `undefined`: no such file. */
function readFile(knowledge: Knowledge, path: string): Known<string | undefined> {
  const found = knowledge.resolve(path);
  if (found === pending) return pending;
  return found.kind === "file" ? knowledge.moduleText(found.path, found.size) : undefined;
}

function readAll(
  knowledge: Knowledge,
  wanted: readonly { readonly dir: string; readonly name: string }[],
): Known<readonly { file: string; text: string }[]> {
  const out: { file: string; text: string }[] = [];
  let complete = true;
  for (const { dir, name } of wanted) {
    const file = childPath(dir, name);
    const text = readFile(knowledge, file);
    if (text === pending) complete = false;
    else if (text !== undefined) out.push({ file, text });
  }
  return complete ? out : pending;
}

function readGoMod(knowledge: Knowledge, dir: string): Known<GoModFile | undefined> {
  const file = childPath(dir, "go.mod");
  const text = readFile(knowledge, file);
  return text === pending || text === undefined ? text : parseGoMod(file, text);
}

type Workspace = NonNullable<GoModule["workspace"]>;

/** The nearest go.work at or above the module, when it lists the module. */
function findWorkspace(
  knowledge: Knowledge,
  moduleDir: string,
  diagnostics: FactsDiagnostic[],
): Known<Workspace | undefined> {
  const dir = findUp(knowledge, moduleDir, "go.work");
  if (dir === pending || dir === undefined) return dir;
  const path = childPath(dir, "go.work");
  const text = readFile(knowledge, path);
  if (text === pending || text === undefined) return text;
  const file = parseGoWork(path, text);
  if (file.errors.length > 0 || file.use.some((use) => joinPath(dir, use.value) === moduleDir)) {
    return { dir, file };
  }
  diagnostics.push({
    severity: "warning",
    code: "GF016",
    message: `go.work does not list ${moduleDir === "." ? "this module" : `./${moduleDir}`}, so the module is built without the workspace`,
    help: `add \`use ./${moduleDir}\` to go.work if it belongs to the workspace`,
    file: path,
    position: { line: 1, column: 1 },
  });
  return undefined;
}

function readMembers(
  knowledge: Knowledge,
  workspace: Workspace,
  root: string,
  diagnostics: FactsDiagnostic[],
): Known<readonly LocalModule[]> {
  const out: LocalModule[] = [];
  let complete = true;
  for (const use of workspace.file.use.slice(0, mostModules)) {
    const dir = joinPath(workspace.dir, use.value);
    if (dir === undefined) {
      diagnostics.push(outsideContext(`use ${use.value}`, workspace.file.file, use.at));
      continue;
    }
    if (dir === root) continue;
    const goMod = readGoMod(knowledge, dir);
    if (goMod === pending) complete = false;
    else if (goMod === undefined) {
      const line = { text: `use ${use.value}`, file: workspace.file.file, at: use.at };
      const absent = explainAbsentModule(knowledge, dir, line, "go.work");
      if (absent === pending) complete = false;
      else diagnostics.push(absent);
    } else if (goMod.module !== undefined) {
      out.push({ kind: "member", path: goMod.module.value, dir, goMod, goSum: undefined });
    }
  }
  return complete ? out : pending;
}

/** Local targets of `replace`: those of the main module, or of go.work and all members (go.work wins). */
function readReplaced(
  knowledge: Knowledge,
  workspace: Workspace | undefined,
  mains: readonly LocalModule[],
  diagnostics: FactsDiagnostic[],
  absent: AbsentModule[],
): Known<readonly LocalModule[]> {
  const declared = [
    ...(workspace?.file.replace ?? []).map((replace) => ({
      replace,
      dir: workspace?.dir ?? ".",
      file: workspace?.file.file ?? "",
    })),
    ...mains.flatMap((main) =>
      (main.goMod?.replace ?? []).map((replace) => ({
        replace,
        dir: main.dir,
        file: main.goMod?.file ?? "",
      })),
    ),
  ];
  // Of the versions that the modules of a workspace require, the newest counts.
  const required = new Map<string, string>();
  for (const { path, version } of mains.flatMap((main) => main.goMod?.require ?? [])) {
    const other = required.get(path);
    if (other === undefined || compareVersions(version, other) > 0) required.set(path, version);
  }
  const replacementOf = replacements(declared.map(({ replace }) => replace));
  // A replace with a version counts only when that version is the required one; of a module that only other modules
  // require, Go alone knows the version.
  const applies = (replace: Replace): boolean => {
    const version = required.get(replace.old.path);
    if (version === undefined) return true;
    return replacementOf({ path: replace.old.path, version }) === replace;
  };
  const out: LocalModule[] = [];
  const seen = new Set<string>(mains.map((main) => main.path));
  let complete = true;
  for (const { replace, dir: from, file } of declared) {
    const { path } = replace.old;
    if (!replace.local || seen.has(path) || !applies(replace)) continue;
    if (out.length >= mostModules) break;
    const dir = joinPath(from, replace.new.path);
    if (dir === undefined) {
      const outside = outsideContext(`replace ${path} => ${replace.new.path}`, file, replace.at);
      if (required.has(path)) absent.push({ path, finding: outside });
      else diagnostics.push({ ...outside, severity: "warning" });
      continue;
    }
    const goMod = readGoMod(knowledge, dir);
    if (goMod === pending) {
      complete = false;
      continue;
    }
    // A replacement of something that is not required is not read by Go, as far as go.mod can tell.
    if (goMod === undefined && required.has(path)) {
      const line = { text: `replace ${path} => ${replace.new.path}`, file, at: replace.at };
      const finding = explainAbsentModule(knowledge, dir, line, "go.mod");
      if (finding === pending) complete = false;
      else absent.push({ path, finding });
    }
    seen.add(path);
    out.push({ kind: "replaced", path, dir, goMod, goSum: undefined });
  }
  return complete ? out : pending;
}

/** Far beyond any repository; what is more is left to Go. */
const mostModules = 2_000;

/**
 * vendor/ is used by default when the go line is 1.14 or later and modules.txt was written for a workspace or for a
 * module, whichever it is; without a modules.txt it counts as a module's.
 * Rules: golang/go:src/cmd/go/internal/modload/init.go (setDefaultBuildMod, modulesTextIsForWorkspace).
 */
function readVendor(
  knowledge: Knowledge,
  dir: string,
  go: string | undefined,
  workspace: boolean,
  diagnostics: FactsDiagnostic[],
): Known<GoModule["vendor"]> {
  if (go === undefined || minorOf(go) < 14) return undefined;
  const vendor = childPath(dir, "vendor");
  const file = childPath(vendor, "modules.txt");
  const entries = knowledge.listing(dir);
  if (entries === pending) return pending;
  const entry = entries?.get("vendor");
  if (entry === undefined) return undefined;
  const place = knowledge.resolve(vendor);
  const text = readFile(knowledge, file);
  if (place === pending || text === pending) return pending;
  if (place.kind !== "dir") {
    if (entry.kind === "symlink") {
      diagnostics.push({
        severity: "warning",
        code: "GF018",
        message: `${vendor} is a link that leads to nothing in the build context, so modules are downloaded`,
        help: "build from a directory that holds both and set `module:`, or put a copy in the link's place",
        file: vendor,
        position: { line: 1, column: 1 },
      });
    }
    return undefined;
  }
  const list = parseVendorList(file, text ?? "");
  return list.workspace === workspace ? { dir: vendor, list } : undefined;
}

/** A line of go.mod or go.work names a directory that holds no go.mod: Go stops there, whatever is built. */
function explainAbsentModule(
  knowledge: Knowledge,
  dir: string,
  { text, file, at }: { readonly text: string; readonly file: string; readonly at: Located<string>["at"] },
  kind: "go.mod" | "go.work",
): Known<FactsDiagnostic> {
  const goMod = childPath(dir, "go.mod");
  const place = knowledge.resolve(dir);
  const found = knowledge.resolve(goMod);
  if (place === pending || found === pending) return pending;
  const rule = knowledge.tree.ignoredBy?.(goMod);
  const error = { severity: "error", file, position: at } as const;
  if (rule !== undefined) {
    const message = `${text}: ${goMod} is excluded by ${rule.file} line ${rule.line} (${rule.pattern})`;
    // The directory's Go files are likely to be hidden by the same rule.
    return { ...error, code: "GF004", message, help: unhide(place.kind === "dir" ? goMod : dir, rule) };
  }
  if (place.kind === "outside" || found.kind === "outside") return outsideContext(text, file, at);
  return {
    ...error,
    code: "GF013",
    message:
      place.kind === "dir"
        ? `${text}: the directory holds no go.mod`
        : `${text}: no such directory in the build context`,
    help:
      kind === "go.work"
        ? "add the directory (a git submodule? `git submodule update --init`), or remove it with `go work edit -dropuse=" +
          `${text.slice("use ".length)}\``
        : "add the directory (a git submodule? `git submodule update --init`), or remove the line with " +
          `\`go mod edit -dropreplace=${text.split(" ")[1] ?? ""}\` and run \`go mod tidy\``,
  };
}

function outsideContext(
  what: string,
  file: string,
  position: { readonly line: number; readonly column: number },
): FactsDiagnostic {
  return {
    severity: "error",
    code: "GF013",
    message: `${what} lies outside the build context`,
    help: "build from a parent directory that holds both and set `module:`, or publish the module",
    file,
    position,
  };
}

/** Paths that the grammar takes and the go command refuses: the module's own, and those that no `replace` provides. */
function unusablePaths(goMod: GoModFile, workspace: Workspace | undefined): readonly FactsDiagnostic[] {
  const replacementOf = replacements([...(workspace?.file.replace ?? []), ...goMod.replace]);
  const { module } = goMod;
  const wrong = module === undefined ? undefined : importPathProblem(module.value);
  return syntaxErrors(goMod.file, [
    ...(module === undefined || wrong === undefined ? [] : [{ ...wrong, at: module.at }]),
    ...goMod.require.flatMap((each) => {
      const problem = replacementOf(each) === undefined ? modulePathProblem(each.path) : undefined;
      return problem === undefined ? [] : [{ ...problem, at: each.at }];
    }),
  ]);
}

function syntaxErrors(file: string, errors: readonly ModParseError[]): readonly FactsDiagnostic[] {
  return errors.slice(0, 5).map(({ message, help, at }) => ({
    severity: "error",
    code: "GF016",
    message,
    help,
    file,
    position: at,
  }));
}

function noGoMod(knowledge: Knowledge, dir: string): Known<Detected> {
  const found = findModules(knowledge, dir);
  if (found === pending) return pending;
  const ignored = knowledge.tree.ignoredBy?.(childPath(dir, "go.mod"));
  if (ignored !== undefined) {
    const message = `go.mod is excluded by ${ignored.file} line ${ignored.line} (${ignored.pattern})`;
    const help = unhide(childPath(dir, "go.mod"), ignored);
    return { ok: false, diagnostics: [{ severity: "error", code: "GF004", message, help }] };
  }
  const above = findUp(knowledge, dir, "go.mod");
  if (above === pending) return pending;
  const name = (path: string): string => (path === "." ? "." : `./${path}`);
  const some = found.slice(0, 5).map(name).join(", ");
  const more = found.length > 5 ? ", …" : "";
  const [first] = found;
  const help =
    first !== undefined
      ? `set \`module: ${name(first)}\` if the module is in a subdirectory (found ${found.length}: ${some}${more})`
      : above !== undefined
        ? `go.mod is in ${name(above)}: set \`module: ${name(above)}\` and \`main: ./${relativeTo(dir, above)}\``
        : "run `go mod init` in the service's directory, or build from the directory that holds go.mod";
  const message = `no go.mod in ${name(dir)} — this is not a Go module root`;
  return { ok: false, diagnostics: [{ severity: "error", code: "GF010", message, help }] };
}
