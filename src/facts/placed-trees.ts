// Trees that are laid over others (overlay.ts): they have something at a path, and of its parent they know nothing else.
import { baseName, isWithin, parentPath, relativeTo } from "./paths.ts";
import type { Entry, SourceTree } from "./source-tree.ts";

/** A tree that has the root of another one at a path. */
export function treeAt(path: string, tree: SourceTree): SourceTree {
  const isInside = (dir: string): boolean => isWithin(dir, path);
  const place: readonly Entry[] = [{ name: baseName(path), kind: "dir", size: 0 }];
  return {
    list: async (dirs) => {
      const inside = dirs.filter(isInside);
      const listed = await tree.list(inside.map((dir) => relativeTo(dir, path)));
      const found = new Map(inside.map((dir, index) => [dir, listed[index]]));
      return dirs.map((dir) => (dir === parentPath(path) ? place : found.get(dir)));
    },
    read: (ranges) => tree.read(ranges.map((range) => ({ ...range, path: relativeTo(range.path, path) }))),
  };
}

/** A tree that has some texts as files, by their paths. */
export function treeOfTexts(texts: ReadonlyMap<string, string>): SourceTree {
  const files = new Map([...texts].map(([path, text]) => [path, new TextEncoder().encode(text)]));
  const list = (dir: string): readonly Entry[] =>
    [...files].flatMap(([path, { length }]) =>
      parentPath(path) === dir ? [{ name: baseName(path), kind: "file", size: length }] : [],
    );
  return {
    list: (dirs) => Promise.resolve(dirs.map(list)),
    read: (ranges) =>
      ranges.map(({ path, offset, length }) => {
        const bytes = files.get(path);
        return bytes === undefined
          ? Promise.reject(new Error(`there is no text of ${path}`))
          : Promise.resolve(bytes.subarray(offset, offset + length));
      }),
  };
}
