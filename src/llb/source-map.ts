// Where in the user's files an op comes from; BuildKit prints the excerpt when the op fails
// (moby/buildkit:client/llb/sourcemap.go).
import type { ConstraintsOpt } from "./constraints.ts";
import type { State } from "./state.ts";

/** Lines count from 1; characters from 0 (BuildKit carries but never draws them). */
export interface Position {
  readonly line: number;
  readonly character: number;
}

/** Both ends must be there: BuildKit's clients crash on a range without one. */
export interface Range {
  readonly start: Position;
  readonly end: Position;
}

/** A file that ops come from. */
export interface SourceMap {
  readonly filename: string;
  /** GitHub linguist's name of the language, such as `YAML`. */
  readonly language: string;
  readonly data: Uint8Array;
  /** The graph the file was loaded with; optional, and repeated in every error when given. */
  readonly state: State | undefined;
  /** An option that ties an op to ranges of this file. */
  readonly location: (ranges: readonly Range[]) => ConstraintsOpt;
}

export interface SourceLocation {
  readonly sourceMap: SourceMap;
  readonly ranges: readonly Range[];
}

/** Makes a source map; Go's NewSourceMap. Its `location(ranges)` is an option for any op. */
export function newSourceMap(
  state: State | undefined,
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
