import { suggest } from "../description/index.ts";
import { buildContext, fileNameMatches, matches, needsCgo, type BuildContext } from "./build-context.ts";
import { mainNeedsCgo } from "./cgo-needed.ts";
import { unhide } from "./ignore.ts";
import { explainUnread } from "./loose.ts";
import { whyCgo, type Placed } from "./package.ts";
import { knowledgeOf, pending, solve, type Known, type Knowledge } from "./knowledge.ts";
import { binaryName, importPathOf, isIgnoredByModule } from "./module-paths.ts";
import {
  baseName,
  childPath,
  extension,
  isLossy,
  isTest,
  isWithin,
  joinPath,
  parentPath,
  prefixes,
  relativeTo,
  sorted,
} from "./paths.ts";
import type { IgnoreRule, SourceTree } from "./tree.ts";
import type {
  FactsCode,
  FactsDiagnostic,
  GoModule,
  MainPackage,
  Mains,
  ResolvedMain,
  ServiceQuery,
} from "./types.ts";
import { findModules, isIgnoredDir, startsModule, walkDirectories } from "./walk.ts";

/** What decides whether a file counts; without platforms linux/amd64 is assumed. */
export type MainContext = Partial<
  Pick<ServiceQuery, "platforms" | "tags" | "cgo" | "goVersion" | "experiments" | "unknownToolchain">
>;

/**
 * The main packages of a module: its root and `cmd/*`, and only when there are none a bounded walk of the whole module.
 * `chosen`: the root when it is one, else the only one; otherwise there is a diagnostic that lists them.
 */
export function findMains(tree: SourceTree, module: GoModule, context: MainContext = {}): Promise<Mains> {
  const knowledge = knowledgeOf(tree);
  return solve(knowledge, () => search(knowledge, module, contextsOf(context)));
}

/**
 * The main package that a description names, relative to the module's directory (`./cmd/orders`); its import path is
 * accepted too. Refusals say what is there instead and what was probably meant.
 */
export function resolveMain(
  tree: SourceTree,
  module: GoModule,
  main: string,
  context: MainContext = {},
): Promise<ResolvedMain> {
  const knowledge = knowledgeOf(tree);
  return solve(knowledge, () => resolve(knowledge, module, main, contextsOf(context)));
}

/** Main packages ordered by likeness to a path that is not one: for help texts. */
export function nearestMains(all: readonly MainPackage[], wanted: string, most = 3): readonly MainPackage[] {
  const near = suggest(
    wanted,
    all.map((each) => each.dir),
  );
  const score = (each: MainPackage): number => {
    if (each.dir === near) return 0;
    if (isWithin(each.dir, wanted)) return 1;
    return baseName(each.dir) === baseName(wanted) ? 2 : parentPath(each.dir) === parentPath(wanted) ? 3 : 4;
  };
  return all.toSorted((a, b) => score(a) - score(b)).slice(0, most);
}

function contextsOf(context: MainContext): readonly BuildContext[] {
  const platforms = context.platforms ?? [{ os: "linux", architecture: "amd64" }];
  return platforms.map((platform) => buildContext({ ...context, platform }));
}

function search(knowledge: Knowledge, module: GoModule, contexts: readonly BuildContext[]): Known<Mains> {
  const commands = commandDirs(knowledge, module);
  if (commands === pending) return pending;
  const usual = mainsAmong(knowledge, module, contexts, [module.dir, ...commands]);
  if (usual === pending) return pending;
  if (usual.length > 0) {
    const real = withoutStub(knowledge, module, usual);
    return real === pending ? pending : choose(module, real, false);
  }
  const walk = walkDirectories(knowledge, module.dir, (dir) => isSearched(knowledge, module, dir));
  if (walk === pending) return pending;
  const all = mainsAmong(knowledge, module, contexts, walk.dirs);
  if (all === pending) return pending;
  if (all.length > 0) return choose(module, all, walk.truncated);
  const needCgo = explainMainsWithCgo(knowledge, module, contexts, walk.dirs);
  if (needCgo.length > 0) return { chosen: undefined, all, truncated: walk.truncated, diagnostics: needCgo };
  const modules = findModules(knowledge, module.dir);
  const links = explainLinks(knowledge, contexts, walk.dirs);
  if (modules === pending || links === pending) return pending;
  if (links.length > 0) return { chosen: undefined, all, truncated: walk.truncated, diagnostics: links };
  return choose(module, all, walk.truncated, {
    ignored: knowledge.tree.ignoredBy?.(childPath(module.dir, "main.go")),
    modules: modules.filter((dir) => dir !== module.dir),
  });
}

