export { PATHS, depsCommand, planBuild, stdCommand, stepProfile } from "./plan.ts";
export { goFlags } from "./flags.ts";
export { binaryPath } from "./image.ts";
export { inspect, type Inspected, type InspectedService, type OnToolchain } from "./inspect.ts";
export { groupPackages, type Group, type ListedPackage } from "./groups.ts";
export { groupCommand, refinePlan } from "./refine.ts";
export { targetsOf } from "./targets.ts";
export { STUB_DIR } from "./stub.ts";
export type * from "./types.ts";
