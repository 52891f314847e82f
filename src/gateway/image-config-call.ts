import { llbBridge } from "../proto/index.ts";
import type { Caps } from "./caps.ts";
import { platformMessage } from "./platform-message.ts";
import { invoke } from "./rpc.ts";
import type { ImageConfig, ImageConfigOptions } from "./source-meta.ts";
import type { Transport } from "./transport.ts";

/**
 * The call ResolveImageConfig, which servers have that cannot tell what other sources are.
 *
 * @throws GatewayError of a server without it, and of an image that is not found
 */
export async function askForConfig(
  transport: Transport,
  caps: Caps,
  ref: string,
  options: ImageConfigOptions,
): Promise<ImageConfig> {
  caps.require([{ id: "resolveimage", feature: `resolving ${ref}` }]);
  const { store } = options;
  const response = await invoke(
    transport,
    llbBridge.ResolveImageConfig,
    {
      Ref: ref,
      ...(options.platform === undefined ? {} : { Platform: platformMessage(options.platform) }),
      ResolveMode: caps.has("resolveimage.resolvemode") ? (options.resolveMode ?? "") : "",
      LogName: options.logName ?? "",
      ...(store === undefined
        ? {}
        : { ResolverType: OCI_LAYOUT_RESOLVER, SessionID: store.sessionID, StoreID: store.storeID }),
      SourcePolicies: [...(options.sourcePolicies ?? [])],
    },
    options,
  );
  // Servers before v0.12 do not send the reference back.
  return { ref: response.Ref || ref, digest: response.Digest, config: response.Config };
}

/** moby/buildkit:client/llb/sourceresolver/types.go, ResolverTypeOCILayout */
const OCI_LAYOUT_RESOLVER = 1;
