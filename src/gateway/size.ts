import { pb } from "../proto/index.ts";
import type { WireDefinition } from "./definition.ts";
import { mebibytes } from "./transport.ts";

/** Names what makes a graph too large for a message, in the words of the code that made it. */
export function whatIsLarge({ def = [], metadata = {}, Source: source }: WireDefinition): string {
  const parts: { readonly size: number; readonly name: () => string }[] = [
    ...def.map((bytes) => ({ size: bytes.length, name: () => nameOp(bytes) })),
    ...(source?.infos ?? []).map((info) => ({
      size: info.data?.length ?? 0,
      name: () => `the source file ${info.filename ?? ""} in the source map`,
    })),
    ...Object.entries(metadata).map(([digest, meta]) => ({
      size: pb.OpMetadata.encode(meta).finish().length,
      name: () => `the metadata of ${digest}`,
    })),
  ];
  const [largest] = parts.sort((a, b) => b.size - a.size);
  const total = `the graph has ${def.length} ops`;
  return largest === undefined
    ? total
    : `${total}; the largest part is ${largest.name()} with ${mebibytes(largest.size)}`;
}

function nameOp(bytes: Uint8Array): string {
  const op = pb.Op.decode(bytes);
  switch (op.op) {
    case "file": {
      const actions = op.file.actions ?? [];
      const [action] = [...actions].sort(
        (a, b) => (b.mkfile?.data?.length ?? 0) - (a.mkfile?.data?.length ?? 0),
      );
      return action?.mkfile ? `mkfile ${action.mkfile.path ?? ""}` : `a file op of ${actions.length} actions`;
    }
    case "exec":
      return `the exec of ${op.exec.meta?.args?.[0] ?? "?"} (args, env and mounts)`;
    case "source":
      return `the source ${op.source.identifier ?? ""} (attributes)`;
    default:
      return `a ${op.op ?? "result"} op`;
  }
}