/** Main packages that are there with cgo only. */
function explainMainsWithCgo(
  knowledge: Knowledge,
  module: GoModule,
  contexts: readonly BuildContext[],
  dirs: readonly string[],
): readonly FactsDiagnostic[] {
  return dirs
    .flatMap((dir) => {
      const found = packageNames(knowledge, contexts, dir);
      const file = found === pending ? undefined : found.needsCgo;
      return file === undefined ? [] : [mainNeedsCgo(asWritten(module, dir), file)];
    })
    .slice(0, 5);
}

/** Packages of which nothing can be read: the main package may be one of them. */
function explainLinks(
  knowledge: Knowledge,
  contexts: readonly BuildContext[],
  dirs: readonly string[],
): Known<readonly FactsDiagnostic[]> {
  const found = dirs.map((dir) => packageNames(knowledge, contexts, dir));
  const links = found.flatMap((each) => (each === pending ? [] : each.dangling));
  const explained = links.slice(0, 5).map((path) => explainUnread(knowledge, path));
  if (found.includes(pending) || explained.includes(pending)) return pending;
  return explained.flatMap((each) => (each === pending ? [] : [each]));
}

/** `cmd` and the directories in it, as far as they belong to the module: a command may be a module of its own. */
function commandDirs(knowledge: Knowledge, module: GoModule): Known<readonly string[]> {
  const cmd = childPath(module.dir, "cmd");
  knowledge.wantListing(cmd);
  const entries = knowledge.listing(cmd);
  if (entries === pending) return pending;
  const below = [...(entries?.values() ?? [])]
    .filter((entry) => entry.kind === "dir" && !isIgnoredDir(entry.name))
    .map((entry) => childPath(cmd, entry.name));
  for (const dir of below) knowledge.wantPackage(dir);
  const isOurs = isSearched(knowledge, module, cmd);
  if (isOurs !== true) return isOurs === pending ? pending : [];
  const ours = below.map((dir) => isSearched(knowledge, module, dir));
  if (ours.includes(pending)) return pending;
  return [cmd, ...sorted(below.filter((_dir, index) => ours[index] === true))];
}

/**
 * Some modules keep a `package main` without a main function in their root, to hold `go:generate` lines; beside commands it
 * is not one. Only asked when there are several, because it takes whole files.
 */
function withoutStub(
  knowledge: Knowledge,
  module: GoModule,
  mains: readonly MainPackage[],
): Known<readonly MainPackage[]> {
  const root = mains.find((each) => each.dir === module.dir);
  if (root === undefined || mains.length === 1) return mains;
  const entries = knowledge.sources(root.dir);
  if (entries === pending) return pending;
  let complete = true;
  let found = false;
  for (const entry of entries?.values() ?? []) {
    if (extension(entry.name) !== ".go" || isTest(entry.name) || isLossy(entry.name)) continue;
    if (entry.kind !== "file") continue;
    const text = knowledge.text(childPath(root.dir, entry.name));
    if (text === pending) complete = false;
    else found ||= /^func\s+main\s*\(\s*\)/m.test(text);
  }
  if (found) return mains;
  return complete ? mains.filter((each) => each !== root) : pending;
}

/** Whether `./...` would look into a directory: no other module begins there, and no `ignore` line of go.mod names it. */
function isSearched(knowledge: Knowledge, module: GoModule, dir: string): Known<boolean> {
  if (isIgnoredByModule(module, dir)) return false;
  const starts = startsModule(knowledge, dir);
  return starts === pending ? pending : !starts;
}

/** Where main packages may be when the module holds none. */
interface Elsewhere {
  /** The rule that hides the module's Go files. */
  readonly ignored: IgnoreRule | undefined;
  /** Directories of other modules below this one. */
  readonly modules: readonly string[];
}

