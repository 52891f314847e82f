export { named } from "./name.ts";
export { includedPaths } from "./patterns.ts";
export { allowOwnOps } from "./allow.ts";
export { buildGraph, buildPreparation } from "./build.ts";
export { missingCapabilities } from "./missing.ts";
export { LISTING_FILE } from "./packages.ts";
export { CA_SECRET } from "./modules.ts";
export type {
  ContainerConfig,
  Graph,
  GraphSettings,
  HistoryEntry,
  ImageConfig,
  PlatformResult,
  Preparation,
  Resolved,
  ResolvedImage,
  SourceContext,
  Stage,
} from "./types.ts";
