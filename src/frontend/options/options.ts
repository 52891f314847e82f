import {
  type Diagnostic,
  diagnosticError,
  errorAt,
  goPlatform,
  type Platform,
  warningAt,
} from "../description/index.ts";
import type { BuildRequest, Plan } from "../plan/index.ts";

/** What the client asked for, read from the frontend options (moby/buildkit:frontend/dockerui/config.go). */
export interface Options {
  /** Name of the description in its source. */
  readonly filename: string;
  /** Build the plan for these; see {@link BuildRequest}. */
  readonly request: BuildRequest;
  /** Return an index even for one platform; undefined: only for several. */
  readonly multiPlatform: boolean | undefined;
  /** Names of stages to build without cache; empty array: all; undefined: none. */
  readonly noCache: readonly string[] | undefined;
  readonly resolveMode: "default" | "pull" | "local";
  readonly networkMode: "default" | "host" | "none" | undefined;
  /** Cache sources of the client, to be handed to each final solve. */
  readonly cacheImports: readonly CacheImport[];
  /** host=ip pairs for steps that have a network. */
  readonly extraHosts: readonly { readonly host: string; readonly ip: string }[];
  readonly proxy: ProxyOptions;
  /** Sub-request (frontend.outline …) instead of a build. */
  readonly requestId: string | undefined;
  readonly raw: ReadonlyMap<string, string>;
}

export interface CacheImport {
  readonly type: string;
  readonly attrs: Readonly<Record<string, string>>;
}

export interface ProxyOptions {
  readonly httpProxy?: string | undefined;
  readonly httpsProxy?: string | undefined;
  readonly ftpProxy?: string | undefined;
  readonly noProxy?: string | undefined;
  readonly allProxy?: string | undefined;
}

/**
 * Options of steps' containers, and what asks for them. A step here compiles or downloads, in a container of its own
 * making, and none of these is in its key.
 */
const CONTAINER_OPTIONS: Readonly<Record<string, string>> = {
  "cgroup-parent": "--cgroup-parent",
  cpuperiod: "--cpu-period",
  cpuquota: "--cpu-quota",
  cpusetcpus: "--cpuset-cpus",
  cpusetmems: "--cpuset-mems",
  cpushares: "--cpu-shares",
  hostname: "--opt hostname",
  memory: "--memory",
  memswap: "--memory-swap",
  "shm-size": "--shm-size",
  ulimit: "--ulimit",
  "build-arg:BUILDKIT_SANDBOX_HOSTNAME": "--build-arg BUILDKIT_SANDBOX_HOSTNAME",
};

/**
 * Reads the options. They arrive in random order and each name once.
 *
 * @param buildPlatform the worker's first platform, where steps run
 * @param classicStore whether the builder stores images of one platform only
 * @throws a DiagnosticError for a platform, a boolean or a number that cannot be read
 */
export function readOptions(
  raw: ReadonlyMap<string, string>,
  buildPlatform: Platform,
  classicStore = false,
): Options {
  const filename = raw.get("filename") || "Dockerfile";
  const buildArgs = prefixed(raw, "build-arg:");
  const epoch = readEpoch(raw.get("source-date-epoch") ?? buildArgs["SOURCE_DATE_EPOCH"], filename);
  const revision = raw.get("vcs:revision");
  const origin = raw.get("vcs:source");
  return {
    filename,
    request: {
      target: raw.get("target") ?? "",
      platforms: readPlatforms(raw.get("platform"), filename),
      buildPlatform,
      ...(classicStore ? { classicStore } : {}),
      buildArgs,
      labels: prefixed(raw, "label:"),
      ...(epoch === undefined ? {} : { epoch }),
      ...(revision ? { revision } : {}),
      ...(origin ? { origin: withoutCredentials(origin) } : {}),
      imageContexts: Object.keys(prefixed(raw, "context:")).map((name) => name.replace(/::.*$/, "")),
      cacheNamespace: buildArgs["BUILDKIT_CACHE_MOUNT_NS"] ?? "",
    },
    multiPlatform: readBoolean(raw.get("multi-platform") ?? buildArgs["BUILDKIT_MULTI_PLATFORM"], filename),
    noCache: raw.has("no-cache") ? list(raw.get("no-cache")).map((name) => name.toLowerCase()) : undefined,
    resolveMode: readResolveMode(raw.get("image-resolve-mode"), filename),
    networkMode: readNetworkMode(raw.get("force-network-mode"), filename),
    cacheImports: readCacheImports(raw, filename),
    extraHosts: list(raw.get("add-hosts")).flatMap((pair) => {
      const at = pair.indexOf("=");
      return at < 1 ? [] : [{ host: pair.slice(0, at).toLowerCase(), ip: pair.slice(at + 1) }];
    }),
    proxy: readProxy(buildArgs),
    requestId: raw.get("requestid"),
    raw,
  };
}

/** The options with the commit of the context, for what the client did not tell. */
export function withCommit(
  options: Options,
  commit: { readonly revision: string; readonly origin: string } | undefined,
): Options {
  if (commit === undefined || options.request.revision !== undefined) return options;
  const request = {
    ...options.request,
    revision: commit.revision,
    origin: withoutCredentials(commit.origin),
  };
  return { ...options, request };
}

