// The ops of an imported definition, and the edges between them.
import { toNumber, type pb } from "../../proto/index.ts";
import { LlbError } from "../names/errors.ts";
import type { Platform } from "../../oci/index.ts";
import type { DefinitionVertex, ImportedGraph, Output } from "./vertex.ts";

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
