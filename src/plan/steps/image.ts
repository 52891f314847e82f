import { goEnv } from "../flags.ts";
import { binaryPath, executableName, NONROOT, NONROOT_ID } from "../image.ts";
import { PATHS } from "../paths.ts";
import type { ResolvedImage } from "../resolved.ts";
import type { Tree } from "../step.ts";
import type { ImagePlan, PlatformPlan } from "../types.ts";
import { addTask, type Helper } from "./helper.ts";
import { output, type Site } from "./site.ts";

/**
 * Lays the binary on its base, as a layer of its own. Where the builder can merge, nothing is copied: a new base
 * rebuilds nothing, and no base is pulled.
 */
export function addImage(
  site: Site,
  helper: Helper,
  { link, image }: PlatformPlan,
  base: ResolvedImage | undefined,
  binary: Tree,
): Tree {
  const { id, platform } = link.variant;
  const { plan, resolved, add } = site;
  const step = { id: `image ${plan.service.name} ${id}`, title: `[${plan.service.name} ${id}] image` };
  switch (image.base.kind) {
    case "scratch":
      return binary;
    case "static":
      return overlay(site, step, [addRootfs(site, helper, image), binary]);
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
      return overlay(site, step, [below, binary]);
    }
  }
}

/** The binary alone, in the root of the result. */
export function addExecutable({ plan, add }: Site, { link }: PlatformPlan, binary: Tree): Tree {
  const { name } = plan.service;
  const { id, platform } = link.variant;
  return add({
    kind: "files",
    id: `executable ${name} ${id}`,
    title: `[${name} ${id}] executable`,
    actions: [
      {
        kind: "copy",
        from: binary,
        source: binaryPath(name),
        dest: `/${executableName(name, platform)}`,
        times: "epoch",
      },
    ],
  });
}

/**
 * Lays two trees on each other: merged where the builder can, else copied one onto the other. A copy leaves the same
 * layer as a merge does: owners, modes and times are the source's, those of directories that are there already
 * included (tonistiigi/fsutil:copy/copy.go).
 */
function overlay(
  { abilities, add }: Site,
  step: { readonly id: string; readonly title: string },
  [below, above]: readonly [Tree, Tree],
): Tree {
  if (abilities.merge) return add({ kind: "merge", ...step, trees: [below, above] });
  return add({
    kind: "files",
    ...step,
    on: below,
    actions: [
      {
        kind: "copy",
        from: above,
        source: "/",
        dest: "/",
        contents: true,
        times: "source",
        ...(abilities.replaceOnCopy ? { replace: true } : {}),
      },
    ],
  });
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
