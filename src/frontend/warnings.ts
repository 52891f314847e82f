import type { GatewayClient } from "../gateway/index.ts";
import { type Diagnostic, firstLine, type LocatedSpec, type Range } from "../spec/index.ts";

/** Sends what the user should know although the build goes on. */
export async function warn(
  client: GatewayClient,
  vertex: string | undefined,
  located: LocatedSpec,
  warnings: readonly Diagnostic[],
): Promise<void> {
  const { source } = located;
  if (vertex === undefined || warnings.length === 0 || !client.caps.has("gateway.warnings")) return;
  await Promise.all(
    warnings.map((each) =>
      client.warn(vertex, firstLine(each), {
        level: 1,
        ...(each.help === undefined ? {} : { detail: [each.help] }),
        sourceInfo: {
          filename: source.filename,
          language: "YAML",
          data: new TextEncoder().encode(source.text),
        },
        ranges: each.file === source.filename && each.range !== undefined ? [lines(each.range)] : [],
      }),
    ),
  );
}

/** BuildKit counts lines from one and characters from zero. */
export function lines({ start, end }: Range): {
  readonly start: GatewayPosition;
  readonly end: GatewayPosition;
} {
  return {
    start: { line: start.line, character: start.column - 1 },
    end: { line: end.line, character: end.column - 1 },
  };
}

interface GatewayPosition {
  readonly line: number;
  readonly character: number;
}
