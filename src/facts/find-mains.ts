import type { BuildContext } from "./build-context.ts";
import { mainNeedsCgo } from "./cgo-needed.ts";
import { contextsOf, type MainContext } from "./contexts.ts";
import { unhide } from "./ignore.ts";
import { explainUnread } from "./loose.ts";
import { asWritten, mainPackage } from "./main-package.ts";
import { isIgnoredByModule } from "./module-paths.ts";
import type { OpenTree } from "./open-tree.ts";
import { packageNames, type PackageNames } from "./package-names.ts";
import { childPath, extension, isLossy, isTest, sorted } from "./paths.ts";
import { mainAndOther } from "./refused-packages.ts";
import type { FactsDiagnostic, GoModule, MainPackage, Mains } from "./types.ts";
import { findModules, isIgnoredDir, startsModule, walkDirectories, type Walk } from "./walk.ts";

/**
 * The main packages of a module: its root and `cmd/*`, and only when there are none a bounded walk of the whole module.
 * `chosen`: the root when it is one, else the only one; otherwise there is a diagnostic that lists them.
 */
export function findMains(tree: OpenTree, module: GoModule, context: MainContext = {}): Promise<Mains> {
  return searchMains(tree, module, contextsOf(tree, context));
}

/** {@link findMains} for given build contexts: a directory counts where it holds `package main` in one of them. */
export async function searchMains(
  tree: OpenTree,
  module: GoModule,
  contexts: readonly BuildContext[],
): Promise<Mains> {
  const usualDirs = [module.dir, ...(await commandDirs(tree, module))];
  const usual = mainsAmong(module, await namesIn(tree, contexts, usualDirs));
  if (usual.length > 0) return choose(module, await withoutStub(tree, module, usual), false);
  const walk = await walkDirectories(tree, module.dir, (dir) => isSearched(tree, module, dir));
  const found = await namesIn(tree, contexts, walk.dirs);
  const all = mainsAmong(module, found);
  if (all.length > 0) return choose(module, all, walk.truncated);
  return {
    chosen: undefined,
    all: [],
    truncated: walk.truncated,
    diagnostics: await explainNone(tree, module, contexts, found, walk),
  };
}

interface NamedDir {
  readonly dir: string;
  readonly found: PackageNames;
}

function namesIn(
  tree: OpenTree,
  contexts: readonly BuildContext[],
  dirs: readonly string[],
): Promise<readonly NamedDir[]> {
  return Promise.all(dirs.map(async (dir) => ({ dir, found: await packageNames(tree, contexts, dir) })));
}

function mainsAmong(module: GoModule, dirs: readonly NamedDir[]): readonly MainPackage[] {
  return dirs.filter(({ found }) => found.names.includes("main")).map(({ dir }) => mainPackage(module, dir));
}

/** `cmd` and the directories in it, as far as they belong to the module: a command may be a module of its own. */
async function commandDirs(tree: OpenTree, module: GoModule): Promise<readonly string[]> {
  const cmd = childPath(module.dir, "cmd");
  const entries = await tree.list(cmd);
  if (entries === undefined || !(await isSearched(tree, module, cmd))) return [];
  const below = [...entries.values()]
    .filter(({ kind, name }) => kind === "dir" && !isIgnoredDir(name))
    .map(({ name }) => childPath(cmd, name));
  const ours = await Promise.all(
    below.map(async (dir) => {
      await tree.reach(dir);
      return isSearched(tree, module, dir);
    }),
  );
  return [cmd, ...sorted(below.filter((_dir, index) => ours[index]))];
}

/** Whether `./...` would look into a directory: no other module begins there, and no `ignore` line of go.mod names it. */
async function isSearched(tree: OpenTree, module: GoModule, dir: string): Promise<boolean> {
  return !isIgnoredByModule(module, dir) && !(await startsModule(tree, dir));
}

/**
 * Some modules keep a `package main` without a main function in their root, to hold `go:generate` lines; beside commands it
 * is not one. Only asked when there are several, because it takes whole files.
 */
async function withoutStub(
  tree: OpenTree,
  module: GoModule,
  mains: readonly MainPackage[],
): Promise<readonly MainPackage[]> {
  const root = mains.find(({ dir }) => dir === module.dir);
  if (root === undefined || mains.length === 1) return mains;
  const entries = [...((await tree.sources(root.dir))?.values() ?? [])];
  const texts = await Promise.all(
    entries
      .filter(({ kind, name }) => kind === "file" && extension(name) === ".go" && !isTest(name))
      .filter(({ name }) => !isLossy(name))
      .map(({ name }) => tree.text(childPath(root.dir, name))),
  );
  const isProgram = texts.some((text) => /^func\s+main\s*\(\s*\)/m.test(text));
  return isProgram ? mains : mains.filter((main) => main !== root);
}

function choose(module: GoModule, all: readonly MainPackage[], truncated: boolean): Mains {
  const root = all.find(({ dir }) => dir === module.dir);
  const chosen = root ?? (all.length === 1 ? all[0] : undefined);
  if (chosen !== undefined) return { chosen, all, truncated, diagnostics: [] };
  const names = all.map(({ dir }) => asWritten(module, dir));
  const listed = `${names.slice(0, 8).join(", ")}${names.length > 8 ? `, … (${names.length} in all)` : ""}`;
  const several: FactsDiagnostic = {
    severity: "error",
    code: "GF005",
    message: `module ${module.path} has ${all.length} main packages and \`main\` chooses none: ${listed}`,
    help: `set \`main: ${names[0] ?? "."}\`, or describe each under \`services:\``,
  };
  return { chosen: undefined, all, truncated, diagnostics: [several] };
}

/** Why a module has no main package: it needs cgo, it cannot be read, it shares its folder, or it is elsewhere. */
async function explainNone(
  tree: OpenTree,
  module: GoModule,
  contexts: readonly BuildContext[],
  dirs: readonly NamedDir[],
  { truncated }: Walk,
): Promise<readonly FactsDiagnostic[]> {
  const withCgo = dirs.flatMap(({ dir, found }) =>
    found.needsCgo === undefined ? [] : [mainNeedsCgo(asWritten(module, dir), found.needsCgo)],
  );
  if (withCgo.length > 0) return withCgo.slice(0, 5);
  const unread = await explainUnreadIn(
    tree,
    dirs.map(({ found }) => found),
  );
  if (unread.length > 0) return unread;
  const named = dirs.filter(({ found }) => found.names.length > 0).slice(0, 50);
  const mixed = await mainAndOther(
    tree,
    contexts,
    named.map(({ dir }) => dir),
  );
  if (mixed.length > 0) return mixed;
  const modules = (await findModules(tree, module.dir)).filter((dir) => dir !== module.dir);
  const ignored = tree.ignoredBy(childPath(module.dir, "main.go"));
  return [
    {
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
    },
  ];
}

/** Packages of which nothing can be read: the main package may be one of them. */
export async function explainUnreadIn(
  tree: OpenTree,
  packages: readonly PackageNames[],
): Promise<readonly FactsDiagnostic[]> {
  const links = packages.flatMap(({ dangling }) => dangling).slice(0, 5);
  return Promise.all(links.map((path) => explainUnread(tree, path)));
}

function listSome(dirs: readonly string[]): string {
  const names = dirs.slice(0, 5).map((dir) => `./${dir}`);
  return `${names.join(", ")}${dirs.length > names.length ? ", …" : ""}`;
}
