import type { GatewayClient } from "../../gateway/index.ts";
import { formatReference, parseReference, tagNameOnly } from "../../llb/index.ts";
import { diagnosticError, errorAt, formatPlatform, isDiagnosticError } from "../../description/index.ts";
import type { Options } from "../options/options.ts";
import { PATIENCE, type Patience, patiently } from "../patience.ts";
import { checkedConfig } from "./checked-config.ts";
import { place, unusable } from "./image-errors.ts";
import type { FoundImage, ImageRequest } from "./image-request.ts";
import { contextImage, namedContext } from "./named-context.ts";

/** Finds an image; rejects with GF070 or GF071 where it cannot be used. */
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
    // The toolchain answers to more names of contexts than the image of a step that has its reference.
    const whose = request.use === "step" || request.use === "profile" ? `${request.use} ` : "";
    const key = `${whose}${formatPlatform(request.platform)} ${request.reference}`;
    const found =
      known.get(key) ?? resolve(client, options, request, patience).then((image) => usable(request, image));
    known.set(key, found);
    return found;
  };
}

/**
 * @throws GF071 for a toolchain that sets the FIPS 140-3 module of another release: go unpacks that into the
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
      config: checkedConfig(request, wanted, meta.image.config),
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
