// The inputs of each kind of vertex in the order in which Go visits them; it decides the order of
// ops in a definition, but no digest.
import { importedOutput } from "./imported.ts";
import type { FileAction } from "./file.ts";
import { isActionInput } from "./marshal-file.ts";
import { sortMounts } from "./marshal-exec.ts";
import type { Output, Vertex } from "./vertex.ts";

export function vertexInputs(vertex: Vertex): readonly Output[] {
  switch (vertex.kind) {
    case "source":
      return [];
    case "exec":
      return sortMounts(vertex.mounts).flatMap(({ source }) => present(source));
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
function fileInputs(last: FileAction): readonly Output[] {
  const outputs: Output[] = [];
  const stack: FileAction[] = [last];
  for (let action = stack.pop(); action !== undefined; action = stack.pop()) {
    outputs.push(...present(action.state?.output));
    if (action.previous !== undefined) stack.push(action.previous);
    if (action.action.kind !== "copy") continue;
    const { input } = action.action;
    if (isActionInput(input)) stack.push(input.action);
    else outputs.push(...present(input.output));
  }
  return outputs;
}
