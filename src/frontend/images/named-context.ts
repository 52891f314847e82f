// Images that the client replaces: `--build-context golang=…`, and targets that bake links.
import type { GatewayClient } from "../../gateway/index.ts";
import {
  local,
  ociLayout,
  ociStore,
  parseReference,
  platform as onPlatform,
  sessionID,
  type State,
} from "../../llb/index.ts";
import { type ImageConfig, toolchainNames } from "../../plan/index.ts";
import { diagnosticError, errorAt, formatPlatform } from "../../description/index.ts";
import { sessionOf } from "../context/client-folder.ts";
import { importState } from "../context/import-state.ts";
import { sentAnew } from "../context/sent-anew.ts";
import { checkedConfig } from "./checked-config.ts";
import { badConfig, place, USES } from "./image-errors.ts";
import type { FoundImage, ImageRequest } from "./image-request.ts";

/**
 * Contexts are named by the familiar form of the image; one may be for a platform only. The toolchain also answers
 * to its name without the tag.
 */
export function namedContext(
  client: GatewayClient,
  reference: string,
  request: ImageRequest,
): string | undefined {
  const all = toolchainNames(reference);
  const names = request.use === "toolchain" ? all : all.slice(0, 1);
  const { opts } = client.buildOpts;
  return names
    .flatMap((name) => [`context:${name}::${formatPlatform(request.platform)}`, `context:${name}`])
    .map((key) => opts.get(key))
    .find((value) => value !== undefined);
}

/**
 * The image that a named context is.
 *
 * @param context not `docker-image://…`, which is looked up like any image
 * @throws GF070 or GF071 for a context that cannot be used as an image
 */
export async function contextImage(
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
        checkedConfig(request, request.reference, meta.image?.config),
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
    errorAt(USES[request.use].code, message, {
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
  if (typeof config === "string") {
    return checkedConfig(request, request.reference, Buffer.from(config, "base64"));
  }
  throw badConfig(
    request,
    request.reference,
    `has metadata (input-metadata:${name}) that hold no configuration`,
  );
}
