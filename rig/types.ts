import type { Tools } from "./tools.ts";

/** A running rig: one buildkitd and the registry it mirrors from. */
export type RigInstance = Readonly<{
  name: string;
  /** `unix://…`, as BUILDKIT_HOST and `buildctl --addr` take it. */
  buildkitHost: string;
  /** `localhost:PORT`, plain http, as part of an image reference. */
  registry: string;
  /** The registries answered by the loopback registry, because they cannot be reached. */
  mirrored: readonly string[];
  stateDir: string;
  /** buildkitd's own log. */
  logFile: string;
  pid: number;
  tools: Tools;
  /** BUILDKIT_HOST, BUILDX_CONFIG, PATH with the tools first, GO_FRONTEND_REGISTRY. */
  env: Readonly<Record<string, string>>;
  /** Whether this call started the daemon (false: it was running). */
  started: boolean;
  /** For `ephemeral`: ends this process's use, and the daemon with its last user. Otherwise does nothing. */
  release: () => Promise<void>;
}>;
