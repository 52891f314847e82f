/** What a buildkitd of the rig is told; all paths absolute. */
export interface BuildkitSettings {
  readonly root: string;
  readonly socket: string;
  readonly runc: string;
  readonly cgroup: string;
  /** The loopback registry, as `localhost:PORT`; it speaks plain http. */
  readonly registry: string;
  /** Registries that cannot be reached and are therefore answered by the loopback registry. */
  readonly mirrored: readonly string[];
  /** Further `localhost:PORT` registries that speak plain http (throttled views of the first, tests'). */
  readonly plainHttp?: readonly string[];
}

// A JSON string is a TOML basic string for all that occurs in a path.
const quote = (text: string): string => JSON.stringify(text);

/**
 * Where the mirror of a registry keeps an image: docker.io's names at the root, as a docker.io mirror has them,
 * and those of other registries below the registry's name.
 */
export const mirrorPath = (host: string): string => (host === "docker.io" ? "" : `/${host}`);

/** The text of buildkitd.toml (moby/buildkit:docs/buildkitd.toml.md). */
export function buildkitConfig(settings: BuildkitSettings): string {
  const plain = [...new Set([settings.registry, ...(settings.plainHttp ?? [])])];
  return [
    `root = ${quote(settings.root)}`,
    'insecure-entitlements = ["network.host"]',
    "",
    "[grpc]",
    `  address = [${quote(`unix://${settings.socket}`)}]`,
    "",
    "[worker.containerd]",
    "  enabled = false",
    "",
    "[worker.oci]",
    "  enabled = true",
    `  binary = ${quote(settings.runc)}`,
    "  # auto: overlayfs where the state folder's file system can hold one, plain copies elsewhere",
    '  snapshotter = "auto"',
    "  # A step with the default network uses the host's: the rig makes no bridge.",
    '  networkMode = "host"',
    `  defaultCgroupParent = ${quote(settings.cgroup)}`,
    "  gc = true",
    "  # One rule instead of the default ones, which drop cache mounts that were not used for two days.",
    "  [[worker.oci.gcpolicy]]",
    "    all = true",
    '    maxUsedSpace = "40GB"',
    ...plain.flatMap((host) => ["", `[registry.${quote(host)}]`, "  http = true", "  insecure = true"]),
    ...settings.mirrored.flatMap((host) => [
      "",
      `[registry.${quote(host)}]`,
      `  mirrors = [${quote(`${settings.registry}${mirrorPath(host)}`)}]`,
    ]),
    "",
  ].join("\n");
}
