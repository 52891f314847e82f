import { childPath, isWithin, relativeTo } from "./paths.ts";
import type { Entry, SourceTree } from "./source-tree.ts";

/** A path of the tree of which the content comes from somewhere else. */
export interface Overlay {
  /** A file or a directory, clean; not the root. */
  readonly path: string;
  /** A tree that has it at the same path; absent where nobody knows what is there: then nothing is. */
  readonly from?: SourceTree | undefined;
}

/**
 * A tree with other content at some paths. Nothing that the tree itself has there or below is left. Directories on the
 * way to them are there.
 *
 * @param overlays none lies at or below another
 */
export function overlaid(tree: SourceTree, overlays: readonly Overlay[]): SourceTree {
  const holding = (path: string): Overlay | undefined =>
    overlays.find((overlay) => isWithin(path, overlay.path));

  /** What lies over a directory that is not itself below one of the paths. */
  const withOverlays = async (
    dir: string,
    around: readonly Entry[] | undefined,
  ): Promise<readonly Entry[] | undefined> => {
    const below = overlays.filter(({ path, from }) => from !== undefined && isWithin(path, dir));
    if (around === undefined && below.length === 0) return undefined;
    const left = (around ?? []).filter(({ name }) => holding(childPath(dir, name)) === undefined);
    const names = new Set(left.map(({ name }) => name));
    const added = await Promise.all(
      below.map(async ({ path, from }): Promise<Entry | undefined> => {
        const [name = ""] = relativeTo(path, dir).split("/");
        if (names.has(name)) return undefined;
        names.add(name);
        if (childPath(dir, name) !== path) return { name, kind: "dir", size: 0 };
        return (await from?.list([dir]))?.[0]?.find((entry) => entry.name === name);
      }),
    );
    return [...left, ...added.filter((entry) => entry !== undefined)];
  };

  const list: SourceTree["list"] = async (dirs) => {
    const plain = dirs.filter((dir) => holding(dir) === undefined);
    const listed = await tree.list(plain);
    const around = new Map(plain.map((dir, index) => [dir, listed[index]]));
    return Promise.all(
      dirs.map(async (dir) => {
        const inside = holding(dir);
        return inside === undefined
          ? withOverlays(dir, around.get(dir))
          : (await inside.from?.list([dir]))?.[0];
      }),
    );
  };

  return {
    // Every directory on the way is listed: those above a path hold what the tree says and what lies over it.
    list,
    read: (ranges) => {
      const plain = ranges.filter(({ path }) => holding(path) === undefined);
      const answers = new Map(tree.read(plain).map((answer, index) => [plain[index], answer]));
      return ranges.map((range) => answers.get(range) ?? readFrom(holding(range.path), range));
    },
    ignoredBy: (path) => (holding(path) === undefined ? tree.ignoredBy?.(path) : undefined),
  };
}

async function readFrom(
  overlay: Overlay | undefined,
  range: Parameters<SourceTree["read"]>[0][number],
): Promise<Uint8Array> {
  const [answer] = overlay?.from?.read([range]) ?? [];
  if (answer === undefined) throw new Error(`nobody knows what ${range.path} holds`);
  return answer;
}
