import type { GatewayClient } from "../../gateway/index.ts";
import { differ, type LocalOption, sharedKeyHint } from "../../llb/index.ts";

/**
 * Options of a local source whose files are all sent, whatever the builder has of an earlier transfer; file-times.ts
 * has the reason. A builder that cannot be told compares with nothing: the session's id is no other transfer's.
 */
export function sentAnew({ llbCaps, buildOpts }: GatewayClient, hint: string): readonly LocalOption[] {
  return llbCaps.has("source.local.differ")
    ? [sharedKeyHint(hint), differ("none", true)]
    : [sharedKeyHint(`${hint}-${buildOpts.sessionID}`)];
}
