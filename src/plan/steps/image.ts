import { posix } from "node:path";
import { visible } from "../../description/index.ts";
import type { Abilities } from "../abilities.ts";
import { goEnv } from "../flags.ts";
import { binaryPath, executableName } from "../image.ts";
import { NONROOT, NONROOT_ID } from "../image-users.ts";
import { PATHS } from "../paths.ts";
import type { ResolvedImage } from "../resolved.ts";
import type { FileAction, Tree } from "../step.ts";
import type { ImagePlan, LinkPlan, PlatformPlan, ProgramPlan } from "../types.ts";
import { addContent, type ContentLayer, contentLayers } from "./content.ts";
import { addTask, type Helper } from "./helper.ts";
import { addLibraries, type Below } from "./libraries.ts";
import { output, type Site } from "./site.ts";

/** An executable that is linked: at {@link binaryPath} in a tree of its own. */
export interface Binary {
  readonly program: ProgramPlan;
  readonly tree: Tree;
  readonly link: LinkPlan;
}

/**
 * Lays the binaries on their base, each as a layer of its own. Where the builder can merge, nothing is copied: a new
 * base rebuilds nothing, and no base is pulled.
 *
 * @param more trees that lie on top
 */
export function addImage(
  site: Site,
  helper: Helper,
  { id, platform, image }: PlatformPlan,
  base: ResolvedImage | undefined,
  binaries: readonly Binary[],
  more: readonly Tree[],
): Tree {
  const { plan, resolved, add } = site;
  const step = { id: `image ${plan.service.name} ${id}`, title: `[${plan.service.name} ${id}] image` };
  const placed = (): readonly Tree[] => [...binaries.map((binary) => atPlace(site, id, binary)), ...more];
  const libraries = (below?: Below): readonly Tree[] =>
    binaries.flatMap(({ link, tree }) => addLibraries(site, helper, link, tree, below) ?? []);
  const content = contentLayers(site, { id, image }, base);
  switch (image.base.kind) {
    case "scratch":
      return withContent(site, image, step, [...libraries(), ...placed()], undefined, content);
    case "static": {
      const rootfs = addRootfs(site, helper, image);
      return withContent(site, image, step, [rootfs, ...libraries(), ...placed()], rootfs, content);
    }
    case "image": {
      const reference = base?.reference ?? image.base.reference;
      const below = add({
        kind: "image",
        id: `base ${id}`,
        title: `[base ${id}] ${reference}`,
        use: "base",
        reference,
        platform,
        lookup: resolved.settings.resolveMode,
        ...(base?.replaced === true ? { replaced: true } : {}),
      });
      // They hold nothing: their steps have to end well before the image is made.
      const checked = libraries({ tree: below, reference });
      const { merge, diff } = site.abilities;
      if ((merge && diff) || binaries.every(({ program }) => program.path === binaryPath(program.name))) {
        const above = binaries.map((binary) => atPlace(site, id, binary, below));
        return withContent(site, image, step, [below, ...checked, ...above, ...more], below, content);
      }
      const start = overlay(site, { ...step, id: `${step.id} base` }, [below, ...checked, ...more]);
      const inner = content.length === 0 ? step : { ...step, id: `${step.id} binaries` };
      return contentOnto(site, step, onto(site, inner, start, binaries), content);
    }
  }
}

/**
 * Trees laid on each other, and content on top of them.
 *
 * @param below the base among the trees: what content is made on
 */
function withContent(
  site: Site,
  { content: plan }: ImagePlan,
  step: { readonly id: string; readonly title: string },
  trees: readonly Tree[],
  below: Tree | undefined,
  content: readonly ContentLayer[],
): Tree {
  const { merge, diff } = site.abilities;
  if (plan === undefined) return overlay(site, step, trees);
  if (merge && diff) return overlay(site, step, [...trees, ...addContent(site, content, plan, below)]);
  return contentOnto(site, step, overlay(site, { ...step, id: `${step.id} binaries` }, trees), content);
}

/** Makes content on an image, where the builder cannot lay trees on each other. */
function contentOnto(
  { add }: Site,
  step: { readonly id: string; readonly title: string },
  image: Tree,
  content: readonly ContentLayer[],
): Tree {
  return content.reduce(
    (on, { id, title, actions, at }, index) =>
      add({ kind: "files", id: index === content.length - 1 ? step.id : id, title, on, actions, at }),
    image,
  );
}

/**
 * A tree with a binary where the image has it, all of one time.
 *
 * @param base the tree whose links are followed on the way there. A directory in the place of `/bin`, where that is a
 * link to `usr/bin`, would hide the base's programs.
 */
