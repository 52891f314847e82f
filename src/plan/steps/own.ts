// A large service's own packages compiled in strata, before the step that links and with the same flags. Each step sees
// the files of its own packages and those below, taken from what the link step's source holds anyway: nothing is sent
// twice, and an edit above leaves its key as it was.
import { cookCommand, flagsOf } from "../flags.ts";
import { stepName } from "../labels.ts";
import { PATHS } from "../paths.ts";
import type { Tree } from "../step.ts";
import type { LinkPlan, Stratum } from "../types.ts";
import {
  addChosenFiles,
  compileCacheId,
  fipsMounts,
  moduleMounts,
  type Shared,
  sourceEnv,
  vendorMounts,
} from "./compile.ts";
import { addTask } from "./helper.ts";
import { profileMounts } from "./profiles.ts";
import { addedTo, readOnly, type Site } from "./site.ts";
import { compileRoot } from "./tools.ts";

/**
 * @param cooked the build cache that the first stratum adds to
 * @param source what the link step reads
 * @returns the build cache that the link step starts with
 */
export function addStrata(site: Site, shared: Shared, link: LinkPlan, cooked: Tree, source: Tree): Tree {
  const { ownPackages, variant } = link;
  // Without copying by pattern every step would see all files: the link step can as well do it alone.
  if (ownPackages === undefined || !site.abilities.copyByPattern) return cooked;
  return ownPackages.strata.reduce((cache, stratum, index) => {
    const files = ownPackages.strata.slice(0, index + 1).flatMap((below) => below.files);
    const id = stepName(stratum.name, String(index + 1));
    const title = `[${stratum.name}] files of ${index + 1}`;
    const read = addChosenFiles(site, id, title, [...ownPackages.modFiles, ...files], variant, source);
    return addStratum(site, shared, link, stratum, id, cache, read);
  }, cooked);
}

function addStratum(
  site: Site,
  shared: Shared,
  link: LinkPlan,
  { name, packages, reusable }: Stratum,
  id: string,
  cache: Tree,
  read: Tree,
): Tree {
  const { variant } = link;
  const modules = moduleMounts(site, shared, variant);
  const some = `${packages[0] ?? ""}${packages.length > 1 ? ", …" : ""}`;
  const left = addTask(site, shared.helper, {
    id,
    stage: "build",
    title: `[${name}] go build ${packages.length} packages: ${some}`,
    at: site.plan.service.at,
    // Lenient: what cannot be compiled is the link step's error, with its words.
    does: [
      "cook",
      "-lenient",
      ...(reusable ? [`-warm=${PATHS.warm}`, `-modules=${link.modules.join(",")}`] : []),
      "--",
      ...cookCommand(packages, flagsOf(variant)),
    ],
    env: sourceEnv(variant),
    dir: `${PATHS.source}/${link.dir}`,
    ...compileRoot(site, variant),
    mounts: [
      readOnly(PATHS.source, read),
      ...vendorMounts(site, variant),
      // A hint, as every cache mount: on a builder that keeps it, an edit compiles what it touches and no more.
      ...(reusable
        ? [
            {
              kind: "cache",
              at: PATHS.warm,
              id: compileCacheId(site, link, "own"),
              sharing: "locked",
            } as const,
          ]
        : []),
      ...modules,
      ...fipsMounts(variant, modules),
      ...profileMounts(site, shared, variant),
      addedTo(site, PATHS.buildCache, cache),
    ],
  });
  return left(PATHS.buildCache);
}
