import type { GatewayClient } from "../gateway/index.ts";
import {
  formatReference,
  local,
  ociLayout,
  ociStore,
  parseReference,
  platform as onPlatform,
  sessionID,
  type State,
  tagNameOnly,
} from "../llb/index.ts";
import { type ImageConfig, type ResolvedImage, type ToolchainPlan, toolchainNames } from "../plan/index.ts";
import {
  diagnosticError,
  errorAt,
  formatPlatform,
  goMinor,
  isDiagnosticError,
  type Platform,
  type Range,
} from "../description/index.ts";
import { importState, sessionOf } from "./context.ts";
import { readImageConfig } from "./image-config.ts";
import type { Options } from "./options.ts";
import { PATIENCE, type Patience, patiently } from "./patience.ts";
import { sentAnew } from "./sent-anew.ts";

export interface ImageRequest {
  readonly reference: string;
  readonly platform: Platform;
  /** What the image is for: decides the code and the help of an error. */
  readonly use: "toolchain" | "base";
  readonly at: { readonly file: string; readonly range: Range };
}

/** An image that was looked up; with the tree that takes its place, where the client names one. */
export interface FoundImage extends ResolvedImage {
  readonly state?: State | undefined;
}

export type ResolveImage = (request: ImageRequest) => Promise<FoundImage>;

/**
 * Finds images and their configurations, each once. The digest that a tag has now goes into the graph,
 * so one build never mixes two versions of an image. A named context of the client takes an image's
 * place (`--build-context golang=…`).
 */
export function imageResolver(
  client: GatewayClient,
  options: Options,
  patience: Patience = PATIENCE,
): ResolveImage {
  const known = new Map<string, Promise<FoundImage>>();
  return (request) => {
    const key = `${formatPlatform(request.platform)} ${request.reference}`;
    const found =
      known.get(key) ?? resolve(client, options, request, patience).then((image) => usable(request, image));
    known.set(key, found);
    return found;
  };
}

/**
 * @throws GF071 for a toolchain that is told to take the FIPS 140-3 module of another release: go unpacks that into the
 * module cache, which no step may write (golang/go:src/cmd/go/internal/fips140/fips140.go, initDir)
 */
function usable(request: ImageRequest, image: FoundImage): FoundImage {
  const set = (image.config.config?.Env ?? []).find((entry) => entry.startsWith("GOFIPS140="));
  if (request.use !== "toolchain" || set === undefined || /=(?:off|latest|)$/.test(set)) return image;
  const message = `toolchain image ${request.reference} sets ${set}, a module that has to be unpacked, which no step can do`;
  throw diagnosticError([
    errorAt("GF071", message, {
      ...place(request),
      help: "use an image that sets GOFIPS140=latest, the module of its own release, or nothing",
    }),
  ]);
}

