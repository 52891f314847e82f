// The capabilities of LLB: which release of BuildKit has which, and what each is for. An op says
// in its metadata what it needs; a daemon refuses a graph with one it does not know.
import type { Constraints } from "./constraints.ts";
import { MissingCapsError } from "../names/errors.ts";

/** What a capability is for, and the first release that registers it (v0.3.0 stands for any older one too). */
export interface CapInfo {
  readonly feature: string;
  readonly since: string;
}

// Read from solver/pb/caps.go of every minor release up to v0.32.
const table: Readonly<Record<string, readonly [since: string, feature: string]>> = {
  "cache.azblob": ["v0.11.0", "remote cache on Azure blobs"],
  "cache.gha": ["v0.9.0", "remote cache of GitHub Actions"],
  "cache.s3": ["v0.11.0", "remote cache on S3"],
  constraints: ["v0.3.0", "worker constraints"],
  diffop: ["v0.10.0", "diff"],
  "exec.cgroup": ["v0.3.0", "cgroups mounted in containers"],
  "exec.meta.base": ["v0.3.0", "running a command (State.run)"],
  "exec.meta.cdi": ["v0.20.0", "CDI devices (addCDIDevice)"],
  "exec.meta.cgroup.parent": ["v0.10.0", "a parent cgroup (withCgroupParent)"],
  "exec.meta.linux.resources": ["v0.31.0", "CPU and memory limits (memoryLimit, cpuQuota …)"],
  "exec.meta.network": ["v0.3.0", "the network mode of a command (network)"],
  "exec.meta.network.proxy": ["v0.31.0", "the daemon's proxy network"],
  "exec.meta.proxyenv": ["v0.3.0", "proxy variables outside the cache key (withProxy)"],
  "exec.meta.security": ["v0.5.0", "the security mode of a command (security)"],
  "exec.meta.security.devices.v1": ["v0.7.0", "devices of privileged commands"],
  "exec.meta.setsdefaultpath": ["v0.3.0", "a default PATH"],
  "exec.meta.ulimit": ["v0.10.0", "ulimits (addUlimit)"],
  "exec.mount.bind": ["v0.3.0", "mounting a state (addMount)"],
  "exec.mount.bind.readwrite-nooutput": ["v0.7.0", "a writable mount without output (forceNoOutput)"],
  "exec.mount.cache": ["v0.3.0", "cache mounts (asPersistentCacheDir)"],
  "exec.mount.cache.content": ["v0.13.0", "choosing content-based caching of a mount (contentCache)"],
  "exec.mount.cache.sharing": ["v0.3.0", "the sharing mode of cache mounts"],
  "exec.mount.secret": ["v0.3.0", "secrets (addSecret)"],
  "exec.mount.selector": ["v0.3.0", "mounting a path of a state (sourcePath)"],
  "exec.mount.ssh": ["v0.3.0", "ssh agent sockets (addSSHSocket)"],
  "exec.mount.tmpfs": ["v0.3.0", "tmpfs mounts (tmpfs)"],
  "exec.mount.tmpfs.size": ["v0.10.0", "the size of a tmpfs mount (tmpfsSize)"],
  "exec.secretenv": ["v0.10.0", "secrets as environment variables (secretAsEnv)"],
  "exec.validexitcode": ["v0.17.0", "other exit codes than 0 as success (validExitCodes)"],
  "exporter.image.annotations": ["v0.11.0", "image annotations"],
  "exporter.image.attestations": ["v0.11.0", "attestations"],
  "exporter.multiple": ["v0.13.0", "several exporters"],
  "exporter.session": ["v0.21.0", "exporters of the session"],
  "exporter.sourcedateepoch": ["v0.11.0", "SOURCE_DATE_EPOCH in exporters"],
  "file.base": ["v0.5.0", "file operations (State.file)"],
  "file.copy.alwaysreplaceexistingdestpaths": [
    "v0.14.0",
    "replacing what is at the destination of a copy (alwaysReplaceExistingDestPaths)",
  ],
  "file.copy.includeexcludepatterns": ["v0.9.0", "include and exclude patterns of a copy"],
  "file.copy.requiredpaths": ["v0.26.0", "required paths of a copy"],
  "file.rm.nofollowsymlink": ["v0.10.0", "rm of links, not of what they point to"],
  "file.rm.wildcard": ["v0.7.0", "patterns in rm (withAllowWildcard)"],
  "file.symlink.create": ["v0.19.0", "making symbolic links (symlink)"],
  "gc.freespacefilter": ["v0.17.0", "garbage collection by free space"],
  "history.filter": ["v0.20.0", "filters of the build history"],
  mergeop: ["v0.10.0", "merge"],
  "meta.description": ["v0.3.0", "names and descriptions of steps (withCustomName, withDescription)"],
  "meta.exportcache": ["v0.3.0", "choosing what goes into the cache export (withExportCache)"],
  "meta.ignorecache": ["v0.3.0", "running steps again in spite of the cache (ignoreCache)"],
  passthroughop: ["v0.31.0", "passthrough ops (State.requires)"],
  platform: ["v0.3.0", "op platforms"],
  "soruce.http.uidgid": ["v0.3.0", "the owner of a downloaded file (chown)"],
  "source.buildop.llbfilename": ["v0.3.0", "building a definition that is a file (build)"],
  "source.git": ["v0.3.0", "git repositories (git)"],
  "source.git.bundle": ["v0.30.0", "git history from a bundle (gitBundleURL)"],
  "source.git.checkoutbundle": ["v0.30.0", "a git bundle as the result (gitCheckoutBundle)"],
  "source.git.checksum": ["v0.22.0", "pinning a git commit (gitChecksum)"],
  "source.git.fetchbycommit": ["v0.30.0", "fetching a git commit directly (gitFetchByCommit)"],
  "source.git.fullurl": ["v0.3.0", "git remotes by URL"],
  "source.git.httpauth": [
    "v0.8.0",
    "choosing the secret for git over http (authTokenSecret, authHeaderSecret)",
  ],
  "source.git.keepgitdir": ["v0.3.0", "keeping .git (keepGitDir)"],
  "source.git.knownsshhosts": ["v0.8.0", "known hosts for git over ssh (knownSSHHosts)"],
  "source.git.mountsshsock": ["v0.8.0", "the ssh agent for git (mountSSHSock)"],
  "source.git.mtime": ["v0.29.0", "modification times of git files (gitMTime)"],
  "source.git.signatureverify": ["v0.26.0", "signatures of git commits"],
  "source.git.skipsubmodules": ["v0.24.0", "leaving out git submodules (gitSkipSubmodules)"],
  "source.git.subdir": ["v0.9.0", "one directory of a git repository (gitSubDir)"],
  "source.http": ["v0.3.0", "files of the web (http)"],
  "source.http.auth": ["v0.21.0", "the authorization of a download (authHeaderSecret)"],
  "source.http.checksum": ["v0.3.0", "pinning a download (checksum)"],
  "source.http.header": ["v0.21.0", "request headers of a download (header)"],
  "source.http.perm": ["v0.3.0", "permissions of a downloaded file (chmod)"],
  "source.http.signatureverify": ["v0.28.0", "the signature of a download (verifyPGPSignature)"],
  "source.image": ["v0.3.0", "images (image)"],
  "source.image.checksum": ["v0.25.0", "pinning an image (withImageChecksum)"],
  "source.image.layerlimit": ["v0.11.0", "the first layers of an image (withLayerLimit)"],
  "source.image.resolvemode": ["v0.3.0", "always asking the registry (resolveModeForcePull)"],
  "source.imageblob": ["v0.28.0", "single blobs of a registry or layout (imageBlob, ociLayoutBlob)"],
  "source.local": ["v0.3.0", "directories of the client (local)"],
  "source.local.differ": ["v0.9.0", "how changed local files are found (differ)"],
  "source.local.excludepatterns": ["v0.3.0", "exclude patterns of a local directory"],
  "source.local.followpaths": ["v0.3.0", "following links in a local directory (followPaths)"],
  "source.local.includepatterns": ["v0.3.0", "include patterns of a local directory"],
  "source.local.metadatatransfer": ["v0.21.0", "transferring only metadata (metadataOnlyTransfer)"],
  "source.local.sessionid": ["v0.3.0", "the session of a local directory (sessionID)"],
  "source.local.sharedkeyhint": ["v0.3.0", "sharing transferred local files (sharedKeyHint)"],
  "source.local.unique": ["v0.3.0", "a unique id of a local directory (localUniqueID)"],
  "source.ocilayout": ["v0.11.0", "OCI layouts (ociLayout)"],
  "source.policy": ["v0.11.0", "source policies"],
  "source.policy.session": ["v0.26.0", "source policies of the session"],
};

