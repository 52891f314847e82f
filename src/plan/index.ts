export { type Learned, planBuild, planEach } from "./plan.ts";
export { PATHS } from "./paths.ts";
export { binaryPath, executableName } from "./image.ts";
export { type Asking, inspect } from "./inspect.ts";
export type { NamedContexts } from "./altered-tree.ts";
export type { Inspected, InspectedService, Stamps } from "./inspected.ts";
export { groupPackages, type Group, type ListedPackage } from "./groups.ts";
export { importedBack, type Listing } from "./listing.ts";
export { EXIT, type Retries, retryScope, type Scope } from "./retry.ts";
export { type Cut, cutterOf, MANY_PACKAGES, type OwnPackages } from "./strata.ts";
export { toolchainNames } from "./toolchain.ts";
export { sourcesFor } from "./sources.ts";
export { isImage } from "./outputs.ts";
export { targetsOf } from "./targets.ts";
export { STUB_DIR } from "./stub.ts";
export type * from "./types.ts";
export type * from "./step.ts";
export {
  type BuilderSettings,
  type ContainerConfig,
  type HistoryEntry,
  type ImageConfig,
  type Resolved,
  type ResolvedImage,
  type Stage,
  unresolved,
} from "./resolved.ts";
export { type Build, type PlatformResult, stepsOf } from "./steps/index.ts";
export { BUSYBOX } from "./delve.ts";
export { generatorSteps } from "./steps/generators.ts";
export type { Generate } from "./generated-trees.ts";
export { CA_SECRET } from "./steps/modules.ts";
export { LISTING_FILE } from "./steps/listing.ts";
export {
  ARGUMENTS,
  argumentsIn,
  type Contents,
  type PlanStage,
  type StageInput,
  stagesOf,
} from "./stages.ts";
export { readListing, savedPlan } from "./saved.ts";
export { explainChanges, type Reason } from "./why.ts";
export type { CommitSource, FindCommit } from "./commit.ts";
export { onceAsked } from "./once-asked.ts";
export { cgoProblems } from "./cgo.ts";
