export { ensureBuildxBuilder, type BuildxBuilder } from "./buildx.ts";
export { mirrorReference } from "./mirrors.ts";
export { cacheFolder } from "./paths.ts";
export { runCommand, runWithProgress, type CommandOptions, type CommandResult } from "./process.ts";
export { down, reset, rigNames, status, up, type RigStatus, type UpOptions } from "./rig.ts";
export { logToStderr, rigError, type Log } from "./text.ts";
export { ensureTools, type Tools } from "./tools.ts";
export type { RigInstance } from "./types.ts";
export { defaultTools, frontendImage, toolRecipes, type ToolName } from "./versions.ts";
