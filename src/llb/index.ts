// The LLB library: build graphs for BuildKit in TypeScript, byte for byte as Go's client/llb does.
//
//   const built = image("golang:1.26").run(args(["go", "build", "-o", "/out/app", "."]), network(netModeNone));
//   const bytes = built.root().marshal(linuxAmd64).toBytes();
//
// Names are Go's in camelCase; docs/llb.md has the table.

// States.
export { newState, scratch, ExecState, State, type RunOption, type StateOption } from "./state/state.ts";
export { addEnv, dir, hostname, network, reset, security, stateOption, user } from "./state/state-options.ts";
export { EnvList } from "./graph/env.ts";
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
} from "./graph/meta.ts";

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
} from "./state/source-image.ts";
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
} from "./state/source-local.ts";
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
} from "./state/source-git.ts";
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
} from "./state/source-http.ts";
export { newSource } from "./state/source.ts";

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
} from "./state/exec.ts";
export type { ProxyEnv } from "./graph/exec.ts";
export {
  addMount,
  asPersistentCacheDir,
  contentCache,
  forceNoOutput,
  readonly,
  sourcePath,
  tmpfs,
  tmpfsSize,
  type TmpfsOption,
} from "./state/mount.ts";
export {
  cacheMountLocked,
  cacheMountPrivate,
  cacheMountShared,
  mountContentCacheDefault,
  mountContentCacheOff,
  mountContentCacheOn,
  type CacheMountSharingMode,
  type MountContentCache,
} from "./graph/exec.ts";
export { type MountOption } from "./graph/mount.ts";
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
} from "./state/secret.ts";

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
  type CopyInput,
  type CopyOption,
  type MkdirOption,
  type MkfileOption,
  type RmOption,
  type SymlinkOption,
} from "./state/file.ts";
export type {
  ChmodOpt,
  ChownOpt,
  CopyInfo,
  MkdirInfo,
  MkfileInfo,
  RmInfo,
  SymlinkInfo,
  Timestamp,
  UserOpt,
} from "./graph/file.ts";

// Combining trees.
export { build, diff, merge, newPassthrough, withFilename, type BuildOption } from "./state/merge.ts";
export { newPassthroughOp, type PassthroughInput, type PassthroughOp } from "./state/passthrough.ts";
export type { Output } from "./graph/vertex.ts";

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
  type SourceMap,
} from "./graph/constraints.ts";
export { newSourceMap } from "./state/source-map.ts";

// Marshalling.
export {
  allowOps,
  withCaps,
  type AllowOp,
  type ExecMessage,
  type MarshalOption,
  type OpView,
} from "./marshal/marshal.ts";
export {
  Definition,
  definitionFromBytes,
  definitionFromPB,
  type Location,
  type Source,
  type SourceInfo,
} from "./marshal/definition.ts";
export { command, type Command, type CommandMount } from "./state/command.ts";
export { newDefinitionOp } from "./state/definition-op.ts";
export { capSet, knownCaps, type CapEntry, type CapInfo } from "./graph/caps.ts";
export { LlbError, MissingCapsError, OpNotAllowedError, type MissingCap } from "./names/errors.ts";
export { sha256 } from "./marshal/digest.ts";

export { wireNumbers } from "../proto/index.ts";

// Names and platforms.
export {
  formatPlatform,
  formatPlatformAll,
  formatReference,
  isDigest,
  normalizePlatform,
  parsePlatform,
  parseReference,
  tagNameOnly,
  type Parsed,
  type Platform,
  type Reference,
  type Position,
  type Range,
} from "../oci/index.ts";
export { parseGitURL, type GitURL } from "./names/git-url.ts";

// Looking at definitions.
export { dump, type Json } from "./view/dump.ts";
export { kindColors, toDot } from "./view/dot.ts";
export type { OpMessage } from "./marshal/decode-op.ts";
export { viewDefinition, type GraphView, type InputView, type OpKind, type OpNode } from "./view/view.ts";
