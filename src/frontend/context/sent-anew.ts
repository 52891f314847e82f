import type { GatewayClient } from "../../gateway/index.ts";
import { differ, type LocalOption, sharedKeyHint } from "../../llb/index.ts";

/**
 * Options of a local source whose files are all sent, whatever the builder has of an earlier transfer; file-times.ts
 * has the reason. A builder without that option finds nothing to compare with: the hint holds the session's id, which no other transfer has.
 */
export function sentAnew({ llbCaps, buildOpts }: GatewayClient, hint: string): readonly LocalOption[] {
  return llbCaps.has("source.local.differ")
    ? [sharedKeyHint(hint), differ("none", true)]
    : [sharedKeyHint(`${hint}-${buildOpts.sessionID}`)];
}
