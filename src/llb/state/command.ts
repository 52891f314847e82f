// What State.run is told as one object, in words in the place of numbers: the other way to say what the options of Go's
// package say. It makes the same bytes.
import { wireNumbers } from "../../proto/index.ts";
import {
  ignoreCache,
  withCustomName,
  withDescription,
  withExportCache,
  withoutExportCache,
} from "../graph/constraints.ts";
import type { ProxyEnv } from "../graph/exec.ts";
import type { HostIP } from "../graph/meta.ts";
import type { MountOption } from "../graph/mount.ts";
import type { Platform } from "../../oci/index.ts";
import { readonlyRootFS, validExitCodes, withProxy } from "./exec.ts";
import {
  addMount,
  asPersistentCacheDir,
  contentCache,
  forceNoOutput,
  readonly,
  sourcePath,
  tmpfs,
  tmpfsSize,
} from "./mount.ts";
import {
  addSecretWithDest,
  addSSHSocket,
  secretAsEnvName,
  secretOptional,
  sshID,
  sshOptional,
  sshSocketTarget,
} from "./secret.ts";
import { type RunOption, scratch, type State } from "./state.ts";

/** A process and all that it sees. What is left out is as the state says, or as BuildKit has it. */
export interface Command {
  /** One argument an element; nothing is parsed by a shell. */
  readonly args: readonly string[];
  /** Added to the state's, in this order: by name, or as pairs of name and value. */
  readonly env?: Readonly<Record<string, string>> | readonly Variable[] | undefined;
  /** The working directory; a relative one is joined to the state's. */
  readonly dir?: string | undefined;
  /** `user[:group]`, by name or id. */
  readonly user?: string | undefined;
  readonly platform?: Platform | undefined;
  /** `host` needs the entitlement `network.host`. */
  readonly network?: "sandbox" | "host" | "none" | undefined;
  /** `insecure` needs the entitlement `security.insecure`. */
  readonly security?: "sandbox" | "insecure" | undefined;
  /** The process cannot write outside of its mounts; default false. */
  readonly readonlyRoot?: boolean | undefined;
  readonly mounts?: readonly CommandMount[] | undefined;
  /** Secrets as environment variables, by the variable's name; files are mounts. */
  readonly secretEnv?:
    | Readonly<Record<string, { readonly id: string; readonly optional?: boolean | undefined }>>
    | undefined;
  /** Lines of /etc/hosts. */
  readonly hosts?: readonly HostIP[] | undefined;
  /** Proxy variables; they do not change the cache key. */
  readonly proxy?: ProxyEnv | undefined;
  /** Exit codes that count as success; default 0. */
  readonly exitCodes?: readonly number[] | undefined;
  /** The name of the step in progress output and in errors. */
  readonly name?: string | undefined;
  /** More texts that BuildKit keeps with the op, by their keys; they do not change the cache key. */
  readonly description?: Readonly<Record<string, string>> | undefined;
  /** Runs even when the result is cached; default false. */
  readonly ignoreCache?: boolean | undefined;
  /** Whether the result goes into a cache export; default: as the export is configured. */
  readonly exportCache?: boolean | undefined;
}

/** Something at a path of the process; `at` is absolute, or relative to the working directory. */
export type CommandMount =
  | TreeMount
  | {
      readonly kind: "cache";
      readonly at: string;
      /** Global to the daemon. */
      readonly id: string;
      /** Default `shared`. */
      readonly sharing?: "shared" | "private" | "locked" | undefined;
      /** What an empty cache starts with. */
      readonly from?: State | undefined;
      readonly keyedBy?: KeyedBy | undefined;
    }
  | { readonly kind: "memory"; readonly at: string; readonly bytes?: number | bigint | undefined }
  | {
      readonly kind: "secret";
      readonly at: string;
      readonly id: string;
      readonly optional?: boolean | undefined;
    }
  | {
      readonly kind: "agent";
      readonly at: string;
      readonly id: string;
      readonly optional?: boolean | undefined;
    };