/** All capabilities that the pinned BuildKit registers; never emit another. */
export const knownCaps: ReadonlyMap<string, CapInfo> = new Map(
  Object.entries(table).map(([cap, [since, feature]]) => [cap, { feature, since }]),
);

/** One entry of the list that Ping returns, or just an id. */
export type CapEntry =
  | string
  | { readonly ID?: string | null | undefined; readonly Enabled?: boolean | null | undefined };

/** The ids that are supported: listed and enabled. */
export function capSet(entries: Iterable<CapEntry>): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const entry of entries) {
    if (typeof entry === "string") ids.add(entry);
    else if (entry.Enabled === true && typeof entry.ID === "string") ids.add(entry.ID);
  }
  return ids;
}

/** The same constraints with more capabilities in their metadata. */
export function addCaps(constraints: Constraints, caps: Iterable<string>): Constraints {
  const { metadata } = constraints;
  return { ...constraints, metadata: { ...metadata, caps: new Set([...metadata.caps, ...caps]) } };
}

/** The error for capabilities that are missing, with the ops that need each. */
export function missingCaps(missing: ReadonlyMap<string, readonly string[]>): MissingCapsError {
  return new MissingCapsError(
    [...missing].map(([cap, ops]) => {
      const info = knownCaps.get(cap);
      return { cap, feature: info?.feature ?? "unknown to this library", since: info?.since, ops };
    }),
  );
}
