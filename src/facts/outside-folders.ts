import type { ModPosition } from "./modfile/types.ts";
import { readGoMod } from "./module-files.ts";
import type { OpenTree } from "./open-tree.ts";
import { joinPath } from "./paths.ts";
import { readVendor } from "./vendor.ts";
import { findWorkspace } from "./workspace.ts";

/** A directory outside the build context, by the line of go.mod or go.work that names it. */
export interface OutsideFolder {
  readonly file: string;
  /** Where its path stands in the file. */
  readonly at: ModPosition;
  /** As it is written: `../lib`. */
  readonly folder: string;
  /** Path of the module that it replaces; absent: it is a module of a workspace. */
  readonly replaces?: string | undefined;
}

/**
 * Directories outside the build context that builds of a module read: targets of `replace`, and of `use`. With a vendor
 * directory there are none, since the go command reads neither.
 *
 * @param dir the module's, clean
 */
export async function outsideFolders(tree: OpenTree, dir: string): Promise<readonly OutsideFolder[]> {
  await tree.list(dir);
  const place = await tree.resolve(dir);
  if (place.kind !== "dir") return [];
  const [goMod, { workspace }] = await Promise.all([
    readGoMod(tree, place.path),
    findWorkspace(tree, place.path),
  ]);
  if (goMod === undefined) return [];
  const go = workspace?.file.go?.value ?? goMod.go?.value;
  const from = workspace?.dir ?? place.path;
  const { vendor } = await readVendor(tree, from, go, workspace !== undefined);
  if (vendor !== undefined) return [];
  const used = (workspace?.file.use ?? []).map(({ value, at }) => ({
    value,
    at,
    dir: joinPath(from, value),
  }));
  const members = await Promise.all(
    used.flatMap(({ dir: member }) =>
      member === undefined || member === place.path
        ? []
        : [readGoMod(tree, member).then((file) => ({ file, dir: member }))],
    ),
  );
  const declaring = [
    ...(workspace === undefined ? [] : [{ file: workspace.file, dir: workspace.dir }]),
    { file: goMod, dir: place.path },
    ...members,
  ];
  return [
    ...used.flatMap(({ value, at, dir: member }) =>
      member === undefined ? [{ file: workspace?.file.file ?? "", at, folder: value }] : [],
    ),
    ...declaring.flatMap(({ file, dir: of }) =>
      (file?.replace ?? []).flatMap(({ old, new: target, local, at }) =>
        local && joinPath(of, target.path) === undefined
          ? [{ file: file?.file ?? "", at, folder: target.path, replaces: old.path }]
          : [],
      ),
    ),
  ];
}
