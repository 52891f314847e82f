import { randomUUID } from "node:crypto";
import { llbBridge, type pb, wireNumbers } from "../proto/index.ts";
import type { Platform } from "../oci/index.ts";
import type { Caps } from "./caps.ts";
import { GatewayError, isConnectionLost } from "./errors.ts";
import { startProcess, type ContainerProcess, type StartRequest } from "./process.ts";
import { toStat, type ReadFileOptions, type Reference, type Stat } from "./reference.ts";
import { invoke, type RequestOptions } from "./rpc.ts";
import { platformMessage } from "./platform-message.ts";
import { Code, type Transport } from "./transport.ts";

/** Go's client.NewContainerRequest. */
export interface NewContainerRequest extends RequestOptions {
  /** The one with `dest: "/"` is the root. Order matters to `mountIndex`. */
  readonly mounts: readonly ContainerMount[];
  readonly hostname?: string | undefined;
  readonly netMode?: "sandbox" | "host" | "none" | undefined;
  readonly extraHosts?: readonly { readonly host: string; readonly ip: string }[] | undefined;
  readonly platform?: Platform | undefined;
  /** Worker filters. */
  readonly constraints?: readonly string[] | undefined;
}

/** Go's client.Mount. */
export interface ContainerMount {
  readonly dest: string;
  /** A path inside the reference. */
  readonly selector?: string | undefined;
  /** What to mount. Without it, and without `resultID`, the mount is an empty directory. */
  readonly ref?: Reference | undefined;
  /** An id out of the `solve` detail of an error, to look at what a failed step left behind. */
  readonly resultID?: string | undefined;
  readonly readonly?: boolean | undefined;
  /** Default: a plain filesystem. */
  readonly type?: "bind" | "cache" | "tmpfs" | "secret" | "ssh" | undefined;
  readonly cache?:
    | { readonly id: string; readonly sharing?: "shared" | "private" | "locked" | undefined }
    | undefined;
  readonly secret?: SecretMount | undefined;
  readonly ssh?: SecretMount | undefined;
}

/** A secret or an ssh agent of the client in a container; the mode is that of its file or socket. */
export interface SecretMount {
  readonly id: string;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  readonly mode?: number | undefined;
  readonly optional?: boolean | undefined;
}

/** A container to run processes in: Go's client.Container. Release it when done. */
export interface Container {
  readonly id: string;
  /**
   * Resolves once the process runs. The first process is the container's init: later ones enter the
   * container, and all end when it ends; nothing can be started after that. buildkitd also ends the
   * whole container when one of its processes fails, so give a process that may fail its own.
   */
  start(request: StartRequest): Promise<ContainerProcess>;
  /** Ends every process and gives the mounts back. Only a process's `wait` reports its failure. */
  release(options?: RequestOptions): Promise<void>;
  /**
   * Reads a file of a mount as it is now. The path is relative to the mount. The whole file travels in
   * one message, so it may have 16 MiB at most: buildkitd ignores ranges here, `offset` and `length`
   * are applied to what it sends.
   */
  readFile(path: string, options?: ReadFileOptions & MountOption): Promise<Uint8Array>;
  /** Lists a directory. buildkitd ignores patterns here, so there is none to give. */
  readDir(path: string, options?: RequestOptions & MountOption): Promise<readonly Stat[]>;
  statFile(path: string, options?: RequestOptions & MountOption): Promise<Stat>;
}

/** `mountIndex` counts the `mounts` of the container from 0, which is the default. */
export interface MountOption {
  readonly mountIndex?: number | undefined;
}

/**
 * Makes a container whose processes the frontend starts itself.
 *
 * @throws GatewayError of a server that lacks an ability which the request needs
 */
