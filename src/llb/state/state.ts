// A state: a file tree that some op yields, and how a process run on it would be started.
// States are immutable; every method returns another one (moby/buildkit:client/llb/state.go).
import {
  applyConstraints,
  emptyConstraints,
  type ConstraintsOpt,
  type HasConstraints,
} from "../graph/constraints.ts";
import type { EnvList } from "../graph/env.ts";
import type { CDIDeviceInfo, ProxyEnv, SecretInfo, SSHInfo } from "../graph/exec.ts";
import {
  initialMeta,
  type NetMode,
  type SecurityMode,
  type StateMeta,
  type UlimitName,
} from "../graph/meta.ts";
import type { ExecVertex, FileVertex, Mount, Output } from "../graph/vertex.ts";
import type { Definition } from "../marshal/definition.ts";
import { marshalOutput, type MarshalOption } from "../marshal/marshal.ts";
import { LlbError } from "../names/errors.ts";
import { compareUtf8 } from "../../proto/index.ts";
import { isAbs, join } from "../names/path.ts";
import { normalizePlatform, type Platform } from "../../oci/index.ts";
import { bindAction, type FileAction } from "./file.ts";
import { readImageConfig } from "./image-config.ts";
import { mountOutput, newMount } from "../graph/mount.ts";
import { newPassthroughOp } from "./passthrough.ts";

/** A change of a state, for State.with and State.run; it replaces `target.state`. */
export type StateOption = (target: { state: State }) => void;

/** What run options fill in. */
export interface ExecInfo extends HasConstraints {
  state: State;
  mounts: readonly Mount[];
  readonlyRootFS: boolean;
  proxyEnv: ProxyEnv | undefined;
  secrets: readonly SecretInfo[];
  ssh: readonly SSHInfo[];
  cdiDevices: readonly CDIDeviceInfo[];
}

/** An option of State.run. Constraint options and state options are run options too. */
export type RunOption = (info: ExecInfo) => void;

/** The state of an output with nothing else set: dir `/`, and the output's platform. Go's NewState. */
export function newState(output: Output | undefined): State {
  return new State(undefined, initialMeta).withOutput(output);
}

/** The empty file tree. */
export const scratch = (): State => newState(undefined);

/** A file tree, and how a process on it would be started. It never changes: every method returns another state. */
export class State {
  /** The file tree; undefined is scratch. */
  readonly output: Output | undefined;
  /** How a process would be started. */
  readonly meta: StateMeta;
  readonly #marshalDefaults: readonly MarshalOption[];

  /** For this library; use scratch(), image(), local() and the like, or newState(output). */
  constructor(output: Output | undefined, meta: StateMeta, marshalDefaults: readonly MarshalOption[] = []) {
    this.output = output;
    this.meta = meta;
    this.#marshalDefaults = marshalDefaults;
  }

  // -------------------------------------------------------------- ops

  /**
   * Runs a command on this file tree.
   *
   * @returns the tree afterwards; its root() is the state itself, getMount the other outputs.
   */
  run(...options: readonly RunOption[]): ExecState {
    const info: ExecInfo = {
      constraints: emptyConstraints,
      state: this,
      mounts: [],
      readonlyRootFS: false,
      proxyEnv: undefined,
      secrets: [],
      ssh: [],
      cdiDevices: [],
    };
    for (const option of options) option(info);
    const root: Mount = { ...newMount("/", info.state.output, []), readonly: info.readonlyRootFS };
    const mounts = [root, ...info.mounts];
    const vertex: ExecVertex = {
      kind: "exec",
      meta: info.state.meta,
      proxyEnv: info.proxyEnv,
      mounts,
      encodedMounts: mounts.toSorted((a, b) => compareUtf8(a.target, b.target)),
      secrets: info.secrets,
      ssh: info.ssh,
      cdiDevices: info.cdiDevices,
      constraints: info.constraints,
    };
    // What options set for the process, such as env, stays with the process: the state keeps its own.
    const rootState = this.withOutput(mountOutput(vertex, root));
    return new ExecState(rootState.output, rootState.meta, vertex);
  }

  /** Changes files without running anything. */
  file(action: FileAction, ...constraints: readonly ConstraintsOpt[]): State {
    const vertex: FileVertex = {
      kind: "file",
      action: bindAction(action, { output: this.output, dir: this.meta.dir }),
      constraints: applyConstraints(constraints),
    };
    return this.withOutput({ vertex, platform: undefined, index: 0 });
  }

  /**
   * This state, once the others are built too, although nothing of them is in it.
   *
   * @param id names the edge; not empty.
   */
  requires(id: string, ...dependencies: readonly State[]): State {
    if (dependencies.length === 0) return this;
    const inputs = [
      { state: this as State, output: true },
      ...dependencies.map((state) => ({ state, output: false })),
    ];
    return this.withOutput(newPassthroughOp(id, inputs).outputAt(0));
  }

  // -------------------------------------------------------------- what processes find

