export { ensureBuildxBuilder, type BuildxBuilder } from "./buildx.ts";
export { externalBuilder, systemCaBundle, type ExternalBuilder } from "./external.ts";
export { debianPrograms, fetchDebianPrograms } from "./debian-programs.ts";
export { upEngine, type EnginePrograms } from "./engine.ts";
export { findBuilder, type Engine, type FoundBuilder, type Search } from "./found-builder.ts";
export { hostOf, mirrorReference, unreachableHosts } from "./mirrors.ts";
export { cacheFolder, downloadsFolder, rigNames } from "./paths.ts";
export {
  endCommands,
  isEnding,
  onInterrupt,
  runCommand,
  runWithProgress,
  type CommandOptions,
  type CommandResult,
} from "./process.ts";
export { ensureEmulator } from "./qemu.ts";
export { quickTools, toolsAtHand, type ToolKit } from "./quick-tools.ts";
export { fetchReleased } from "./released.ts";
export { ensureRegistry, runningRegistry, stopRegistry } from "./registry.ts";
export { attach, up, type UpOptions } from "./rig.ts";
export { ensureRunc } from "./runc.ts";
export { status, type RigStatus } from "./status.ts";
export { down, reset } from "./stop.ts";
export { folderEntries, tarBlocks, type TarEntry } from "./standins/tar.ts";
export { prepareStandIns, provideStandIns } from "./standins/index.ts";
export { logToStderr, rigError, type Log } from "./text.ts";
export { startThrottle, type Throttle } from "./throttle.ts";
export { compiledTools, ensureTools, missingTools, type Tools } from "./tools.ts";
export type { RigInstance } from "./types.ts";
export { copyWritable } from "./writable.ts";
export { defaultTools, frontendImage, toolRecipes, type ToolName } from "./versions.ts";
export { ensureDockerCommand, ensureEngine, type EngineKit, type EngineRelease } from "./engines.ts";
export { ensureBuildkitd, hasBuildkitd, oldestBuildkitd } from "./buildkit-releases.ts";
