// The LLB library: build graphs for BuildKit in TypeScript, byte for byte as Go's client/llb does.
//
//   const built = image("golang:1.26").run(args(["go", "build", "-o", "/out/app", "."]), network(netModeNone));
//   const bytes = built.root().marshal(linuxAmd64).toBytes();
//
// Names are Go's in camelCase; docs/llb.md has the table.

// States.
export { newState, scratch, ExecState, State, type StateOption } from "./state.ts";
export { addEnv, dir, hostname, network, reset, security, stateOption, user } from "./state-options.ts";
export { EnvList } from "./env.ts";
export {
  netModeHost,
  netModeNone,
  netModeSandbox,
  securityModeInsecure,
  securityModeSandbox,
  ulimitNames,
  type HostIP,
  type NetMode,
  type SecurityMode,
  type Ulimit,
  type UlimitName,
} from "./meta.ts";

// Sources.
export {
  image,
  imageBlob,
  imageBlobOCIStore,
  markImageInternal,
  ociLayerLimit,
  ociLayout,
  ociLayoutBlob,
  ociStore,
  resolveDigest,
  resolveImage,
  resolveModeDefault,
  resolveModeForcePull,
  resolveModePreferLocal,
  withImageChecksum,
  withLayerLimit,
  type ImageBlobOption,
  type ImageMetaResolver,
  type ImageOption,
  type OCILayoutOption,
} from "./source-image.ts";
export {
  diffMetadata,
  diffNone,
  differ,
  excludePatterns,
  followPaths,
  includePatterns,
  local,
  metadataOnlyTransfer,
  sessionID,
  sharedKeyHint,
  type DiffType,
  type LocalOption,
} from "./source-local.ts";
export {
  authTokenSecret,
  git,
  gitAdvice,
  gitAuthHeaderKey,
  gitAuthTokenKey,
  gitBundleOCIStore,
  gitBundleURL,
  gitCheckoutBundle,
  gitChecksum,
  gitFetchByCommit,
  gitMTime,
  gitMTimeCommit,
  gitRef,
  gitSkipSubmodules,
  gitSubDir,
  keepGitDir,
  knownSSHHosts,
  mountSSHSock,
  type GitBundleOption,
  type GitOption,
} from "./source-git.ts";
export {
  authHeaderSecret,
  checksum,
  chmod,
  chown,
  filename,
  header,
  http,
  verifyPGPSignature,
  type FileInfoOption,
  type HTTPHeader,
  type HTTPOption,
  type HTTPSignatureInfo,
} from "./source-http.ts";
export { newSource } from "./source.ts";

// Running commands.
export {
  addExtraHost,
  addUlimit,
  args,
  readonlyRootFS,
  shlex,
  validExitCodes,
  withCgroupParent,
  withProxy,
  type ProxyEnv,
  type RunOption,
} from "./exec.ts";
export {
  addMount,
  asPersistentCacheDir,
  cacheMountLocked,
  cacheMountPrivate,
  cacheMountShared,
  contentCache,
  forceNoOutput,
  mountContentCacheDefault,
  mountContentCacheOff,
  mountContentCacheOn,
  readonly,
  sourcePath,
  tmpfs,
  tmpfsSize,
  type CacheMountSharingMode,
  type MountContentCache,
  type MountOption,
  type TmpfsOption,
} from "./mount.ts";
export {
  addCDIDevice,
  addSecret,
  addSecretWithDest,
  addSSHSocket,
  cdiDeviceName,
  cdiDeviceOptional,
  secretAsEnv,
  secretAsEnvName,
  secretFileOpt,
  secretID,
  secretOptional,
  sshID,
  sshOptional,
  sshSocketOpt,
  sshSocketTarget,
  type CDIDeviceOption,
  type SecretOption,
  type SSHOption,
} from "./secret.ts";

// Files.
export {
  chmodOpt,
  chownOpt,
  copy,
  FileAction,
  mkdir,
  mkfile,
  rm,
  symlink,
  withAllowNotFound,
  withAllowWildcard,
  withCreatedTime,
  withExcludePatterns,
  withParents,
  withUIDGID,
  withUser,
  type ChmodOpt,
  type ChownOpt,
  type CopyInfo,
  type CopyInput,
  type CopyOption,
  type MkdirInfo,
  type MkdirOption,
  type MkfileInfo,
  type MkfileOption,
  type RmInfo,
  type RmOption,
  type SymlinkInfo,
  type SymlinkOption,
  type Timestamp,
  type UserOpt,
} from "./file.ts";

// Combining trees.
export { build, diff, merge, newPassthrough, withFilename, type BuildOption } from "./merge.ts";
export { newPassthroughOp, type PassthroughInput, type PassthroughOp } from "./passthrough.ts";
export type { Output } from "./vertex.ts";

// Options of any op.
export {
  cpuPeriod,
  cpuQuota,
  cpuShares,
  cpusetCpus,
  cpusetMems,
  darwin,
  ignoreCache,
  linuxAmd64,
  linuxArm,
  linuxArm64,
  linuxArmel,
  linuxArmhf,
  linuxPpc64,
  linuxPpc64le,
  linuxRiscv64,
  linuxS390x,
  localUniqueID,
  memoryLimit,
  memorySwapLimit,
  platform,
  progressGroup,
  requireFilters,
  requireFilters as require,
  windows,
  withCustomName,
  withDescription,
  withExportCache,
  withLinuxResources,
  withoutDefaultExportCache,
  withoutExportCache,
  type ConstraintsOpt,
  type LinuxResources,
  type OpMetadata,
} from "./constraints.ts";
export { newSourceMap, type Position, type Range, type SourceMap } from "./source-map.ts";

// Marshalling.
export { allowOps, withCaps, type AllowOp, type MarshalOption, type OpView } from "./marshal.ts";
export {
  Definition,
  definitionFromBytes,
  definitionFromPB,
  type Location,
  type Source,
  type SourceInfo,
} from "./definition.ts";
export { newDefinitionOp } from "./definition-op.ts";
export { capSet, knownCaps, type CapEntry, type CapInfo } from "./caps.ts";
export { LlbError, MissingCapsError, OpNotAllowedError, type MissingCap } from "./errors.ts";
export { sha256 } from "./digest.ts";

// Names and platforms.
export {
  formatPlatform,
  formatPlatformAll,
  normalizePlatform,
  parsePlatform,
  type Platform,
} from "./platform.ts";
export { formatReference, isDigest, parseReference, tagNameOnly, type Reference } from "./reference.ts";
export { parseGitURL, type GitURL } from "./git-url.ts";

// Looking at definitions.
export { dump, type Json } from "./dump.ts";
export { toDot } from "./dot.ts";
export { toSvg } from "./svg.ts";
export { viewDefinition, type GraphView, type InputView, type OpKind, type OpNode } from "./view.ts";
