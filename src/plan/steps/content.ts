// What an image holds beside its base and its binaries: files that are made and copied, without running anything.
import { posix } from "node:path";
import { visible } from "../../description/index.ts";
import { isWithin } from "../../facts/index.ts";
import { isAltered } from "../altered.ts";
import { foldersAbove } from "../image-folders.ts";
import { userAsOwner } from "../image-users.ts";
import type { ResolvedImage } from "../resolved.ts";
import type { CopyAction, FileAction, Tree } from "../step.ts";
import type { ContentPlan, CopiesPlan, PlatformPlan } from "../types.ts";
import { addContext, withAlterations } from "./context.ts";
import { generatedTree } from "./generators.ts";
import { inlineFiles, type Site } from "./site.ts";

/** A layer of an image, as what is done to the tree below it. */
export interface ContentLayer {
  readonly id: string;
  readonly title: string;
  readonly actions: readonly FileAction[];
  readonly at: ContentPlan["at"];
}

/**
 * The layers of an image that lie on its base and its binaries: directories and links, texts, and the files of each
 * entry. Those behind the first need nothing of each other.
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
  const of = `${site.plan.service.name} ${id}`;
  const copies = copiesOf(site, content);
  return [
    ...partsLayer(site, of, content, image, base),
    ...textsLayer(site, of, content, copies),
    ...content.copies.map((entry, index) => entryLayer(site, of, entry, index, copies)),
  ];
}

function partsLayer(
  site: Site,
  of: string,
  content: ContentPlan,
  image: PlatformPlan["image"],
  base: ResolvedImage | undefined,
): readonly ContentLayer[] {
  const paths = [
    ...content.dirs.map(({ path }) => path),
    ...content.absent,
    ...content.links.map(({ path }) => path),
  ];
  if (paths.length === 0) return [];
  const user = userAsOwner(image, base?.config.config);
  const from = addParts(site, content);
  const copied = { kind: "copy", from, contents: true, times: site.plan.epoch } as const;
  const into = (source: string, path: string): CopyAction => ({
    ...copied,
    source,
    dest: posix.dirname(path),
  });
  const empty = (dest: string): CopyAction => ({ ...copied, source: EMPTY, dest, parents: true });
  const above = foldersOnTheWay(paths);
  const parents = above.filter((path) => paths.some((inside) => posix.dirname(inside) === path));
  return [
    {
      id: `content ${of}`,
      title: `[${of}] directories and links`,
      actions: [
        ...parents.map(empty),
        ...content.dirs.map(({ path, mode, owner = user }, index) => ({
          ...into(`/dirs/${index}`, path),
          mode,
          owner,
        })),
        ...content.absent.map((path) => ({ ...empty(path), mode: "0755", owner: user })),
        ...content.links.map(({ path }, index) => into(`/links/${index}`, path)),
        ...above.toReversed().map(empty),
      ],
      at: content.at,
    },
  ];
}

function textsLayer(
  { add }: Site,
  of: string,
  { texts }: ContentPlan,
  copies: Copies,
): readonly ContentLayer[] {
  const [first] = texts;
  if (first === undefined) return [];
  const from = add({
    kind: "files",
    id: `content ${of} texts`,
    title: `[internal] texts of ${of}`,
    actions: inlineFiles(texts.map(({ path, text }) => ({ path: path.slice(1), text }))),
    exported: false,
  });
  return [
    {
      id: `content ${of} files`,
      title: `[${of}] files of the description`,
      actions: copies(
        texts.map(({ path, mode, owner }) => ({ from, source: path, path, mode, owner })),
        [],
      ),
      at: first.at,
    },
  ];
}

function entryLayer(
  site: Site,
  of: string,
  { from, files, dirs, owner, at }: CopiesPlan,
  index: number,
  copies: Copies,
): ContentLayer {
  const role = `image-${index + 1}`;
  const { altered } = site.plan.service;
  const written = writtenIn(site);
  const sources = files.map(({ source }) => source).filter((source) => written(source) === undefined);
  const sent = sources.filter((source) => altered === undefined || !isAltered(altered, source));
  const context =
    sources.length === 0
      ? undefined
      : withAlterations(site, addContextOrNothing(site, sent, role), role, sources);
  const treeOf = (source: string): Tree => {
    const tree = written(source) ?? context;
    if (tree === undefined) throw new Error(`nothing yields ${source}`);
    return tree;
  };
  return {
    id: `content ${of} ${index + 1}`,
    title: `[${of}] ${visible(from)}`,
    actions: copies(
      files.map(({ source, path, mode }) => ({
        from: treeOf(source),
        source: `/${source}`,
        path,
        mode,
        owner,
      })),
      dirs,
    ),
    at,
  };
}

/** What a step of the description writes, by paths of the tree; each output is looked for once. */
function writtenIn(site: Site): (path: string) => Tree | undefined {
  const { paths = [], imagePaths = [] } = site.plan.service.generated ?? {};
  const trees = new Map<string, Tree | undefined>();
  return (path) => {
    const output = [...paths, ...imagePaths].find((generated) => isWithin(path, generated.path));
    if (output === undefined) return undefined;
    if (!trees.has(output.path)) trees.set(output.path, generatedTree(site, output.path));
    return trees.get(output.path);
  };
}

