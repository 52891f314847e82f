import { statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import {
  ALTERNATES,
  alternatesIn,
  folderTree,
  gitDirIn,
  gitFiles,
  type GitFiles,
  openRepository,
  openTree,
} from "../facts/index.ts";
import type { CommitSource } from "../plan/index.ts";
import { readRegular } from "./read.ts";

const MOST = 4096;

/** The repository that a folder is part of: of a clone, a worktree or a submodule. */
export function repositoryOf(folder: string): CommitSource {
  const root = [folder, ...parentsOf(folder)].find((dir) => kindOf(join(dir, ".git")) !== undefined);
  if (root === undefined) return {};
  const worktree = gitDir(root);
  if (worktree === undefined) return {};
  const shared = join(worktree, "commondir");
  const common = kindOf(shared) === "file" ? resolve(worktree, textOf(shared).trim()) : worktree;
  const goMod = join(root, "go.mod");
  return {
    repository: openRepository({
      worktree: filesOf(worktree),
      common: filesOf(common),
      alternates: alternatesOf(common).map(filesOf),
      context: relative(root, folder).replaceAll(sep, "/") || ".",
      goMod: () =>
        Promise.resolve(kindOf(goMod) === "file" ? readRegular(goMod, 1 << 20).toString() : undefined),
    }),
  };
}

/** Where git keeps what belongs to a worktree: `.git`, or the folder that a file of this name tells. */
function gitDir(root: string): string | undefined {
  const path = join(root, ".git");
  if (kindOf(path) === "dir") return path;
  const named = gitDirIn(textOf(path));
  return named === undefined ? undefined : isAbsolute(named) ? named : resolve(root, named);
}

/** How far git follows repositories that borrow from others (git/git:object-file.c, link_alt_odb_entry). */
const DEEPEST = 5;

/** Folders of the repositories that one borrows objects from, and of those that they borrow from. */
function alternatesOf(common: string): readonly string[] {
  const found = new Set<string>();
  let last: readonly string[] = [common];
  for (let depth = 0; depth <= DEEPEST && last.length > 0; depth++) {
    const folders = last.flatMap((dir) => {
      const file = join(dir, ALTERNATES);
      const lines = kindOf(file) === "file" ? alternatesIn(readRegular(file, 1 << 16).toString()) : [];
      const paths = lines.map((line) => resolve(dir, "objects", line));
      return paths.flatMap((path) => (basename(path) === "objects" ? [dirname(path)] : []));
    });
    last = folders.filter((dir) => dir !== common && !found.has(dir) && kindOf(dir) === "dir");
    for (const dir of last) found.add(dir);
  }
  return [...found];
}

function filesOf(dir: string): GitFiles {
  return gitFiles(openTree(folderTree(dir)), ".");
}

function parentsOf(folder: string): readonly string[] {
  const parent = dirname(folder);
  return parent === folder ? [] : [parent, ...parentsOf(parent)];
}

function kindOf(path: string): "dir" | "file" | undefined {
  const status = statSync(path, { throwIfNoEntry: false });
  return status?.isDirectory() === true ? "dir" : status?.isFile() === true ? "file" : undefined;
}

function textOf(path: string): string {
  return readRegular(path, MOST).toString();
}
