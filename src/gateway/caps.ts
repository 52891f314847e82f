import { GatewayError } from "./errors.ts";
import { Code } from "./transport.ts";

/** One capability of the build server, as `Ping` tells it (moby/buildkit:util/apicaps/pb/caps.proto). */
export interface Cap {
  readonly id: string;
  readonly enabled: boolean;
  readonly deprecated: boolean;
  readonly disabledReason: string;
  readonly disabledReasonMessage: string;
  readonly disabledAlternative: string;
}

/** What the build server can do. A capability that is listed but disabled counts as missing. */
export interface Caps {
  has(id: string): boolean;
  /** The entry, disabled ones included. */
  get(id: string): Cap | undefined;
  /** Enabled ones, sorted. */
  readonly ids: readonly string[];
  /**
   * Throws one `GatewayError` (Unimplemented) that names every missing capability, what needs it,
   * and the BuildKit release that has it where that is known.
   */
  require(needs: readonly Need[]): void;
}

/** A capability, and what for. */
export interface Need {
  readonly id: string;
  /** What needs it, in the user's words: "reading a directory". */
  readonly feature: string;
}

/**
 * `minimum` stands in for an absent list: a server whose `Ping` lists no capabilities yet
 * (moby/buildkit:frontend/gateway/grpcclient/client.go, defaultCaps and defaultLLBCaps; both frozen).
 */
export function createCaps(caps: readonly Cap[], minimum: readonly string[]): Caps {
  const all = new Map((caps.length > 0 ? caps : minimum.map(enabledCap)).map((cap) => [cap.id, cap]));
  const has = (id: string): boolean => all.get(id)?.enabled === true;
  return {
    has,
    get: (id) => all.get(id),
    ids: [...all.values()]
      .filter((cap) => cap.enabled)
      .map((cap) => cap.id)
      .sort(),
    require(needs) {
      const missing = needs.filter((need) => !has(need.id));
      if (missing.length === 0) return;
      const lines = missing.map(
        ({ id, feature }) => `${feature} needs the capability ${id}, ${reason(id, all.get(id))}`,
      );
      throw new GatewayError(lines.join("\n"), { code: Code.Unimplemented });
    },
  };
}

function reason(id: string, cap: Cap | undefined): string {
  if (cap !== undefined) {
    const why = cap.disabledReasonMessage || cap.disabledReason;
    return `which is disabled on this builder${why === "" ? "" : `: ${why}`}${cap.disabledAlternative === "" ? "" : ` (use ${cap.disabledAlternative})`}`;
  }
  const release = capReleases[id];
  return `which this builder does not have${release === undefined ? "" : ` (BuildKit ${release} or newer has it)`}`;
}

const enabledCap = (id: string): Cap => ({
  id,
  enabled: true,
  deprecated: false,
  disabledReason: "",
  disabledReasonMessage: "",
  disabledAlternative: "",
});

export const minimumGatewayCaps: readonly string[] = [
  "solve.base",
  "solve.inlinereturn",
  "resolveimage",
  "readfile",
];

export const minimumLlbCaps: readonly string[] = [
  "source.image",
  "source.local",
  "source.local.unique",
  "source.local.sessionid",
  "source.local.includepatterns",
  "source.local.followpaths",
  "source.local.excludepatterns",
  "source.local.sharedkeyhint",
  "source.git",
  "source.git.keepgitdir",
  "source.git.fullurl",
  "source.http",
  "source.http.checksum",
  "source.http.perm",
  // spelled like this upstream
  "soruce.http.uidgid",
  "source.buildop.llbfilename",
  "exec.meta.base",
  "exec.meta.proxyenv",
  "exec.mount.bind",
  "exec.mount.cache",
  "exec.mount.cache.sharing",
  "exec.mount.selector",
  "exec.mount.tmpfs",
  "exec.mount.secret",
  "constraints",
  "platform",
  "meta.ignorecache",
  "meta.description",
  "meta.exportcache",
];

/**
 * Gateway capabilities by the first release that registers them, read from
 * `frontend/gateway/pb/caps.go` of the releases. Those not named here are in v0.4.0 already.
 */
const capReleases: Readonly<Record<string, string>> = {
  "proto.refarray": "v0.7.0",
  "reference.output": "v0.7.0",
  "frontend.inputs": "v0.7.0",
  "gateway.solve.metadata": "v0.8.0",
  "gateway.exec": "v0.8.0",
  "frontend.caps": "v0.8.0",
  "gateway.solve.evaluate": "v0.8.0",
  "gateway.exec.extrahosts": "v0.10.0",
  "gateway.exec.signals": "v0.10.0",
  "gateway.warnings": "v0.10.0",
  "gateway.evaluate": "v0.11.0",
  "reference.attestations": "v0.11.0",
  "gateway.exec.secretenv": "v0.12.0",
  "source.metaresolver": "v0.13.0",
  "gateway.exec.filesystem": "v0.27.0",
  "source.metaresolver.image.attestations": "v0.28.0",
  "source.metaresolver.http.checksumrequest": "v0.28.0",
};