function choose(
  module: GoModule,
  all: readonly MainPackage[],
  truncated: boolean,
  { ignored, modules }: Elsewhere = { ignored: undefined, modules: [] },
): Mains {
  const root = all.find((each) => each.dir === module.dir);
  const chosen = root ?? (all.length === 1 ? all[0] : undefined);
  if (chosen !== undefined) return { chosen, all, truncated, diagnostics: [] };
  const names = all.map((each) => asWritten(module, each.dir));
  const listed = `${names.slice(0, 8).join(", ")}${names.length > 8 ? `, … (${names.length} in all)` : ""}`;
  const none: FactsDiagnostic = {
    severity: "error",
    code: "GF006",
    message: `no main package in module ${module.path}`,
    help:
      ignored !== undefined
        ? `${ignored.file} line ${ignored.line} (${ignored.pattern}) hides source: ${unhide("**/*.go", ignored)}`
        : modules.length > 0
          ? `other modules lie below it: set \`module: ./${modules[0] ?? ""}\` to build that one (found ${listSome(modules)})`
          : truncated
            ? "the search stops a few directories deep: name the directory with `main: ./path`"
            : "a service needs a `package main` that the target platform's build constraints let in",
  };
  const several: FactsDiagnostic = {
    severity: "error",
    code: "GF005",
    message: `module ${module.path} has ${all.length} main packages and \`main\` chooses none: ${listed}`,
    help: `set \`main: ${names[0] ?? "."}\`, or describe each under \`services:\``,
  };
  return { chosen: undefined, all, truncated, diagnostics: [all.length === 0 ? none : several] };
}

function mainsAmong(
  knowledge: Knowledge,
  module: GoModule,
  contexts: readonly BuildContext[],
  dirs: readonly string[],
): Known<readonly MainPackage[]> {
  const out: MainPackage[] = [];
  let complete = true;
  for (const dir of dirs) {
    const found = packageNames(knowledge, contexts, dir);
    if (found === pending) complete = false;
    else if (found.names.includes("main")) out.push(mainPackage(module, dir));
  }
  return complete ? out : pending;
}

function mainPackage(module: GoModule, dir: string): MainPackage {
  const importPath = importPathOf(module, dir);
  return { dir, importPath, binary: binaryName(importPath) };
}

interface PackageNames {
  /** One per build context that has a file in the build. */
  readonly names: readonly string[];
  readonly hasGoFiles: boolean;
  /** Go files that cannot be read. */
  readonly dangling: readonly string[];
  /** A file of a main package that would be there with cgo. */
  readonly needsCgo: Placed | undefined;
}

/** Package names of a directory, reading no more files than it takes to find one in the build. */
function packageNames(
  knowledge: Knowledge,
  contexts: readonly BuildContext[],
  dir: string,
): Known<PackageNames> {
  const entries = knowledge.sources(dir);
  if (entries === pending) return pending;
  const files = sorted(
    [...(entries?.values() ?? [])]
      .filter((entry) => entry.kind === "file" || entry.kind === "symlink")
      .map((entry) => entry.name)
      .filter(
        (name) =>
          extension(name) === ".go" && !name.startsWith("_") && !name.startsWith(".") && !isTest(name),
      ),
  );
  const readable = files.filter((name) => !isLossy(name));
  const names = new Set<string>();
  let complete = true;
  for (const context of contexts) {
    const name = firstName(knowledge, context, dir, readable);
    if (name === pending) complete = false;
    else if (name !== undefined) names.add(name);
  }
  const dangling = names.size > 0 ? [] : danglingAmong(knowledge, contexts, dir, files);
  if (!complete || dangling === pending) return pending;
  return {
    names: [...names],
    hasGoFiles: files.length > 0,
    dangling,
    needsCgo: names.size > 0 ? undefined : mainWithCgo(knowledge, contexts, dir, readable),
  };
}