/** Files of a state. `keep`, the default, makes what is there afterwards an output, which ExecState.getMount gives. */
interface TreeMount {
  readonly kind: "tree";
  readonly at: string;
  /** Default: an empty tree. */
  readonly from?: State | undefined;
  /** Only this path of it. */
  readonly path?: string | undefined;
  readonly access?: "keep" | "read" | "discard" | undefined;
  readonly keyedBy?: KeyedBy | undefined;
}

/** What of a mount decides about cache hits: what it was made of, or what is in it; default: as BuildKit has it. */
type KeyedBy = "definition" | "content";

type Variable = readonly [name: string, value: string];

const isList = (env: Readonly<Record<string, string>> | readonly Variable[]): env is readonly Variable[] =>
  Array.isArray(env);

/** Runs a process: `state.run(command({ args: ["go", "version"], network: "none" }))`. */
export function command(request: Command): RunOption {
  const options = [...optionsOf(request), ...(request.mounts ?? []).map(mountOf)];
  return (info) => {
    info.state = processState(info.state, request);
    for (const option of options) option(info);
  };
}

/** What the process takes from its state. */
function processState(
  state: State,
  { args, env = {}, dir, user, platform, network, security, hosts = [] }: Command,
): State {
  const variables = isList(env) ? env : Object.entries(env);
  let made = state.args(args);
  for (const [name, value] of variables) made = made.addEnv(name, value);
  if (dir !== undefined) made = made.dir(dir);
  if (user !== undefined) made = made.user(user);
  if (platform !== undefined) made = made.platform(platform);
  if (network !== undefined) made = made.network(wireNumbers.network[network]);
  if (security !== undefined) made = made.security(wireNumbers.security[security]);
  return hosts.reduce((before, { host, ip }) => before.addExtraHost(host, ip), made);
}

function optionsOf(request: Command): readonly RunOption[] {
  const { readonlyRoot, proxy, exitCodes, name, description, exportCache, secretEnv = {} } = request;
  return [
    ...(readonlyRoot === true ? [readonlyRootFS] : []),
    ...(proxy === undefined ? [] : [withProxy(proxy)]),
    ...(exitCodes === undefined ? [] : [validExitCodes(...exitCodes)]),
    ...(name === undefined ? [] : [withCustomName(name)]),
    ...(description === undefined ? [] : [withDescription(description)]),
    ...(request.ignoreCache === true ? [ignoreCache] : []),
    ...(exportCache === undefined ? [] : [exportCache ? withExportCache : withoutExportCache]),
    ...Object.entries(secretEnv).map(([variable, { id, optional }]) =>
      addSecretWithDest(
        id,
        undefined,
        secretAsEnvName(variable),
        ...(optional === true ? [secretOptional] : []),
      ),
    ),
  ];
}

function mountOf(mount: CommandMount): RunOption {
  switch (mount.kind) {
    case "tree":
      return addMount(
        mount.at,
        mount.from ?? scratch(),
        ...(mount.path === undefined ? [] : [sourcePath(mount.path)]),
        ...accessed(mount.access),
        ...keyed(mount.keyedBy),
      );
    case "cache":
      return addMount(
        mount.at,
        mount.from ?? scratch(),
        asPersistentCacheDir(mount.id, wireNumbers.sharing[mount.sharing ?? "shared"]),
        ...keyed(mount.keyedBy),
      );
    case "memory":
      return addMount(
        mount.at,
        scratch(),
        tmpfs(...(mount.bytes === undefined ? [] : [tmpfsSize(mount.bytes)])),
      );
    case "secret":
      return addSecretWithDest(mount.id, mount.at, ...(mount.optional === true ? [secretOptional] : []));
    case "agent":
      return addSSHSocket(
        sshID(mount.id),
        sshSocketTarget(mount.at),
        ...(mount.optional === true ? [sshOptional] : []),
      );
  }
}

function accessed(access: TreeMount["access"]): readonly MountOption[] {
  switch (access) {
    case "read":
      return [readonly];
    case "discard":
      return [forceNoOutput];
    case "keep":
    case undefined:
      return [];
  }
}

function keyed(by: KeyedBy | undefined): readonly MountOption[] {
  switch (by) {
    case "definition":
      return [contentCache(wireNumbers.contentCache.off)];
    case "content":
      return [contentCache(wireNumbers.contentCache.on)];
    case undefined:
      return [];
  }
}
