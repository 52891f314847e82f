import { fileNameMatches, matches, needsCgo, type BuildContext } from "./build-context.ts";
import type { OpenTree } from "./open-tree.ts";
import { whyCgo, type Placed } from "./package.ts";
import { childPath, extension, isLossy, isTest, sorted } from "./paths.ts";

/** What a directory is a package of: less than a scan tells, for fewer files read. */
export interface PackageNames {
  /** One per build context that has a file in the build. */
  readonly names: readonly string[];
  readonly hasGoFiles: boolean;
  /** Where nothing is in the build: Go files that cannot be read. */
  readonly dangling: readonly string[];
  /** Where nothing is in the build: a file of a main package that would be there with cgo. */
  readonly needsCgo: Placed | undefined;
}

/** Reads no more files than it takes to find one in the build. */
export async function packageNames(
  tree: OpenTree,
  contexts: readonly BuildContext[],
  dir: string,
): Promise<PackageNames> {
  const entries = await tree.sources(dir);
  const files = sorted(
    [...(entries?.values() ?? [])]
      .filter(({ kind }) => kind === "file" || kind === "symlink")
      .map(({ name }) => name)
      .filter(isGoSource),
  );
  const readable = files.filter((name) => !isLossy(name));
  const found = await Promise.all(contexts.map((context) => firstName(tree, context, dir, readable)));
  const names = [...new Set(found.filter((name) => name !== undefined))];
  const hasGoFiles = files.length > 0;
  if (names.length > 0) return { names, hasGoFiles, dangling: [], needsCgo: undefined };
  const [dangling, withCgo] = await Promise.all([
    danglingAmong(tree, contexts, dir, files),
    mainWithCgo(tree, contexts, dir, readable),
  ]);
  return { names, hasGoFiles, dangling, needsCgo: withCgo };
}

function isGoSource(name: string): boolean {
  return extension(name) === ".go" && !name.startsWith("_") && !name.startsWith(".") && !isTest(name);
}

async function firstName(
  tree: OpenTree,
  context: BuildContext,
  dir: string,
  files: readonly string[],
): Promise<string | undefined> {
  for (const name of files.filter((file) => fileNameMatches(context, file))) {
    const target = await tree.resolve(childPath(dir, name));
    if (target.kind !== "file") continue;
    const { constraint, packageName, imports } = await tree.goFile(target.path, target.size);
    const isPackage = packageName !== "" && packageName !== "documentation";
    const isIn = isPackage && matches(context, constraint);
    if (isIn && (context.cgo || !imports.includes("C"))) return packageName;
  }
  return undefined;
}

async function mainWithCgo(
  tree: OpenTree,
  contexts: readonly BuildContext[],
  dir: string,
  files: readonly string[],
): Promise<Placed | undefined> {
  for (const context of contexts) {
    for (const name of files.filter((file) => fileNameMatches(context, file))) {
      const target = await tree.resolve(childPath(dir, name));
      if (target.kind !== "file") continue;
      const file = await tree.goFile(target.path, target.size);
      if (file.packageName === "main" && needsCgo(context, file)) return whyCgo(childPath(dir, name), file);
    }
  }
  return undefined;
}

async function danglingAmong(
  tree: OpenTree,
  contexts: readonly BuildContext[],
  dir: string,
  files: readonly string[],
): Promise<readonly string[]> {
  const wanted = files.filter((name) => contexts.some((context) => fileNameMatches(context, name)));
  const targets = await Promise.all(wanted.map((name) => tree.resolve(childPath(dir, name))));
  return wanted
    .filter((name, index) => {
      const kind = targets[index]?.kind;
      return isLossy(name) || (kind !== "file" && kind !== "dir");
    })
    .map((name) => childPath(dir, name));
}
