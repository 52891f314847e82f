// Collects the locations of all ops of a graph (moby/buildkit:client/llb/sourcemap.go).
import { Definition, type Location, type Source } from "./definition.ts";
import { LlbError } from "../names/errors.ts";
import type { Marshalled, SourceLocation, SourceMap } from "../graph/constraints.ts";

export class SourceMapCollector {
  readonly #maps: SourceMap[] = [];
  readonly #numbers = new Map<SourceMap, number>();
  readonly #locations = new Map<string, readonly Location[]>();

  add(digest: string, locations: readonly SourceLocation[]): void {
    const known = this.#locations.get(digest);
    const added = locations.map(({ sourceMap, ranges }) => ({
      sourceIndex: this.#number(sourceMap),
      ranges,
    }));
    this.#locations.set(digest, known === undefined ? added : [...known, ...added]);
  }

  /** @param options what the graphs of the files themselves are marshalled with */
  finish(options: readonly unknown[]): Source {
    const infos = this.#maps.map(({ filename, language, data, state }) => ({
      filename,
      language,
      data,
      definition: state === undefined ? undefined : marshalState(state, options),
    }));
    return { infos, locations: this.#locations };
  }

  /** Files of equal name, language and content are one. */
  #number(sourceMap: SourceMap): number {
    const known = this.#numbers.get(sourceMap);
    if (known !== undefined) return known;
    if (!sourceMap.filename.isWellFormed() || !sourceMap.language.isWellFormed()) {
      throw new LlbError("", "newSourceMap", "the file name or the language has a lone surrogate");
    }
    const equal = this.#maps.findIndex((other) => isEqual(other, sourceMap));
    const number = equal >= 0 ? equal : this.#maps.push(sourceMap) - 1;
    this.#numbers.set(sourceMap, number);
    return number;
  }
}

function isEqual(a: SourceMap, b: SourceMap): boolean {
  return (
    a.filename === b.filename &&
    a.language === b.language &&
    a.data.length === b.data.length &&
    a.data.every((byte, i) => byte === b.data[i])
  );
}

function marshalState(state: Marshalled, options: readonly unknown[]): Definition {
  const definition = state.marshal(...options);
  if (definition instanceof Definition) return definition;
  throw new LlbError("", "newSourceMap", "its state is none of this library");
}