  /** Sets an environment variable; setting it again moves it to the end. */
  addEnv(key: string, value: string): State {
    return this.withMeta({ env: this.meta.env.addOrReplace(key, value) });
  }
  /** The working directory; a relative one is joined to the one before. */
  dir(path: string): State {
    const { dir } = this.meta;
    return this.withMeta({ dir: isAbs(path) ? path : join(dir === "" ? "/" : dir, path) });
  }
  /** `user[:group]`, by name or id. */
  user(name: string): State {
    return this.withMeta({ user: name });
  }
  hostname(name: string): State {
    return this.withMeta({ hostname: name });
  }
  /** Records a platform, normalised; ops run on the state take it unless told otherwise. */
  platform(value: Platform): State {
    return this.withMeta({ platform: normalizePlatform(value) });
  }
  network(mode: NetMode): State {
    return this.withMeta({ network: mode });
  }
  security(mode: SecurityMode): State {
    return this.withMeta({ security: mode });
  }
  /** Adds a line to /etc/hosts. */
  addExtraHost(host: string, ip: string): State {
    return this.withMeta({ extraHosts: [...this.meta.extraHosts, { host, ip }] });
  }
  /** Limits a resource of the process, as ulimit does. */
  addUlimit(name: UlimitName, soft: number | bigint, hard: number | bigint): State {
    return this.withMeta({ ulimits: [...this.meta.ulimits, { name, soft, hard }] });
  }
  withCgroupParent(parent: string): State {
    return this.withMeta({ cgroupParent: parent });
  }
  /** The default command, for run without args. */
  args(list: readonly string[]): State {
    return this.withMeta({ args: [...list] });
  }

  /**
   * Takes env, working directory and platform of an image config; not user, entrypoint or cmd.
   *
   * @throws LlbError when it is no JSON object of that shape.
   */
  withImageConfig(config: Uint8Array | string): State {
    const { env, workingDir, platform } = readImageConfig(config);
    const state = env
      .reduce((before: State, [key, value]) => before.addEnv(key, value), this)
      .dir(workingDir);
    return platform === undefined ? state : state.platform(platform);
  }

  getEnv(key: string): string | undefined {
    return this.meta.env.get(key);
  }
  env(): EnvList {
    return this.meta.env;
  }
  getDir(): string {
    return this.meta.dir;
  }
  getArgs(): readonly string[] {
    return this.meta.args;
  }
  getUser(): string {
    return this.meta.user;
  }
  getHostname(): string {
    return this.meta.hostname;
  }
  getPlatform(): Platform | undefined {
    return this.meta.platform;
  }
  getNetwork(): NetMode {
    return this.meta.network;
  }
  getSecurity(): SecurityMode {
    return this.meta.security;
  }

  // -------------------------------------------------------------- states from states

  /** Applies state options in order. */
  with(...options: readonly StateOption[]): State {
    const target = { state: this as State };
    for (const option of options) option(target);
    return target.state;
  }

  /** Attaches a value of your own under a key of your own. */
  withValue(key: unknown, value: unknown): State {
    return this.withMeta({ values: { parent: this.meta.values, key, value } });
  }

  /** The value attached last under the key. */
  value(key: unknown): unknown {
    for (let node = this.meta.values; node !== undefined; node = node.parent) {
      if (node.key === key) return node.value;
    }
    return undefined;
  }

  /** These files with what `other` carries; the platform of the files wins. */
  reset(other: State): State {
    const platform = this.output?.platform;
    // As in Go, a state without a platform of its own starts at `/` again.
    return platform === undefined
      ? new State(this.output, { ...other.meta, dir: "/" })
      : new State(this.output, other.meta).platform(platform);
  }

  /** What this state carries on another file tree. */
  withOutput(output: Output | undefined): State {
    const state = new State(output, this.meta);
    return output?.platform === undefined ? state : state.platform(output.platform);
  }

  /** @internal */
  withMeta(change: Partial<StateMeta>): State {
    return new State(this.output, { ...this.meta, ...change });
  }

  // -------------------------------------------------------------- marshalling

  /** Options that marshal of this very state applies before its own; lost on states made from it. */
  setMarshalDefaults(...options: readonly MarshalOption[]): State {
    return new State(this.output, this.meta, options);
  }

  /**
   * Encodes the graph this state ends.
   *
   * @throws LlbError for what BuildKit would refuse, naming op and option; MissingCapsError and
   *   OpNotAllowedError when withCaps or allowOps was given.
   */
  marshal(...options: readonly MarshalOption[]): Definition {
    return marshalOutput(this.output, [...this.#marshalDefaults, ...options]);
  }

  /** Marshals and throws the result away: the errors of marshal, earlier. */
  validate(...options: readonly MarshalOption[]): void {
    this.marshal(...options);
  }
}

/** The state after a process ran, and the door to what it left in its mounts. */
export class ExecState extends State {
  readonly #vertex: ExecVertex;

  /** For this library; State.run makes these. */
  constructor(output: Output | undefined, meta: StateMeta, vertex: ExecVertex) {
    super(output, meta);
    this.#vertex = vertex;
  }

  /** The root file system afterwards, which is also what this state is. */
  root(): State {
    return new State(this.output, this.meta);
  }

  /**
   * What is in the mount at `dest` afterwards; the unchanged source for a read-only one.
   *
   * @throws LlbError when nothing is mounted there. (Go returns scratch.)
   */
  getMount(dest: string): State {
    const mount = this.#vertex.mounts.find(({ target }) => target === dest);
    if (mount === undefined) {
      throw new LlbError("exec", "getMount", `nothing is mounted at ${JSON.stringify(dest)}`);
    }
    return newState(mountOutput(this.#vertex, mount));
  }
}
