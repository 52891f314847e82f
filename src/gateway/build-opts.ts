import type { Platform } from "../oci/index.ts";

/** What BuildKit tells a frontend besides the capabilities: Go's client.BuildOpts. */
export interface BuildOpts {
  /** The client's options (`--opt`, `--build-arg` as `build-arg:…`, …). They come in no order. */
  readonly opts: ReadonlyMap<string, string>;
  /** For `local.session` and `oci.session` attributes. */
  readonly sessionID: string;
  readonly workers: readonly WorkerInfo[];
  /** Name of the product for hints: "docker", "buildkit". */
  readonly product: string;
}

/** A worker of the daemon. */
export interface WorkerInfo {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly platforms: readonly Platform[];
  readonly buildkitVersion?: BuildkitVersion | undefined;
}

export interface BuildkitVersion {
  readonly package: string;
  readonly version: string;
  readonly revision: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const OPTION = "BUILDKIT_FRONTEND_OPT_";

/** Reads the environment as moby/buildkit:frontend/gateway/grpcclient/client.go does (opts, workers, …). */
export function buildOptsFrom(env: Environment): BuildOpts {
  const opts = new Map<string, string>();
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(OPTION) || text === undefined) continue;
    // A key never contains "="; a value may.
    const at = text.indexOf("=");
    opts.set(at < 0 ? text : text.slice(0, at), at < 0 ? "" : text.slice(at + 1));
  }
  return {
    opts,
    sessionID: env["BUILDKIT_SESSION_ID"] ?? "",
    workers: parseWorkers(env["BUILDKIT_WORKERS"] ?? ""),
    product: env["BUILDKIT_EXPORTEDPRODUCT"] ?? "",
  };
}

/** Keys are matched whatever their case: Docker 20.10 wrote `ID` and `Platforms`. Bad JSON is no worker, as in Go. */
function parseWorkers(json: string): readonly WorkerInfo[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    return [];
  }
  if (!Array.isArray(parsed)) return [];
  return parsed.map((entry): WorkerInfo => {
    const worker = lowerKeys(entry);
    const version = lowerKeys(worker["buildkitversion"]);
    return {
      id: text(worker["id"]),
      labels: Object.fromEntries(
        Object.entries(objectOf(worker["labels"])).map(([key, value]) => [key, text(value)]),
      ),
      platforms: (Array.isArray(worker["platforms"]) ? worker["platforms"] : []).map(platformOf),
      ...(version["version"] === undefined
        ? {}
        : {
            buildkitVersion: {
              package: text(version["package"]),
              version: text(version["version"]),
              revision: text(version["revision"]),
            },
          }),
    };
  });
}

function platformOf(value: unknown): Platform {
  const platform = lowerKeys(value);
  const features = platform["os.features"] ?? platform["osfeatures"];
  const version = text(platform["os.version"] ?? platform["osversion"]);
  const variant = text(platform["variant"]);
  return {
    os: text(platform["os"]),
    architecture: text(platform["architecture"]),
    ...(variant === "" ? {} : { variant }),
    ...(version === "" ? {} : { osVersion: version }),
    ...(Array.isArray(features) && features.length > 0 ? { osFeatures: features.map(text) } : {}),
  };
}

const objectOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

const lowerKeys = (value: unknown): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(objectOf(value)).map(([key, entry]) => [key.toLowerCase(), entry]));

const text = (value: unknown): string => (typeof value === "string" ? value : "");