async function resolve(
  client: GatewayClient,
  options: Options,
  request: ImageRequest,
  patience: Patience,
): Promise<FoundImage> {
  const reference = fullReference(request.reference);
  const context = namedContext(client, reference, request);
  if (context !== undefined && !context.startsWith("docker-image://")) {
    return contextImage(client, context, request);
  }
  const wanted = context === undefined ? reference : fullReference(context.slice("docker-image://".length));
  const answer = await patiently(
    (signal) =>
      client.resolveSourceMeta(
        { identifier: `docker-image://${wanted}` },
        {
          platform: request.platform,
          resolveMode: options.resolveMode,
          logName: `[internal] load metadata for ${wanted}`,
          signal,
        },
      ),
    patience,
  );
  try {
    if ("error" in answer) throw answer.error;
    const meta = answer.value;
    if (meta.image === undefined) throw new Error(`a source policy turned it into ${meta.source.identifier}`);
    const resolved = meta.source.identifier.replace(/^docker-image:\/\//, "");
    return {
      reference: withDigest(resolved, meta.image.digest),
      config: configOf(request, wanted, meta.image.config),
    };
  } catch (error) {
    if (isDiagnosticError(error)) throw error;
    throw unusable(request, wanted, error, "attempts" in answer ? answer.attempts : 1);
  }
}

/** `golang:1.26-alpine` → `docker.io/library/golang:1.26-alpine`. */
function fullReference(reference: string): string {
  const parsed = parseReference(reference);
  return parsed.ok ? formatReference(tagNameOnly(parsed.value)) : reference;
}

function withDigest(reference: string, digest: string): string {
  const parsed = parseReference(reference);
  return !parsed.ok || digest === "" ? reference : formatReference({ ...parsed.value, digest });
}

/**
 * Whether an image is the one that a plan chose, by what it says of itself: a policy of the builder can put another in
 * its place. Of an image that the client or the description names nothing is assumed.
 */
export function isAsChosen({ goVersion, atLeast }: ToolchainPlan, { config }: ImageConfig): boolean {
  if (atLeast !== undefined) return true;
  const env = config?.Env ?? [];
  const release = env.find((entry) => entry.startsWith("GOLANG_VERSION="))?.replace(/^.*=/, "");
  return (
    release !== undefined &&
    goMinor(release) === goMinor(goVersion) &&
    !env.some((each) => decidesTags.test(each))
  );
}

/** Variables that set build tags (golang/go:src/internal/buildcfg/cfg.go). */
const decidesTags =
  /^(?:GOEXPERIMENT|GO386|GOAMD64|GOARM|GOARM64|GOMIPS|GOMIPS64|GOPPC64|GORISCV64|GOWASM)=./;

/**
 * Contexts are named by the familiar form of the image; one may be for a platform only. The toolchain also answers
 * to its name without the tag.
 */
function namedContext(client: GatewayClient, reference: string, request: ImageRequest): string | undefined {
  const all = toolchainNames(reference);
  const names = request.use === "toolchain" ? all : all.slice(0, 1);
  const { opts } = client.buildOpts;
  return names
    .flatMap((each) => [`context:${each}::${formatPlatform(request.platform)}`, `context:${each}`])
    .map((key) => opts.get(key))
    .find((value) => value !== undefined);
}

async function contextImage(
  client: GatewayClient,
  context: string,
  request: ImageRequest,
): Promise<FoundImage> {
  const named = (state: State, config: ImageConfig = {}): FoundImage => ({
    reference: request.reference,
    config,
    replaced: true,
    state,
  });
  const colon = context.indexOf(":");
  const [scheme, rest] = [context.slice(0, colon), context.slice(colon + 1).replace(/^\/\//, "")];
  switch (scheme) {
    case "local":
      return named(local(rest, sessionID(sessionOf(client, rest)), ...sentAnew(client, `context:${rest}`)));
    case "oci-layout": {
      const at = rest.indexOf("@");
      const store = rest.slice(0, at).split(":")[0] ?? "";
      // BuildKit takes a name of the image beside the store's, with its domain, for it reads the name as an address
      // (moby/buildkit:frontend/dockerui/namedcontext.go).
      const parsed = parseReference(request.reference);
      const source = `${parsed.ok ? parsed.value.name : request.reference}${rest.slice(at)}`;
      const meta = await client.resolveSourceMeta(
        {
          identifier: `oci-layout://${source}`,
          attrs: { "oci.session": client.buildOpts.sessionID, "oci.store": store },
        },
        { platform: request.platform, logName: `[internal] load metadata for ${request.reference}` },
      );
      return named(
        ociLayout(source, ociStore(client.buildOpts.sessionID, store), onPlatform(request.platform)),
        configOf(request, request.reference, meta.image?.config),
      );
    }
    case "input": {
      const inputs = await client.inputs();
      const definition = inputs.get(rest);
      if (definition === undefined) break;
      return named(importState(definition), inputConfig(client, rest, request));
    }
    default:
      break;
  }
  const message = `the build context given for ${request.reference} cannot be used as an image: ${context}`;
  throw diagnosticError([
    errorAt(request.use === "toolchain" ? "GF071" : "GF070", message, {
      ...place(request),
      help: "use docker-image://, oci-layout://, a folder, or target:",
    }),
  ]);
}

/** buildx sends the image configuration of a linked target beside it, each value in base64. */
function inputConfig(client: GatewayClient, name: string, request: ImageRequest): ImageConfig {
  const text = client.buildOpts.opts.get(`input-metadata:${name}`);
  if (text === undefined) return {};
  let metadata: unknown;
  try {
    metadata = JSON.parse(text);
  } catch {
    // Told below, with the same words as any other value that holds no configuration.
  }
  const known = typeof metadata === "object" && metadata !== null ? metadata : undefined;
  const config =
    known === undefined ? 0 : (known as Readonly<Record<string, unknown>>)["containerimage.config"];
  if (config === undefined) return {};
  if (typeof config === "string") return configOf(request, request.reference, Buffer.from(config, "base64"));
  throw badConfig(
    request,
    request.reference,
    `has metadata (input-metadata:${name}) that hold no configuration`,
  );
}

/** @throws GF070 or GF071 that names the field, where a configuration is not what the OCI specification says */
function configOf(request: ImageRequest, reference: string, bytes: Uint8Array | undefined): ImageConfig {
  if (bytes === undefined || bytes.length === 0) return {};
  const read = readImageConfig(bytes);
  if (read.ok) return read.config;
  throw badConfig(request, reference, read.problem);
}

function badConfig(request: ImageRequest, reference: string, problem: string): Error {
  const { code, name } = uses[request.use];
  const help =
    "name another image, or build this one anew with a tool that follows the OCI image specification";
  return diagnosticError([errorAt(code, `${name} ${reference} ${problem}`, { ...place(request), help })]);
}

function unusable(request: ImageRequest, reference: string, error: unknown, attempts: number): Error {
  const detail = String((error as Error).message).replace(
    /^.*failed to resolve source metadata for [^:]+:[^:]+: /,
    "",
  );
  const fault = faultOf(detail);
  const { code, name } = uses[request.use];
  const tried = attempts > 1 ? ` (${attempts} attempts)` : "";
  const message = `${name} ${reference}${wordsFor(fault, request.platform, detail)}${tried}`;
  return diagnosticError([
    errorAt(code, message, { ...place(request), help: helpFor(fault, request, reference) }),
  ]);
}

const uses = {
  toolchain: { code: "GF071", name: "toolchain image" },
  base: { code: "GF070", name: "base image" },
} as const;

/** What is wrong with an image: all that BuildKit's words tell. */
type Fault = "platform" | "missing" | "denied" | "other";

/**
 * Of an index without the platform containerd says that nothing in it matches, and that it was not found; the classic
 * image store of Docker Engine names both platforms (moby/moby:daemon/images/image.go).
 */
function faultOf(detail: string): Fault {
  if (/no match for platform|does not match the specified platform/.test(detail)) return "platform";
  if (/not found|manifest unknown/.test(detail)) return "missing";
  return /denied|unauthorized|authorization failed|\b40[13]\b/.test(detail) ? "denied" : "other";
}

function wordsFor(fault: Fault, platform: Platform, detail: string): string {
  switch (fault) {
    case "platform":
      return ` is there, but not for ${formatPlatform(platform)}`;
    case "missing":
      return ": not found";
    case "denied":
      return ": access denied";
    case "other":
      return `: ${detail}`;
  }
}

function helpFor(fault: Fault, { use, platform }: ImageRequest, reference: string): string {
  if (use === "toolchain") {
    switch (fault) {
      case "platform":
        return `name an image for ${formatPlatform(platform)}, where the builder compiles, with \`toolchain:\``;
      case "missing":
        return "choose a Go release that exists with `go:` (a mirror may lack it), or name an image that holds the toolchain with `toolchain:`";
      case "denied":
      case "other":
        return "check the registry login of the client, or name a mirror with `toolchain:`";
    }
  }
  switch (fault) {
    case "platform":
      return "name a base that is made for it, or build for others with --platform";
    case "missing":
      return "check the name and the tag";
    case "denied":
      return `log in on the client: docker login ${reference.split("/")[0] ?? reference}`;
    case "other":
      return "check that the builder can reach the registry";
  }
}

function place({ at: { file, range } }: ImageRequest): { readonly file: string; readonly range: Range } {
  return { file, range };
}
