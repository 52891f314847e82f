import { suggest } from "../description/index.ts";
import type { BuildContext } from "./build-context.ts";
import { mainNeedsCgo } from "./cgo-needed.ts";
import { contextsOf, type MainContext } from "./contexts.ts";
import { explainUnreadIn, searchMains } from "./find-mains.ts";
import { unhide } from "./ignore.ts";
import { asWritten, mainPackage } from "./main-package.ts";
import type { OpenTree } from "./open-tree.ts";
import { packageNames, type PackageNames } from "./package-names.ts";
import { baseName, childPath, isWithin, joinPath, parentPath, prefixes, relativeTo } from "./paths.ts";
import { mainAndOther } from "./refused-packages.ts";
import type { FactsCode, GoModule, MainPackage, ResolvedMain } from "./types.ts";
import { startsModule } from "./walk.ts";

/**
 * The main package that a description names, relative to the module's directory (`./cmd/orders`); its import path is
 * accepted too. Refusals say what is there instead and what was probably meant.
 */
export async function resolveMain(
  tree: OpenTree,
  module: GoModule,
  main: string,
  context: MainContext = {},
): Promise<ResolvedMain> {
  const contexts = contextsOf(tree, context);
  const dir = joinPath(module.dir, withoutModulePath(module, main));
  if (dir === undefined) {
    return refuse(
      "GF003",
      `main points outside the build context (${main})`,
      "run the build from the repository root and set `module:`",
    );
  }
  await tree.reach(dir);
  const place = await tree.resolve(dir);
  const shown = asWritten(module, dir);
  if (place.kind === "outside") {
    return refuse(
      "GF003",
      `${shown} is a symlink that leads outside the build context`,
      "name the real directory, inside the context",
    );
  }
  if (place.kind !== "dir") return explainAbsent(tree, module, dir, place.kind === "file", contexts);
  const stranger = await explainOwner(tree, module, dir);
  if (stranger !== undefined) return stranger;
  const found = await packageNames(tree, contexts, place.path);
  if (found.names.includes("main")) return { ok: true, main: mainPackage(module, dir), diagnostics: [] };
  if (found.needsCgo !== undefined) {
    return { ok: false, diagnostics: [mainNeedsCgo(shown, found.needsCgo)] };
  }
  if (found.dangling.length > 0) return { ok: false, diagnostics: await explainUnreadIn(tree, [found]) };
  const mixed = await mainAndOther(tree, contexts, [place.path]);
  if (mixed.length > 0) return { ok: false, diagnostics: mixed };
  return explainLibrary(tree, module, dir, found, contexts);
}

/** Main packages ordered by likeness to a path that is not one: for help texts. */
function nearestMains(all: readonly MainPackage[], wanted: string, most = 3): readonly MainPackage[] {
  const near = suggest(
    wanted,
    all.map(({ dir }) => dir),
  );
  const score = ({ dir }: MainPackage): number => {
    if (dir === near) return 0;
    if (isWithin(dir, wanted)) return 1;
    return baseName(dir) === baseName(wanted) ? 2 : parentPath(dir) === parentPath(wanted) ? 3 : 4;
  };
  return all.toSorted((a, b) => score(a) - score(b)).slice(0, most);
}

function withoutModulePath(module: GoModule, main: string): string {
  if (main === module.path) return ".";
  return main.startsWith(`${module.path}/`) ? main.slice(module.path.length + 1) : main;
}

/** A refusal where a directory belongs to another module, or to none. */
async function explainOwner(
  tree: OpenTree,
  module: GoModule,
  dir: string,
): Promise<ResolvedMain | undefined> {
  const owner = await ownerOf(tree, dir);
  const shown = asWritten(module, dir);
  if (owner === undefined) {
    return refuse(
      "GF007",
      `${shown} lies outside the module (${module.path}) and below no other go.mod`,
      "set `module:` to the directory whose go.mod it is built with",
    );
  }
  if (module.local.some((local) => local.kind !== "replaced" && local.dir === owner)) return undefined;
  const rest = relativeTo(dir, owner);
  const name = owner === "." ? "." : `./${owner}`;
  const help = `set \`module: ${name}\` and \`main: ${rest === "." ? "." : `./${rest}`}\``;
  return refuse("GF007", `${shown} belongs to another module (${name}/go.mod)`, help);
}

/** The nearest directory at or above `dir` that starts a module. */
async function ownerOf(tree: OpenTree, dir: string): Promise<string | undefined> {
  for (const above of [...prefixes(dir).toReversed(), "."]) {
    if (await startsModule(tree, above)) return above;
  }
  return undefined;
}

async function explainAbsent(
  tree: OpenTree,
  module: GoModule,
  dir: string,
  isFile: boolean,
  contexts: readonly BuildContext[],
): Promise<ResolvedMain> {
  const shown = asWritten(module, dir);
  const ignored = tree.ignoredBy(dir);
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
  const [siblings, { all }] = await Promise.all([
    siblingDirs(tree, dir),
    searchMains(tree, module, contexts),
  ]);
  const candidates = [...all.map((main) => main.dir), ...siblings];
  const near = suggest(
    relativeTo(dir, module.dir),
    candidates.map((candidate) => relativeTo(candidate, module.dir)),
  );
  const help =
    near !== undefined
      ? `did you mean ./${near}?`
      : all.length > 0
        ? `main packages of this module: ${listMains(module, all)}`
        : "`main` is a directory relative to the module's root";
  return refuse("GF002", `no directory ${shown} in the build context`, help);
}

/** Directories beside the first element that is missing. */
async function siblingDirs(tree: OpenTree, dir: string): Promise<readonly string[]> {
  for (const path of prefixes(dir)) {
    const parent = parentPath(path);
    const entries = await tree.list(parent);
    if (entries?.get(baseName(path))?.kind === "dir") continue;
    const dirs = [...(entries?.values() ?? [])].filter(({ kind }) => kind === "dir");
    return dirs.map(({ name }) => childPath(parent, name));
  }
  return [];
}

async function explainLibrary(
  tree: OpenTree,
  module: GoModule,
  dir: string,
  found: PackageNames,
  contexts: readonly BuildContext[],
): Promise<ResolvedMain> {
  const { all } = await searchMains(tree, module, contexts);
  const shown = asWritten(module, dir);
  const platforms = contexts.map(({ platform }) => `${platform.os}/${platform.architecture}`).join(", ");
  const [name] = found.names;
  const message =
    name !== undefined
      ? `${shown} is package ${name}, not package main`
      : found.hasGoFiles
        ? `every Go file of ${shown} is excluded by build constraints for ${platforms}`
        : `${shown} holds no Go files`;
  const near = nearestMains(all, dir);
  const help =
    near.length > 0
      ? `nearest main packages found: ${listMains(module, near)}`
      : name === undefined && found.hasGoFiles
        ? "let its files in with their tags, `build: { tags: [NAME] }`, or build for their platform"
        : "no main package was found in this module";
  return refuse("GF001", message, help);
}

function listMains(module: GoModule, mains: readonly MainPackage[]): string {
  const names = mains.slice(0, 8).map(({ dir }) => asWritten(module, dir));
  return `${names.join(", ")}${mains.length > 8 ? ", …" : ""}`;
}

function refuse(code: FactsCode, message: string, help: string): ResolvedMain {
  return { ok: false, diagnostics: [{ severity: "error", code, message, help }] };
}
