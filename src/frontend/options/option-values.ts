// Values of single options: what is read of a text, and what is said of one that cannot be read.
import { diagnosticError, errorAt, goPlatform, type Platform } from "../../description/index.ts";
import type { CacheImport, Options, ProxyOptions } from "./options.ts";

/**
 * `linux/amd64,linux/arm64`; none where the client names none.
 *
 * @throws GF030 for a platform that Go cannot compile for
 */
export function readPlatforms(value: string | undefined, filename: string): readonly Platform[] {
  const platforms = list(value).map((text) => {
    const parsed = goPlatform(text);
    if (parsed.ok) return parsed.value;
    throw bad("GF030", "--platform", `--platform: ${parsed.problem.message}`, filename, parsed.problem.help);
  });
  return platforms;
}

/**
 * SOURCE_DATE_EPOCH in seconds since 1970; undefined where it is not set.
 *
 * @throws GF081 for anything but digits
 */
export function readEpoch(value: string | undefined, filename: string): number | undefined {
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

/**
 * `multi-platform`, as Go's strconv.ParseBool reads it, in any case; undefined where it is not set.
 *
 * @throws GF081 for another value
 */
export function readBoolean(value: string | undefined, filename: string): boolean | undefined {
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

/**
 * `image-resolve-mode` (moby/buildkit:frontend/dockerui/attr.go).
 *
 * @throws GF081 for another value
 */
export function readResolveMode(value: string | undefined, filename: string): Options["resolveMode"] {
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

/**
 * `force-network-mode`; undefined for the sandbox, BuildKit's default.
 *
 * @throws GF081 for another value
 */
export function readNetworkMode(value: string | undefined, filename: string): Options["networkMode"] {
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

/**
 * `cache-imports`, a JSON list, and the older `cache-from`.
 *
 * @throws GF081 for a list that cannot be read
 */
export function readCacheImports(raw: ReadonlyMap<string, string>, filename: string): readonly CacheImport[] {
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
      throw badImports("holds something that is not a cache source", filename);
    }
    return { type, attrs: Object.fromEntries(values) };
  });
  return [...named, ...legacy];
}

/** The proxy of the client's build arguments: `HTTP_PROXY` and its kind, in upper or lower case. */
export function readProxy(args: Readonly<Record<string, string>>): ProxyOptions {
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

/** Parts of a list with commas, without the empty ones. */
export function list(value: string | undefined): readonly string[] {
  return (value ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
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
