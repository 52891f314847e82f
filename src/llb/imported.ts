// The ops of an imported definition, and the edges between them.
import { toNumber, type pb } from "../proto/index.ts";
import type { OpMetadata } from "./constraints.ts";
import { LlbError } from "./errors.ts";
import type { Platform } from "./platform.ts";
import type { SourceLocation } from "./source-map.ts";
import type { DefinitionVertex, Output } from "./vertex.ts";

/** One op of an imported definition. */
export interface ImportedOp {
  readonly bytes: Uint8Array;
  readonly op: pb.Op.$Shape;
}

export interface ImportedGraph {
  readonly ops: ReadonlyMap<string, ImportedOp>;
  readonly metadata: ReadonlyMap<string, OpMetadata>;
  readonly locations: ReadonlyMap<string, readonly SourceLocation[]>;
  /** One vertex for each output that is used, so that shared parts are visited once. */
  readonly vertices: Map<string, DefinitionVertex>;
}

/** The output that an imported op takes as input. */
export function importedOutput(graph: ImportedGraph, input: pb.Input.$Properties): Output {
  const digest = input.digest ?? "";
  const index = toNumber(input.index);
  const imported = graph.ops.get(digest);
  if (imported === undefined) {
    throw new LlbError("definition", "", `no op has the digest ${JSON.stringify(digest)}`);
  }
  if (index < 0) throw new LlbError("definition", "", `input ${digest} has the negative index ${index}`);
  if (!graph.metadata.has(digest)) {
    throw new LlbError("definition", "", `the op ${digest} has no metadata entry`);
  }
  const key = `${digest} ${index}`;
  const vertex: DefinitionVertex = graph.vertices.get(key) ?? { kind: "definition", graph, digest };
  graph.vertices.set(key, vertex);
  return { vertex, platform: importPlatform(imported.op.platform), index };
}

function importPlatform(platform: pb.Platform.$Properties | null | undefined): Platform | undefined {
  if (platform === null || platform === undefined) return undefined;
  return {
    os: platform.OS ?? "",
    architecture: platform.Architecture ?? "",
    variant: platform.Variant ?? "",
    osVersion: platform.OSVersion ?? "",
    osFeatures: platform.OSFeatures ?? [],
  };
}
