import { goEnv } from "../flags.ts";
import { PATHS } from "../paths.ts";
import type { Tree } from "../step.ts";
import type { ListingPlan } from "../types.ts";
import { addTask, type Helper } from "./helper.ts";
import { platformFlag } from "./modules.ts";
import { inlineFiles, output, readOnly, type Site, throwAway } from "./site.ts";

/** File in the listing step's result; see {@link addListing}. */
export const LISTING_FILE = "packages.json";

export interface ListedPackages {
  /** A few kilobytes: a builder that has it in its registry cache reads it without pulling the toolchain or a module. */
  readonly listing: Tree;
  /** A module cache with the sources of those packages and no others. */
  readonly sources: Tree;
}

/** Asks the go command which packages of other modules are needed, on every platform. */
export function addListing(site: Site, helper: Helper, modules: Tree, listing: ListingPlan): ListedPackages {
  const source = site.add({
    kind: "files",
    id: "listing files",
    title: "[internal] module files and imports",
    actions: inlineFiles(listing.files),
  });
  const left = addTask(site, helper, {
    id: "listing",
    stage: "deps",
    title: "[deps] go list (packages of other modules)",
    at: site.plan.service.at,
    does: [
      "packages",
      `-out=${PATHS.output}/${LISTING_FILE}`,
      `-keep=${PATHS.listedSources}`,
      `-tags=${listing.tags.join(",")}`,
      `-stub=${listing.stub}`,
      `-modules=${listing.modules.join(",")}`,
      ...listing.platforms.map(platformFlag),
    ],
    env: { ...goEnv({}), GOPROXY: "off", GOCACHE: "/tmp/gocache" },
    dir: `${PATHS.source}/${listing.dir}`,
    mounts: [
      readOnly(PATHS.source, source),
      throwAway(site, PATHS.moduleCache, modules),
      output(PATHS.output),
      output(PATHS.listedSources),
    ],
  });
  return { listing: left(PATHS.output), sources: left(PATHS.listedSources) };
}