/** Asked once nothing of a directory is in the build, so that all of its files were read. */
function mainWithCgo(
  knowledge: Knowledge,
  contexts: readonly BuildContext[],
  dir: string,
  files: readonly string[],
): Placed | undefined {
  for (const context of contexts) {
    for (const name of files.filter((each) => fileNameMatches(context, each))) {
      const target = knowledge.resolve(childPath(dir, name));
      if (target === pending || target.kind !== "file") continue;
      const file = knowledge.goFile(target.path, target.size);
      if (file !== pending && file.packageName === "main" && needsCgo(context, file)) {
        return whyCgo(childPath(dir, name), file);
      }
    }
  }
  return undefined;
}

function danglingAmong(
  knowledge: Knowledge,
  contexts: readonly BuildContext[],
  dir: string,
  files: readonly string[],
): Known<readonly string[]> {
  const out: string[] = [];
  for (const name of files) {
    if (!contexts.some((context) => fileNameMatches(context, name))) continue;
    const target = knowledge.resolve(childPath(dir, name));
    if (target === pending) return pending;
    const isRead = target.kind === "file" || target.kind === "dir";
    if (isLossy(name) || !isRead) out.push(childPath(dir, name));
  }
  return out;
}

function firstName(
  knowledge: Knowledge,
  context: BuildContext,
  dir: string,
  files: readonly string[],
): Known<string | undefined> {
  for (const name of files) {
    if (!fileNameMatches(context, name)) continue;
    const target = knowledge.resolve(childPath(dir, name));
    if (target === pending) return pending;
    if (target.kind !== "file") continue;
    const file = knowledge.goFile(target.path, target.size);
    if (file === pending) return pending;
    if (
      !matches(context, file.constraint) ||
      file.packageName === "documentation" ||
      file.packageName === ""
    ) {
      continue;
    }
    if (!file.imports.includes("C") || context.cgo) return file.packageName;
  }
  return undefined;
}

function resolve(
  knowledge: Knowledge,
  module: GoModule,
  main: string,
  contexts: readonly BuildContext[],
): Known<ResolvedMain> {
  const written =
    main === module.path
      ? "."
      : main.startsWith(`${module.path}/`)
        ? main.slice(module.path.length + 1)
        : main;
  const dir = joinPath(module.dir, written);
  if (dir === undefined) {
    return refuse(
      "GF003",
      `main points outside the build context (${main})`,
      "run the build from the repository root and set `module:`",
    );
  }
  knowledge.wantPackage(dir);
  const place = knowledge.resolve(dir);
  if (place === pending) return pending;
  const shown = asWritten(module, dir);
  if (place.kind === "outside") {
    return refuse(
      "GF003",
      `${shown} is a symlink that leads outside the build context`,
      "name the real directory, inside the context",
    );
  }
  if (place.kind !== "dir") return explainAbsent(knowledge, module, dir, place.kind === "file", contexts);

  const owner = ownerOf(knowledge, dir);
  if (owner === pending) return pending;
  if (owner === undefined) {
    const help = `set \`module:\` to the directory whose go.mod it is built with`;
    return refuse(
      "GF007",
      `${shown} lies outside the module (${module.path}) and below no other go.mod`,
      help,
    );
  }
  if (!module.local.some((local) => local.kind !== "replaced" && local.dir === owner)) {
    const rest = relativeTo(dir, owner);
    const name = owner === "." ? "." : `./${owner}`;
    const help = `set \`module: ${name}\` and \`main: ${rest === "." ? "." : `./${rest}`}\``;
    return refuse("GF007", `${shown} belongs to another module (${name}/go.mod)`, help);
  }
  const found = packageNames(knowledge, contexts, place.path);
  if (found === pending) return pending;
  if (found.names.includes("main")) return { ok: true, main: mainPackage(module, dir), diagnostics: [] };
  if (found.needsCgo !== undefined) {
    return { ok: false, diagnostics: [mainNeedsCgo(shown, found.needsCgo)] };
  }
  if (found.names.length === 0 && found.dangling.length > 0) {
    const diagnostics = explainLinks(knowledge, contexts, [place.path]);
    return diagnostics === pending ? pending : { ok: false, diagnostics };
  }
  return explainLibrary(knowledge, module, dir, found, contexts);
}

