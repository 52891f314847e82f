import type { GatewayClient } from "../gateway/index.ts";
import type { Resolved } from "../plan/index.ts";
import type { Options } from "./options/options.ts";

/** What the client's options and the builder's abilities say of the steps of a build. */
export function settingsOf(client: GatewayClient, options: Options): Resolved["settings"] {
  const { noCache, networkMode, extraHosts, proxy, resolveMode } = options;
  return {
    noCache,
    networkMode: networkMode === "default" ? undefined : networkMode,
    extraHosts,
    proxy: { ...proxy },
    resolveMode,
    caps: new Set(client.llbCaps.ids),
  };
}
