// What an image holds beside its base and its binaries: files that are made and copied, without running anything.
import { posix } from "node:path";
import { userAsOwner } from "../image-users.ts";
import type { ResolvedImage } from "../resolved.ts";
import type { CopyAction, FileAction, Tree } from "../step.ts";
import type { ContentPlan, PlatformPlan } from "../types.ts";
import type { Site } from "./site.ts";

/** A layer of an image, as what is done to the tree below it. */
export interface ContentLayer {
  readonly id: string;
  readonly title: string;
  readonly actions: readonly FileAction[];
  readonly at: ContentPlan["at"];
}

/**
 * The layers of an image that lie on its base and its binaries.
 *
 * All times are the plan's. To put something into a directory gives the directory the time of the build, so those on
 * the way are given theirs at last.
 */
export function contentLayers(
  site: Site,
  { id, image }: Pick<PlatformPlan, "id" | "image">,
  base: ResolvedImage | undefined,
): readonly ContentLayer[] {
  const { content } = image;
  if (content === undefined) return [];
  const { name } = site.plan.service;
  const user = userAsOwner(image, base?.config.config);
  const copies = copiesOf(site, addStaged(site, content));
  const dirs = content.dirs.map(({ path, mode, owner = user }, index): CopyAction => ({
    ...copies.into(`/dirs/${index}`, path),
    mode,
    owner,
  }));
  const links = content.links.map(({ path }, index) => copies.into(`/links/${index}`, path));
  const absent = content.absent.map((path): CopyAction => ({
    ...copies.empty(path),
    mode: "0755",
    owner: user,
  }));
  const above = foldersAbove(pathsOf(content));
  const parents = above.filter((path) => pathsOf(content).some((inside) => posix.dirname(inside) === path));
  return [
    {
      id: `content ${name} ${id}`,
      title: `[${name} ${id}] directories and links`,
      actions: [
        ...parents.map(copies.empty),
        ...dirs,
        ...absent,
        ...links,
        ...above.toReversed().map(copies.empty),
      ],
      at: content.at,
    },
  ];
}

/** Lays layers on each other without a copy: what each of them has beside the tree below. */
export function addContent(
  { add }: Pick<Site, "add">,
  layers: readonly ContentLayer[],
  below: Tree | undefined,
): readonly Tree[] {
  return layers.map(({ id, title, actions, at }) => {
    const on = below === undefined ? {} : { on: below };
    const upper = add({ kind: "files", id, title, ...on, actions, at });
    if (below === undefined) return upper;
    return add({ kind: "diff", id: `${id} alone`, title: `${title} alone`, lower: below, upper });
  });
}

const EMPTY = "/empty";

/** Directories and links in a tree of their own, from which they are copied: only a copy sets every permission, and takes the place of what is there. */
function addStaged({ add, plan }: Site, { dirs, links }: ContentPlan): Tree {
  const { name } = plan.service;
  const dirOf = (kind: string, index: number, path: string): string =>
    `/${kind}/${index}/${posix.basename(path)}`;
  return add({
    kind: "files",
    id: `content ${name} parts`,
    title: `[internal] directories and links of ${name}`,
    actions: [
      { kind: "mkdir", path: EMPTY },
      ...dirs.map(({ path }, index) => ({ kind: "mkdir", path: dirOf("dirs", index, path) }) as const),
      ...links.flatMap(({ path, target }, index): readonly FileAction[] => [
        { kind: "mkdir", path: `/links/${index}` },
        { kind: "link", path: dirOf("links", index, path), target },
      ]),
    ],
    exported: false,
  });
}

function copiesOf({ plan }: Pick<Site, "plan">, from: Tree) {
  const copied = { kind: "copy", from, contents: true, times: plan.epoch } as const;
  return {
    /** Makes a directory where there is none, with those above it, and gives it its time. */
    empty: (dest: string): CopyAction => ({ ...copied, source: EMPTY, dest, parents: true }),
    /** Copies what is in a directory to where `path` says that it is. */
    into: (source: string, path: string): CopyAction => ({ ...copied, source, dest: posix.dirname(path) }),
  };
}

function pathsOf({ dirs, absent, links }: ContentPlan): readonly string[] {
  return [...dirs.map(({ path }) => path), ...absent, ...links.map(({ path }) => path)];
}

/** Every directory on the way to some paths, those further up first; not the root. */
function foldersAbove(paths: readonly string[]): readonly string[] {
  const found = new Set<string>();
  for (const path of paths) {
    for (let dir = posix.dirname(path); dir !== "/"; dir = posix.dirname(dir)) found.add(dir);
  }
  const depth = (path: string): number => path.split("/").length;
  return [...found].toSorted((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1));
}
