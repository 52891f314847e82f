import { posix } from "node:path";
import { visible } from "../../description/index.ts";
import { goEnv } from "../flags.ts";
import { binaryPath, executableName, NONROOT, NONROOT_ID } from "../image.ts";
import { PATHS } from "../paths.ts";
import type { ResolvedImage } from "../resolved.ts";
import type { FileAction, Tree } from "../step.ts";
import type { ImagePlan, PlatformPlan, ProgramPlan } from "../types.ts";
import { addTask, type Helper } from "./helper.ts";
import { output, type Site } from "./site.ts";

/** An executable that is linked: at {@link binaryPath} in a tree of its own. */
export interface Binary {
  readonly program: ProgramPlan;
  readonly tree: Tree;
}

/**
 * Lays the binaries on their base, each as a layer of its own. Where the builder can merge, nothing is copied: a new
 * base rebuilds nothing, and no base is pulled.
 */
export function addImage(
  site: Site,
  helper: Helper,
  { id, platform, image }: PlatformPlan,
  base: ResolvedImage | undefined,
  binaries: readonly Binary[],
): Tree {
  const { plan, resolved, add } = site;
  const step = { id: `image ${plan.service.name} ${id}`, title: `[${plan.service.name} ${id}] image` };
  const placed = (): readonly Tree[] => binaries.map((binary) => atPlace(site, id, binary));
  switch (image.base.kind) {
    case "scratch":
      return overlay(site, step, placed());
    case "static":
      return overlay(site, step, [addRootfs(site, helper, image), ...placed()]);
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
      return binaries.every(({ program }) => program.path === binaryPath(program.name))
        ? overlay(site, step, [below, ...placed()])
        : onto(site, step, below, binaries);
    }
  }
}

/** A tree with a binary where the image has it. */
function atPlace({ add }: Site, id: string, { program, tree }: Binary): Tree {
  const { name, path } = program;
  if (path === binaryPath(name)) return tree;
  return add({
    kind: "files",
    id: `place ${name} ${id}`,
    title: `[${name} ${id}] ${visible(path)}`,
    actions: placing({ program, tree }),
  });
}

/**
 * Copies binaries onto a base of which nobody knows what is a link in it. A merge would put a directory in the place of
 * `/bin`, where that is a link to `usr/bin`, and the base's programs would be gone; a copy follows the link.
 */
function onto(
  { add }: Site,
  step: { readonly id: string; readonly title: string },
  base: Tree,
  binaries: readonly Binary[],
): Tree {
  return binaries.reduce(
    (below, binary, index) =>
      add({
        kind: "files",
        id: index === binaries.length - 1 ? step.id : `${step.id} ${index + 1}`,
        title: step.title,
        on: below,
        actions: placing(binary),
      }),
    base,
  );
}

/** The time of a directory that is made on the way is fixed; the binary has the one that it was linked with. */
function placing({ program: { name, path }, tree }: Binary): readonly FileAction[] {
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
        actions: [
          {
            kind: "copy",
            from,
            source: "/",
            dest: "/",
            contents: true,
            times: "source",
            ...(abilities.replaceOnCopy ? { replace: true } : {}),
          },
        ],
      }),
    lowest,
  );
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