function atPlace({ plan, add }: Site, id: string, { program, tree }: Binary, base?: Tree): Tree {
  const { name, path } = program;
  if (path === binaryPath(name)) return tree;
  const title = `[${name} ${id}] ${visible(path)}`;
  const place = `place ${name} ${id}`;
  const on = base === undefined ? {} : { on: base };
  const put = add({ kind: "files", id: place, title, ...on, actions: placing({ program, tree }) });
  const from =
    base === undefined
      ? put
      : add({
          kind: "diff",
          id: `${place} alone`,
          title: `[internal] ${name} alone`,
          lower: base,
          upper: put,
        });
  return add({
    kind: "files",
    id: `${place} at a fixed time`,
    title: `[internal] times of ${name}`,
    // To put a file into a directory gives the directory the time of the build.
    actions: [{ kind: "copy", from, source: "/", dest: "/", contents: true, times: plan.epoch }],
  });
}

/** Copies binaries onto a base, where the builder cannot lay trees on each other; each as a layer. */
function onto(
  { abilities, add }: Site,
  step: { readonly id: string; readonly title: string },
  base: Tree,
  binaries: readonly Binary[],
): Tree {
  return binaries.reduce((below, { program, tree }, index) => {
    const isDefault = program.path === binaryPath(program.name);
    return add({
      kind: "files",
      id: index === binaries.length - 1 ? step.id : `${step.id} ${index + 1}`,
      title: step.title,
      on: below,
      actions: isDefault ? [wholeTree(abilities, tree)] : placing({ program, tree }),
    });
  }, base);
}

function placing({ program: { name, path }, tree }: Omit<Binary, "link">): readonly FileAction[] {
  const dir = posix.dirname(path);
  return [
    ...(dir === "/" ? [] : [{ kind: "mkdir", path: dir } as const]),
    { kind: "copy", from: tree, source: binaryPath(name), dest: path, times: "source" },
  ];
}

/** The binaries alone, in the root of the result. */
export function addExecutables(
  { plan, add }: Site,
  { id, platform }: PlatformPlan,
  binaries: readonly Binary[],
): Tree {
  const { name } = plan.service;
  return add({
    kind: "files",
    id: `executable ${name} ${id}`,
    title: `[${name} ${id}] executable`,
    actions: binaries.map(({ program, tree }) => ({
      kind: "copy",
      from: tree,
      source: binaryPath(program.name),
      dest: `/${executableName(program.name, platform)}`,
      times: "epoch",
    })),
  });
}

/**
 * Lays trees on each other: merged where the builder can, else copied one onto the other. A copy leaves the same
 * layer as a merge does: owners, modes and times are the source's, those of directories that are there already
 * included (tonistiigi/fsutil:copy/copy.go).
 */
function overlay(
  { abilities, add }: Site,
  step: { readonly id: string; readonly title: string },
  trees: readonly Tree[],
): Tree {
  const [lowest, ...above] = trees;
  if (lowest === undefined) throw new Error("an image of nothing");
  if (above.length === 0) return lowest;
  if (abilities.merge) return add({ kind: "merge", ...step, trees });
  return above.reduce(
    (below, from, index) =>
      add({
        kind: "files",
        id: index === above.length - 1 ? step.id : `${step.id} ${index + 1}`,
        title: step.title,
        on: below,
        actions: [wholeTree(abilities, from)],
      }),
    lowest,
  );
}

function wholeTree({ replaceOnCopy }: Abilities, from: Tree): FileAction {
  return {
    kind: "copy",
    from,
    source: "/",
    dest: "/",
    contents: true,
    times: "source",
    ...(replaceOnCopy ? { replace: true } : {}),
  };
}

/** CA roots, time zones, passwd and group, made from the toolchain image: no base image is pulled for them. */
function addRootfs(site: Site, helper: Helper, image: ImagePlan): Tree {
  const [uid = "", gid = uid] = (image.user ?? NONROOT).split(":");
  const numeric = (id: string): string => (/^[0-9]+$/.test(id) ? id : NONROOT_ID);
  const left = addTask(site, helper, {
    id: "rootfs",
    stage: "rootfs",
    title: "[rootfs] CA roots, time zones, users",
    at: site.plan.service.at,
    does: [
      "rootfs",
      `-out=${PATHS.output}`,
      `-uid=${numeric(uid)}`,
      `-gid=${numeric(gid)}`,
      `-time=${site.plan.epoch}`,
    ],
    env: goEnv({}),
    dir: "/tmp",
    mounts: [output(PATHS.output)],
  });
  return left(PATHS.output);
}
