import type { OpenTree } from "../facts/index.ts";
import type { GatewayClient } from "../gateway/index.ts";
import { sourcesFor } from "../plan/index.ts";
import {
  buildkitRange,
  type Diagnostic,
  firstLine,
  type LocatedDescription,
  visible,
} from "../description/index.ts";
import { sourceInfo } from "./excerpt.ts";

/** Sends what the user should know although the build goes on. */
export async function warn(
  client: GatewayClient,
  { vertex, tree }: { readonly vertex: string | undefined; readonly tree: OpenTree },
  located: LocatedDescription,
  warnings: readonly Diagnostic[],
): Promise<void> {
  if (vertex === undefined || warnings.length === 0 || !client.caps.has("gateway.warnings")) return;
  const sources = await sourcesFor(warnings, located.source, tree);
  await Promise.all(
    warnings.map((warning) => {
      const other = sources.find(({ filename }) => filename === warning.file);
      const shown = other ?? located.source;
      return client.warn(vertex, firstLine(warning), {
        level: 1,
        detail: [visible(warning.help)],
        sourceInfo: sourceInfo(shown, shown === located.source ? "YAML" : ""),
        ranges: other !== undefined && warning.range !== undefined ? [buildkitRange(warning.range)] : [],
      });
    }),
  );
}