/** The nearest directory at or above `dir` that starts a module. */
function ownerOf(knowledge: Knowledge, dir: string): Known<string | undefined> {
  for (const each of [...prefixes(dir).toReversed(), "."]) {
    const starts = startsModule(knowledge, each);
    if (starts === pending) return pending;
    if (starts) return each;
  }
  return undefined;
}

function explainAbsent(
  knowledge: Knowledge,
  module: GoModule,
  dir: string,
  isFile: boolean,
  contexts: readonly BuildContext[],
): Known<ResolvedMain> {
  const shown = asWritten(module, dir);
  const ignored = knowledge.tree.ignoredBy?.(dir);
  if (ignored !== undefined) {
    return refuse(
      "GF004",
      `${shown} is excluded by ${ignored.file} line ${ignored.line} (${ignored.pattern})`,
      unhide(`${dir}/`, ignored),
    );
  }
  if (isFile) {
    return refuse(
      "GF002",
      `${shown} is a file, main is a directory`,
      `set \`main: ${asWritten(module, parentPath(dir))}\``,
    );
  }
  const siblings = siblingDirs(knowledge, dir);
  const found = search(knowledge, module, contexts);
  if (siblings === pending || found === pending) return pending;
  const candidates = [...found.all.map((each) => each.dir), ...siblings];
  const near = suggest(
    relativeTo(dir, module.dir),
    candidates.map((each) => relativeTo(each, module.dir)),
  );
  const help =
    near !== undefined
      ? `did you mean ./${near}?`
      : found.all.length > 0
        ? `main packages of this module: ${listMains(module, found.all)}`
        : "`main` is a directory relative to the module's root";
  return refuse("GF002", `no directory ${shown} in the build context`, help);
}

/** Directories beside the first element that is missing. */
function siblingDirs(knowledge: Knowledge, dir: string): Known<readonly string[]> {
  for (const each of prefixes(dir)) {
    const entries = knowledge.listing(parentPath(each));
    if (entries === pending) return pending;
    if (entries?.get(baseName(each))?.kind === "dir") continue;
    const dirs = [...(entries?.values() ?? [])].filter((entry) => entry.kind === "dir");
    return dirs.map((entry) => childPath(parentPath(each), entry.name));
  }
  return [];
}

function explainLibrary(
  knowledge: Knowledge,
  module: GoModule,
  dir: string,
  found: PackageNames,
  contexts: readonly BuildContext[],
): Known<ResolvedMain> {
  const mains = search(knowledge, module, contexts);
  if (mains === pending) return pending;
  const shown = asWritten(module, dir);
  const platforms = contexts.map(({ platform }) => `${platform.os}/${platform.architecture}`).join(", ");
  const [name] = found.names;
  const message =
    name !== undefined
      ? `${shown} is package ${name}, not package main`
      : found.hasGoFiles
        ? `every Go file of ${shown} is excluded by build constraints for ${platforms}`
        : `${shown} holds no Go files`;
  const near = nearestMains(mains.all, dir);
  const help =
    near.length > 0
      ? `nearest main packages found: ${listMains(module, near)}`
      : name === undefined && found.hasGoFiles
        ? "let its files in with their tags, `build: { tags: [NAME] }`, or build for their platform"
        : "no main package was found in this module";
  return refuse("GF001", message, help);
}

function listMains(module: GoModule, mains: readonly MainPackage[]): string {
  const names = mains.slice(0, 8).map((each) => asWritten(module, each.dir));
  return `${names.join(", ")}${mains.length > 8 ? ", …" : ""}`;
}

function listSome(dirs: readonly string[]): string {
  const names = dirs.slice(0, 5).map((dir) => `./${dir}`);
  return `${names.join(", ")}${dirs.length > names.length ? ", …" : ""}`;
}

/** As `main:` would name it. */
function asWritten(module: GoModule, dir: string): string {
  if (!isWithin(dir, module.dir)) return dir;
  const rest = relativeTo(dir, module.dir);
  return rest === "." ? "." : `./${rest}`;
}

function refuse(code: FactsCode, message: string, help: string): ResolvedMain {
  return { ok: false, diagnostics: [{ severity: "error", code, message, help }] };
}
