import type { Caps } from "./caps.ts";
import { GatewayError } from "./errors.ts";
import { askForConfig } from "./image-config-call.ts";
import { resolveSourceMeta } from "./resolve-source.ts";
import { IMAGE_SCHEMES, type ImageConfig, type ImageConfigOptions, type SourceOp } from "./source-meta.ts";
import { Code, type Transport } from "./transport.ts";

/** Go's ResolveImageConfig: through ResolveSourceMeta where the server has it, with the resolve mode sent along. */
export async function resolveImageConfig(
  transport: Transport,
  caps: Caps,
  ref: string,
  options: ImageConfigOptions,
): Promise<ImageConfig> {
  const { store } = options;
  if (!caps.has("source.metaresolver")) return askForConfig(transport, caps, ref, options);
  const source: SourceOp =
    store === undefined
      ? { identifier: `docker-image://${ref}` }
      : {
          identifier: `oci-layout://${ref}`,
          attrs: { "oci.session": store.sessionID, "oci.store": store.storeID },
        };
  const meta = await resolveSourceMeta(transport, caps, source, options);
  if (meta.image === undefined) {
    throw new GatewayError(
      `${ref} is not an image: a source policy turned it into ${meta.source.identifier}`,
      { code: Code.FailedPrecondition },
    );
  }
  const scheme = IMAGE_SCHEMES.find((prefix) => meta.source.identifier.startsWith(prefix)) ?? "";
  return {
    ref: meta.source.identifier.slice(scheme.length),
    digest: meta.image.digest,
    config: meta.image.config,
  };
}