/** Errors of options that do not fit what is to be built, known before anything runs. */
export function checkOptions(
  { multiPlatform, filename }: Options,
  plans: readonly Plan[],
): readonly Diagnostic[] {
  const several = plans.map(({ service }) => service.platforms).find((all) => all.length > 1);
  if (multiPlatform !== false || several === undefined) return [];
  const names = several.map(({ link }) => link.variant.id).join(", ");
  return [
    errorAt("GF081", `multi-platform=false, but the build is for ${names}`, {
      file: filename,
      option: "--opt multi-platform",
      help: "name one platform with --platform",
    }),
  ];
}

/** A warning for each option of the client that has no effect here. */
export function unusedOptions({ raw, filename }: Options): readonly Diagnostic[] {
  return Object.entries(CONTAINER_OPTIONS)
    .filter(([key]) => !["", "0", undefined].includes(raw.get(key)))
    .map(([, flag]) =>
      warningAt("GF081", `${flag} has no effect: build steps run with the limits of the builder`, {
        file: filename,
        option: flag,
        help: `leave it out, or set limits where the builder runs`,
      }),
    );
}

function prefixed(raw: ReadonlyMap<string, string>, prefix: string): Readonly<Record<string, string>> {
  const entries = [...raw]
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, value]) => [key.slice(prefix.length), value] as const);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function list(value: string | undefined): readonly string[] {
  return (value ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function readPlatforms(value: string | undefined, filename: string): readonly Platform[] {
  const platforms = list(value).map((text) => {
    const parsed = goPlatform(text);
    if (parsed.ok) return parsed.value;
    throw bad("GF030", "--platform", `--platform: ${parsed.problem.message}`, filename, parsed.problem.help);
  });
  return platforms;
}

function readEpoch(value: string | undefined, filename: string): number | undefined {
  if (value === undefined || value === "") return undefined;
  if (/^[0-9]{1,12}$/.test(value)) return Number(value);
  throw bad(
    "GF081",
    "--build-arg SOURCE_DATE_EPOCH",
    `SOURCE_DATE_EPOCH is ${JSON.stringify(value)}, not a number of seconds`,
    filename,
    "pass seconds since 1970, for example --build-arg SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)",
  );
}

function readBoolean(value: string | undefined, filename: string): boolean | undefined {
  if (value === undefined || value === "") return undefined;
  if (["1", "t", "true"].includes(value.toLowerCase())) return true;
  if (["0", "f", "false"].includes(value.toLowerCase())) return false;
  throw bad(
    "GF081",
    "--opt multi-platform",
    `multi-platform is ${JSON.stringify(value)}, not true or false`,
    filename,
    "write `multi-platform=true` or `multi-platform=false`",
  );
}

function readResolveMode(value: string | undefined, filename: string): Options["resolveMode"] {
  switch (value) {
    case undefined:
    case "":
    case "default":
      return "default";
    case "pull":
    case "local":
      return value;
    default:
      throw bad(
        "GF081",
        "--opt image-resolve-mode",
        `image-resolve-mode is ${JSON.stringify(value)}`,
        filename,
        "use default, pull or local",
      );
  }
}

function readNetworkMode(value: string | undefined, filename: string): Options["networkMode"] {
  switch (value) {
    case undefined:
    case "":
    case "default":
    case "sandbox":
      return undefined;
    case "host":
    case "none":
      return value;
    default:
      throw bad(
        "GF081",
        "--opt force-network-mode",
        `force-network-mode is ${JSON.stringify(value)}`,
        filename,
        "use sandbox, host or none",
      );
  }
}

function readCacheImports(raw: ReadonlyMap<string, string>, filename: string): readonly CacheImport[] {
  const legacy = list(raw.get("cache-from")).map((ref) => ({ type: "registry", attrs: { ref } }));
  const text = raw.get("cache-imports");
  if (text === undefined || text === "") return legacy;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw badImports("is not JSON", filename);
  }
  if (!Array.isArray(parsed)) throw badImports("is not a JSON list", filename);
  const named = parsed.map((entry: unknown): CacheImport => {
    const { Type: type, Attrs: attrs } = (entry ?? {}) as {
      readonly Type?: unknown;
      readonly Attrs?: unknown;
    };
    const values = Object.entries(attrs ?? {}).filter(
      (pair): pair is [string, string] => typeof pair[1] === "string",
    );
    if (typeof type !== "string" || values.length < Object.keys(attrs ?? {}).length) {
      throw badImports("holds something that is no cache source", filename);
    }
    return { type, attrs: Object.fromEntries(values) };
  });
  return [...named, ...legacy];
}

function readProxy(args: Readonly<Record<string, string>>): ProxyOptions {
  const find = (name: string): string | undefined =>
    Object.entries(args).find(([key, value]) => key.toLowerCase() === name && value !== "")?.[1];
  const entries = {
    httpProxy: find("http_proxy"),
    httpsProxy: find("https_proxy"),
    ftpProxy: find("ftp_proxy"),
    noProxy: find("no_proxy"),
    allProxy: find("all_proxy"),
  };
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));
}

/** A remote's URL may hold a token; what goes into a label must not. */
function withoutCredentials(origin: string): string {
  return origin.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, "$1");
}

function badImports(problem: string, filename: string): Error {
  return bad(
    "GF081",
    "--opt cache-imports",
    `cache-imports ${problem}`,
    filename,
    'write it like `[{"Type":"registry","Attrs":{"ref":"registry.example/cache"}}]`',
  );
}

function bad(code: "GF030" | "GF081", option: string, message: string, file: string, help: string): Error {
  return diagnosticError([errorAt(code, message, { file, option, help })]);
}
