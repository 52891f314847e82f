// Definitions as parts of new graphs: Go's NewDefinitionOp. The bytes of imported ops are kept, so
// their digests stay what they were (moby/buildkit:client/llb/definition.go).
import type { pb } from "../../proto/index.ts";
import { decodeOp } from "../marshal/decode-op.ts";
import type { Definition } from "../marshal/definition.ts";
import { sha256 } from "../marshal/digest.ts";
import { LlbError } from "../names/errors.ts";
import { importedOutput } from "../graph/imported.ts";
import type { SourceLocation } from "../graph/constraints.ts";
import { newState, type State } from "./state.ts";
import type { ImportedGraph, ImportedOp, Output } from "../graph/vertex.ts";
import { newSourceMap } from "./source-map.ts";

/**
 * The state that a definition describes; an empty definition is scratch.
 *
 * @throws LlbError when the bytes are no ops, an input is unknown or negative, a location points at
 *   no file, or an op lacks its metadata entry.
 */
export const newDefinitionOp = (definition: Definition): State => newState(importOutput(definition));

function importOutput(definition: Definition): Output | undefined {
  if (definition.def.length === 0) return undefined;
  const ops = new Map<string, ImportedOp>();
  let head: pb.Input.$Properties | undefined;
  for (const [at, bytes] of definition.def.entries()) {
    const op = decodeOp(bytes, at);
    ops.set(sha256(bytes), { bytes, op });
    head = op.inputs?.[0];
  }
  if (head === undefined) throw new LlbError("definition", "", "the last op has no input");
  const graph: ImportedGraph = {
    ops,
    metadata: definition.metadata,
    locations: importLocations(definition),
    vertices: new Map(),
  };
  return importedOutput(graph, head);
}

function importLocations({ source }: Definition): ReadonlyMap<string, readonly SourceLocation[]> {
  if (source === undefined) return new Map();
  const maps = source.infos.map(({ filename, language, data, definition }) =>
    newSourceMap(
      definition === undefined ? undefined : newDefinitionOp(definition),
      filename,
      language,
      data,
    ),
  );
  return new Map(
    [...source.locations].map(([digest, locations]) => [
      digest,
      locations.map(({ sourceIndex, ranges }) => {
        const sourceMap = maps[sourceIndex];
        if (sourceMap === undefined) {
          throw new LlbError("definition", "", `the source map has no file number ${sourceIndex}`);
        }
        return { sourceMap, ranges };
      }),
    ]),
  );
}
