import { binaryPath } from "../image.ts";
import { PATHS } from "../paths.ts";
import type { Tree } from "../step.ts";
import type { LinkPlan } from "../types.ts";
import { compileEnv } from "./compile.ts";
import { addTask, type Helper } from "./helper.ts";
import { output, readOnly, type Site } from "./site.ts";
import { compileRoot } from "./tools.ts";

/** The image that a dynamic binary runs on, where it is one of a registry. */
export interface Below {
  readonly tree: Tree;
  readonly reference: string;
}

/**
 * What a dynamic binary needs of its image besides itself: its loader and its libraries, from the packages that the C
 * tools are made of. On an image as base nothing: that has to have them, and the build fails where it has not.
 *
 * @returns nothing for a static binary
 */
export function addLibraries(
  site: Site,
  helper: Helper,
  { program, variant }: LinkPlan,
  linked: Tree,
  base: Below | undefined,
): Tree | undefined {
  const { cTools, id: platform } = variant;
  if (cTools?.link !== "dynamic") return undefined;
  const id = `libraries ${program.name} ${platform}`;
  const left = addTask(site, helper, {
    id,
    stage: "build",
    title: `[${program.name} ${platform}] ${base === undefined ? "shared libraries" : `shared libraries of ${base.reference}`}`,
    at: cTools.at,
    does: [
      "libraries",
      `-binary=${PATHS.linked}${binaryPath(program.name)}`,
      ...(base === undefined ? [] : [`-base=${PATHS.base}`, `-named=${base.reference}`]),
      `-out=${PATHS.output}`,
      `-time=${site.plan.epoch}`,
    ],
    env: compileEnv(variant),
    dir: "/tmp",
    ...compileRoot(site, variant),
    mounts: [
      readOnly(PATHS.linked, linked),
      ...(base === undefined ? [] : [readOnly(PATHS.base, base.tree)]),
      output(PATHS.output),
    ],
  });
  return left(PATHS.output);
}
