import type { GatewayClient } from "../gateway/index.ts";
import {
  type Diagnostic,
  firstLine,
  type LocatedSpec,
  type Range,
  suggest,
  warningAt,
} from "../spec/index.ts";
import { type Options, unusedBuildArgs } from "./options.ts";

/** Sends what the user should know although the build goes on. */
export async function warn(
  client: GatewayClient,
  vertex: string | undefined,
  located: LocatedSpec,
  found: readonly Diagnostic[],
  options: Options,
): Promise<void> {
  const { source, spec } = located;
  const declared = Object.keys(spec.args ?? {});
  const unused = unusedBuildArgs(options, declared).map((name) => {
    const close = suggest(name, declared);
    const help = close === undefined ? `declare it: \`args: { ${name}: "" }\`` : `did you mean ${close}?`;
    return warningAt("GF033", `build argument ${name} is declared nowhere and has no effect`, {
      file: source.filename,
      range: located.rangeOf(["args"]),
      help,
    });
  });
  const warnings = [...found, ...unused];
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
