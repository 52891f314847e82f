import type { Tools } from "./tools.ts";

/** A running rig: one buildkitd and the registry it mirrors from. */
export interface RigInstance {
  readonly name: string;
  /** `unix://…`, as BUILDKIT_HOST and `buildctl --addr` take it. */
  readonly buildkitHost: string;
  /** `localhost:PORT`, plain http, as part of an image reference. */
  readonly registry: string;
  /** The registries answered by the loopback registry, because they cannot be reached. */
  readonly mirrored: readonly string[];
  readonly stateDir: string;
  /** buildkitd's own log. */
  readonly logFile: string;
  readonly pid: number;
  readonly tools: Tools;
  /** BUILDKIT_HOST, BUILDX_CONFIG, PATH with the tools first, GO_FRONTEND_REGISTRY. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether this call started the daemon (false: it was running). */
  readonly started: boolean;
  /** For `ephemeral`: ends this process's use, and the daemon with its last user. Otherwise does nothing. */
  readonly release: () => Promise<void>;
}
