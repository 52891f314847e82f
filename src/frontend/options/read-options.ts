import type { Platform } from "../../description/index.ts";
import { withoutCredentials } from "../without-credentials.ts";
import {
  list,
  readBoolean,
  readCacheImports,
  readEpoch,
  readNetworkMode,
  readPlatforms,
  readProxy,
  readResolveMode,
} from "./option-values.ts";
import type { Revision } from "../../plan/index.ts";
import type { Options } from "./options.ts";

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
  const revision = toldRevision(raw.get("vcs:revision"), raw.get("vcs:source"));
  return {
    filename,
    request: {
      target: raw.get("target") ?? "",
      platforms: readPlatforms(raw.get("platform"), filename),
      buildPlatform,
      ...(classicStore ? { classicStore } : {}),
      buildArgs,
      labels: prefixed(raw, "label:"),
      epoch,
      ...(revision === undefined ? {} : { revision }),
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

/** What the client says of its checkout. It adds `-dirty` only where it is asked to, and for files that git ignores too. */
function toldRevision(commit = "", source = ""): Revision | undefined {
  if (commit === "" && source === "") return undefined;
  const bare = commit.replace(/-dirty$/, "");
  return {
    ...(bare === "" ? {} : { commit: bare }),
    ...(bare === commit ? {} : { saidDirty: true }),
    ...(source === "" ? {} : { source: withoutCredentials(source) }),
  };
}

/** The options with the commit of the context, for what the client did not tell. */
export function withCommit(options: Options, fetched: Revision | undefined): Options {
  if (fetched === undefined || options.request.revision?.commit !== undefined) return options;
  const { source } = fetched;
  const revision = { ...fetched, ...(source === undefined ? {} : { source: withoutCredentials(source) }) };
  return { ...options, request: { ...options.request, revision } };
}

function prefixed(raw: ReadonlyMap<string, string>, prefix: string): Readonly<Record<string, string>> {
  const entries = [...raw]
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, value]) => [key.slice(prefix.length), value] as const);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
