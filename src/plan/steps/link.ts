import { visible } from "../../description/index.ts";
import { stepName } from "../labels.ts";
import { PATHS } from "../paths.ts";
import type { Tree, TreeMount } from "../step.ts";
import type { LinkPlan, VariantPlan } from "../types.ts";
import {
  addChosenFiles,
  compileCacheId,
  fipsMounts,
  keptSources,
  moduleMounts,
  type Shared,
  sourceEnv,
  vendorMounts,
  withWorkSum,
} from "./compile.ts";
import { addContext, withAlterations } from "./context.ts";
import { addCoverage } from "./cook.ts";
import { withGenerated } from "./generators.ts";
import { addStrata } from "./own.ts";
import { addTask } from "./helper.ts";
import { profileMounts } from "./profiles.ts";
import { byDefinition, inlineFiles, output, readOnly, type Site, throwAway } from "./site.ts";
import { compileRoot } from "./tools.ts";

/**
 * Compiles a program's packages of the tree, or of a large one what its strata leave, and links it. The step sees
 * the exact files of the program's closure and no others; a README, a test or another program's file is not in its key.
 *
 * The build cache is a cache mount whose first content is the cooked layer: on a builder that starts
 * empty it is that layer, on a warm one it also holds the own packages of earlier builds. Its id and
 * sharing are not part of the step's key (moby/buildkit:solver/llbsolver/ops/exec.go), so both
 * kinds of builder find each other's results: so what the mount may hold is what the key names, and a
 * service of which that cannot be said has none (see docs/architecture.md, "What another build can write").
 *
 * @param cooked the build cache with what is compiled ahead
 * @param twin tells its step from that of another link of the program, where there are two
 * @returns a tree with the binary at {@link binaryPath}
 */
export function addLink(site: Site, shared: Shared, link: LinkPlan, cooked: Tree, twin = ""): Tree {
  const { plan } = site;
  const { program, variant } = link;
  const main = link.argv.at(-1) ?? "";
  const all = withWorkSum(site, addSource(site, variant), shared, variant);
  const ahead = addStrata(site, shared, link, addCoverage(site, shared, variant, cooked), all);
  // BuildKit prints it as it is.
  const id = stepName("build", visible(program.main), variant.id, twin);
  const isOnly = plan.service.programs.length === 1;
  // Without copying by pattern, and of a tree that is sent whole, it sees the files of all programs.
  const seesAll = isOnly || !site.abilities.copyByPattern || program.files.includes(".");
  const files = withGodebug(site, id, link, seesAll ? all : addProgramFiles(site, id, link, all));
  const modules = linkedModules(site, shared, variant);
  const left = addTask(site, shared.helper, {
    id,
    stage: "build",
    title: `[${program.name} ${variant.id}] go build ${main}`,
    at: program.at,
    does: [
      "link",
      `-modules=${link.modules.join(",")}`,
      `-out=${PATHS.output}`,
      `-time=${plan.epoch}`,
      `-failure=${link.failure}`,
      ...(variant.cTools?.link === "static" ? ["-static"] : []),
      ...(link.vcs === undefined ? [] : [`-vcs=${JSON.stringify(link.vcs)}`]),
      "--",
      ...link.argv,
    ],
    env: sourceEnv(variant),
    dir: `${PATHS.source}/${link.dir}`,
    ...compileRoot(site, variant),
    mounts: [
      readOnly(PATHS.source, files),
      ...(isOnly && variant.vendorLinks === undefined ? [] : vendorMounts(site, variant)),
      ...modules,
      ...fipsMounts(variant, modules),
      ...profileMounts(site, shared, variant),
      link.reusable
        ? {
            kind: "cache",
            at: PATHS.buildCache,
            id: compileCacheId(site, link, "build"),
            sharing: "shared",
            tree: ahead,
            ...byDefinition(site),
          }
        : throwAway(site, PATHS.buildCache, ahead),
      output(PATHS.output),
    ],
  });
  return left(PATHS.output);
}

/** Of what the programs of a service read, what one of them does: an edit in another is not in its key. */
function addProgramFiles(site: Site, id: string, { program, variant }: LinkPlan, all: Tree): Tree {
  const title = `[${program.name} ${variant.id}] files`;
  return addChosenFiles(site, id, title, program.files, variant, all);
}

/** The file that decides the program's GODEBUG settings over the one of the tree, for the link alone. */
function withGodebug(site: Site, id: string, { godebug }: LinkPlan, files: Tree): Tree {
  if (godebug === undefined) return files;
  return site.add({
    kind: "files",
    id: `${id} files with godebug`,
    title: `[internal] ${visible(godebug.path)} with godebug lines`,
    on: files,
    actions: [{ kind: "mkfile", path: `/${godebug.path}`, text: godebug.text }],
    exported: false,
  });
}

/** The exact files of the service's programs, and the vendor directory as a whole: go checks it against go.mod. */
function addSource(site: Site, { vendor, vendorLinks, label }: VariantPlan): Tree {
  const { name, files } = site.plan.service;
  const role = `source-${name}`;
  if (vendor === undefined) return addFiles(site, files, role);
  const isOnly = site.plan.service.programs.length === 1;
  if (vendorLinks === undefined && isOnly) return addFiles(site, [...files, vendor], role);
  // Links are followed in a tree of its own, which is mounted here; and of several programs each has its own vendor.
  return site.add({
    kind: "files",
    id: stepName("source", name, label, "with the place of vendor"),
    title: "[internal] place of the vendor directory",
    on: addFiles(site, files, role),
    actions: inlineFiles([], [vendor]),
  });
}

/** Files of the context, with what steps of the description write of the tree. */
function addFiles(site: Site, files: readonly string[], role: string): Tree {
  const needed = [...site.plan.service.programs.flatMap((program) => program.files), ...files];
  const sent = withAlterations(site, addContext(site, files, role), role, needed);
  return withGenerated(site, sent, role, files);
}

/** The other modules for the link step, whose imports are known. */
function linkedModules(site: Site, shared: Shared, variant: VariantPlan): readonly TreeMount[] {
  const { listed } = shared;
  // Where the listing says all, an empty builder pulls the sources of packages that are read, and not whole modules.
  const sources = keptSources(site, shared);
  const usesListing = sources !== undefined || variant.deps?.groups !== undefined;
  return [
    ...(sources === undefined
      ? moduleMounts(site, shared, variant)
      : [throwAway(site, PATHS.moduleCache, sources)]),
    // Nothing reads it there. A cache export holds the steps that a result is made of, and the next empty builder
    // must find the listing in it before it can know the groups.
    ...(listed === undefined || !usesListing ? [] : [readOnly(PATHS.listing, listed.listing)]),
  ];
}