export async function newContainer(
  transport: Transport,
  caps: Caps,
  request: NewContainerRequest,
): Promise<Container> {
  const { hostname = "", extraHosts = [], platform, constraints, netMode = "sandbox" } = request;
  caps.require([
    { id: "gateway.exec", feature: "running a process from the frontend" },
    ...(extraHosts.length > 0
      ? [{ id: "gateway.exec.extrahosts", feature: "extra hosts of a container" }]
      : []),
  ]);
  // runc takes letters and digits only.
  const id = randomUUID().replaceAll("-", "");
  await invoke(
    transport,
    llbBridge.NewContainer,
    {
      ContainerID: id,
      Mounts: request.mounts.map(mountMessage),
      Network: wireNumbers.network[netMode],
      ...(platform === undefined ? {} : { platform: platformMessage(platform) }),
      ...(constraints === undefined ? {} : { constraints: { filter: [...constraints] } }),
      extraHosts: extraHosts.map(({ host, ip }) => ({ Host: host, IP: ip })),
      hostname,
    },
    request,
  );
  let processFailed = false;
  let released = false;
  const failedProcess = (error: unknown): never => {
    processFailed = true;
    throw error;
  };
  const requireFiles = (): void =>
    caps.require([{ id: "gateway.exec.filesystem", feature: "reading a container's files" }]);
  return {
    id,
    async start(start) {
      if (released) throw new GatewayError(`container ${id} was released`, { code: Code.NotFound });
      const process = await startProcess(transport, caps, id, start).catch(failedProcess);
      process.wait().catch(() => (processFailed = true));
      return process;
    },
    async release(options) {
      released = true;
      await invoke(transport, llbBridge.ReleaseContainer, { ContainerID: id }, options).catch(
        (error: unknown) => {
          // It is released all the same; buildkitd repeats the failure of a process here
          // (moby/buildkit:frontend/gateway/container/container.go, Release).
          if (!processFailed || isConnectionLost(error)) throw error;
        },
      );
    },
    async readFile(path, { mountIndex = 0, offset = 0, length = Number.POSITIVE_INFINITY, ...options } = {}) {
      requireFiles();
      const message = { Ref: id, FilePath: absolute(path), MountIndex: mountIndex };
      const { Data: data } = await invoke(transport, llbBridge.ReadFileContainer, message, options);
      return data.subarray(offset, offset + length);
    },
    async readDir(path, { mountIndex = 0, ...options } = {}) {
      requireFiles();
      const message = { Ref: id, DirPath: absolute(path), MountIndex: mountIndex };
      return (await invoke(transport, llbBridge.ReadDirContainer, message, options)).entries.map(toStat);
    },
    async statFile(path, { mountIndex = 0, ...options } = {}) {
      requireFiles();
      const message = { Ref: id, Path: absolute(path), MountIndex: mountIndex };
      return toStat((await invoke(transport, llbBridge.StatFileContainer, message, options)).stat);
    },
  };
}

/** Relative paths are refused there (moby/buildkit:frontend/gateway/container/container.go, relpath). */
const absolute = (path: string): string => (path.startsWith("/") ? path : `/${path}`);

/** Default modes as in moby/buildkit:client/llb/exec.go. */
const SECRET_MODE = 0o400;
const SSH_MODE = 0o600;

function mountMessage(mount: ContainerMount): pb.Mount.$Properties {
  const { dest, selector = "", ref, resultID, readonly = false, type = "bind", cache, secret, ssh } = mount;
  return {
    dest,
    selector,
    readonly,
    mountType: wireNumbers.mountType[type],
    resultID: ref?.id ?? resultID ?? "",
    ...(cache === undefined
      ? {}
      : { cacheOpt: { ID: cache.id, sharing: wireNumbers.sharing[cache.sharing ?? "shared"] } }),
    ...(secret === undefined ? {} : { secretOpt: secretMessage(secret, SECRET_MODE) }),
    ...(ssh === undefined ? {} : { SSHOpt: secretMessage(ssh, SSH_MODE) }),
  };
}

const secretMessage = (
  { id, uid = 0, gid = 0, mode, optional = false }: SecretMount,
  defaultMode: number,
) => ({
  ID: id,
  uid,
  gid,
  mode: mode ?? defaultMode,
  optional,
});
