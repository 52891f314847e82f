// Source maps: BuildKit prints the excerpt of the user's file when an op fails
// (moby/buildkit:client/llb/sourcemap.go).
import type { Marshalled, SourceLocation, SourceMap } from "../graph/constraints.ts";

/** Makes a source map; Go's NewSourceMap. Its `location(ranges)` is an option for any op. */
export function newSourceMap(
  state: Marshalled | undefined,
  filename: string,
  language: string,
  data: Uint8Array | string,
): SourceMap {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  const sourceMap: SourceMap = {
    filename,
    language,
    data: bytes,
    state,
    location: (ranges) => (target) => {
      const location: SourceLocation = { sourceMap, ranges };
      target.constraints = {
        ...target.constraints,
        locations: [...target.constraints.locations, location],
      };
    },
  };
  return sourceMap;
}