/** Files of the context; an empty tree where none is asked for, since a context of no paths is all of it. */
function addContextOrNothing(site: Site, paths: readonly string[], role: string): Tree {
  if (paths.length > 0) return addContext(site, paths, role);
  return site.add({
    kind: "files",
    id: `context ${role}`,
    title: `[internal] no file of the build context: ${role}`,
    actions: [{ kind: "mkdir", path: EMPTY }],
    exported: false,
  });
}

/** What is copied into an image. */
interface Copied extends Pick<CopyAction, "from" | "source" | "mode" | "owner"> {
  readonly path: string;
}

/** The actions that copy files into an image, with the directories that they need. */
type Copies = (files: readonly Copied[], dirs: readonly string[]) => readonly FileAction[];

/** Directories have the owner that the first entry that brings them says, whichever layer makes them. */
function copiesOf(site: Site, { copies }: ContentPlan): Copies {
  const times = site.plan.epoch;
  const owners = new Map(
    copies.flatMap(({ dirs, owner }) => dirs.map((dir) => [dir, owner] as const)).toReversed(),
  );
  return (files, dirs) => {
    const from = site.add({
      kind: "files",
      id: "content nothing",
      title: "[internal] an empty directory",
      actions: [{ kind: "mkdir", path: EMPTY }],
      exported: false,
    });
    const all = [...files.map(({ path }) => path), ...dirs.map((dir) => `${dir}/.`)];
    const above = foldersOnTheWay(all);
    const empty = (dest: string): CopyAction => ({
      kind: "copy",
      from,
      source: EMPTY,
      dest,
      contents: true,
      parents: true,
      times,
    });
    const made = (dir: string): CopyAction => {
      const owner = owners.get(dir);
      return owner === undefined ? empty(dir) : { ...empty(dir), mode: "0755", owner };
    };
    return [
      ...above.map(made),
      ...files.map(({ path, mode, ...copy }): CopyAction => ({
        kind: "copy",
        ...copy,
        dest: path,
        times,
        ...(mode === undefined ? {} : { mode }),
      })),
      ...above.toReversed().map(empty),
    ];
  };
}

/**
 * Layers to be laid on each other without a copy: what each of them has beside the tree below. Those that hold files are
 * made on the directories of the description: what is made on the way to a file would hide their owners.
 */
export function addContent(
  { add }: Pick<Site, "add">,
  layers: readonly ContentLayer[],
  { dirs, absent, links }: ContentPlan,
  base: Tree | undefined,
): readonly Tree[] {
  const hasParts = dirs.length + absent.length + links.length > 0;
  let below = base;
  return layers.map(({ id, title, actions, at }, index) => {
    const lower = below;
    const on = lower === undefined ? {} : { on: lower };
    const upper = add({ kind: "files", id, title, ...on, actions, at });
    if (index === 0 && hasParts) below = upper;
    if (lower === undefined) return upper;
    return add({ kind: "diff", id: `${id} alone`, title: `${title} alone`, lower, upper });
  });
}

const EMPTY = "/empty";

/** Directories and links in a tree of their own, from which they are copied: only a copy sets every permission, and takes the place of what is there. */
function addParts({ add, plan }: Site, { dirs, links }: ContentPlan): Tree {
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

/** Every directory on the way to some paths, those further up first; not the root. */
function foldersOnTheWay(paths: readonly string[]): readonly string[] {
  const depth = (path: string): number => path.split("/").length;
  return [...new Set(paths.flatMap(foldersAbove))].toSorted(
    (a, b) => depth(a) - depth(b) || (a < b ? -1 : 1),
  );
}
