// The inputs of each kind of vertex in the order in which Go visits them; it decides the order of
// ops in a definition, but no digest.
import { importedOutput } from "../graph/imported.ts";
import type { FileNode, Output, Vertex } from "../graph/vertex.ts";

/** What a vertex reads of others. */
export function vertexInputs(vertex: Vertex): readonly Output[] {
  switch (vertex.kind) {
    case "source":
      return [];
    case "exec":
      return vertex.encodedMounts.flatMap(({ source }) => present(source));
    case "file":
      return fileInputs(vertex.action);
    case "merge":
    case "passthrough":
      return vertex.inputs;
    case "diff":
      return [...present(vertex.lower), ...present(vertex.upper)];
    case "build":
      return present(vertex.source);
    case "definition": {
      const inputs = vertex.graph.ops.get(vertex.digest)?.op.inputs ?? [];
      return inputs.map((input) => importedOutput(vertex.graph, input));
    }
  }
}

const present = (output: Output | undefined): readonly Output[] => (output === undefined ? [] : [output]);

/** From the newest action to the oldest: the state it works on, then what it copies from. */
function fileInputs(last: FileNode): readonly Output[] {
  const outputs: Output[] = [];
  const stack: FileNode[] = [last];
  for (let action = stack.pop(); action !== undefined; action = stack.pop()) {
    outputs.push(...present(action.base?.output));
    if (action.previous !== undefined) stack.push(action.previous);
    if (action.action.kind !== "copy") continue;
    const { from } = action.action;
    if (from.kind === "action") stack.push(from.action);
    else outputs.push(...present(from.tree.output));
  }
  return outputs;
}
