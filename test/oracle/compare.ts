// Compares what TypeScript and Go make of a graph, and makes a failing graph smaller.
import { definitionFromBytes, sha256, type Definition } from "../../src/llb/index.ts";
import { encodeCanonical, pb } from "../../src/proto/index.ts";
import { askGo, type GoAnswer } from "./go.ts";
import type { Graph, Node, Option } from "./graph.ts";
import { interpret } from "./interpret.ts";

/** Undefined when both agree in every byte of the definition; else what differs. */
export function difference(graph: Graph, go: GoAnswer): string | undefined {
  let own: Definition;
  try {
    own = interpret(graph);
  } catch (error) {
    return "error" in go
      ? undefined
      : `only TypeScript refuses: ${error instanceof Error ? error.message : String(error)}`;
  }
  if ("error" in go) return `only Go refuses: ${go.error}`;
  const bytes = own.toBytes();
  if (Buffer.compare(bytes, go.definition) === 0) return undefined;
  return describeDifference(own, definitionFromBytes(go.definition));
}

function describeDifference(own: Definition, go: Definition): string {
  for (let i = 0; i < Math.max(own.def.length, go.def.length); i++) {
    const [ours, theirs] = [own.def[i], go.def[i]];
    if (ours !== undefined && theirs !== undefined && Buffer.compare(ours, theirs) === 0) continue;
    const show = (bytes: Uint8Array | undefined): string =>
      bytes === undefined
        ? "nothing"
        : `${Buffer.from(bytes).toString("hex")}\n    ${JSON.stringify(pb.Op.decode(bytes))}`;
    return `op ${i} differs\n  ours:   ${show(ours)}\n  theirs: ${show(theirs)}`;
  }
  const text = (definition: Definition, digest: string): string => {
    const metadata = definition.toPB().metadata?.[digest] ?? {};
    return Buffer.from(encodeCanonical("pb.OpMetadata", metadata)).toString("hex") + JSON.stringify(metadata);
  };
  const hex = (metadata: string): string => metadata.split("{", 1)[0] ?? "";
  for (const bytes of own.def) {
    const digest = sha256(bytes);
    if (hex(text(own, digest)) !== hex(text(go, digest))) {
      return `metadata of ${digest} differs\n  ours:   ${text(own, digest)}\n  theirs: ${text(go, digest)}`;
    }
  }
  return `sources differ\n  ours:   ${JSON.stringify(own.toPB().Source)}\n  theirs: ${JSON.stringify(go.toPB().Source)}`;
}

/** The kind of a difference: shrinking must not turn one into another. */
const kindOf = (text: string): string => text.split(/[\d:]|sha256/, 1)[0] ?? "";

/** A graph that still differs and is as small as leaving things out can make it. */
export function shrink(failing: Graph, found: string): Graph {
  let smallest = failing;
  for (;;) {
    const candidates = smaller(smallest);
    const answers = askGo(candidates);
    const next = candidates.find((graph, i) => {
      const answer = answers[i];
      return answer !== undefined && kindOf(difference(graph, answer) ?? "") === kindOf(found);
    });
    if (next === undefined) return smallest;
    smallest = next;
  }
}

function smaller(graph: Graph): readonly Graph[] {
  const out: Graph[] = [];
  const { nodes } = graph;
  for (let result = 0; result < graph.result; result++) {
    if (nodes[result]?.op !== "actions") out.push(prune({ ...graph, result }));
  }
  for (const [i, node] of nodes.entries()) {
    const replace = (changed: Node): void => {
      out.push(prune({ ...graph, nodes: nodes.with(i, changed) }));
    };
    if (node.op !== "scratch" && node.op !== "actions" && i !== graph.result) replace({ op: "scratch" });
    for (const options of without(node.options)) replace({ ...node, options });
    for (const actions of without(node.actions)) if (actions.length > 0) replace({ ...node, actions });
    for (const [j, action] of (node.actions ?? []).entries()) {
      for (const options of without(action.options)) {
        replace({ ...node, actions: (node.actions ?? []).with(j, { ...action, options }) });
      }
    }
  }
  for (const marshal of without(graph.marshal)) out.push({ ...graph, marshal });
  // Smallest first; a graph as large as before is no progress.
  const size = (g: Graph): number => JSON.stringify(g).length;
  return out
    .filter((g) => size(g) < size(graph))
    .toSorted((a, b) => size(a) - size(b))
    .slice(0, 400);
}

function without<T>(list: readonly T[] | undefined): readonly (readonly T[])[] {
  return (list ?? []).map((_, i) => (list ?? []).toSpliced(i, 1));
}

/** Takes out nodes that the result does not need; numbers follow. */
function prune(graph: Graph): Graph {
  const needed = new Set<number>();
  const queue = [
    graph.result,
    ...(graph.sourceMaps ?? []).flatMap(({ state }) => (state === undefined ? [] : [state])),
  ];
  for (let i = queue.pop(); i !== undefined; i = queue.pop()) {
    if (needed.has(i)) continue;
    needed.add(i);
    const node = graph.nodes[i];
    if (node !== undefined) queue.push(...references(node));
    // Mounts added to a run later change it although nothing refers to them.
    for (const [j, other] of graph.nodes.entries()) {
      if (other.op === "addMount" && other.on === i) queue.push(j);
    }
  }
  const kept = [...needed].toSorted((a, b) => a - b);
  const moved = new Map(kept.map((old, i) => [old, i]));
  const at = (i: number): number => moved.get(i) ?? 0;
  return {
    ...graph,
    nodes: kept.flatMap((i) => {
      const node = graph.nodes[i];
      return node === undefined ? [] : [renumber(node, at)];
    }),
    ...(graph.sourceMaps === undefined
      ? {}
      : {
          sourceMaps: graph.sourceMaps.map((map) =>
            map.state === undefined ? map : { ...map, state: at(map.state) },
          ),
        }),
    result: at(graph.result),
  };
}

function references(node: Node): readonly number[] {
  return [
    ...(needsOn(node) ? [node.on ?? 0] : []),
    ...(node.inputs ?? []),
    ...(node.actions ?? []).flatMap(({ from }) => (from === undefined ? [] : [from])),
    ...(node.options ?? []).flatMap((option) => optionReference(option)),
  ];
}

const needsOn = (node: Node): boolean => node.on !== undefined;

const optionReference = ([name, first, second]: Option): readonly number[] =>
  name === "addMount" ? [second as number] : name === "reset" ? [first as number] : [];

function renumber(node: Node, at: (i: number) => number): Node {
  const option = (o: Option): Option =>
    o[0] === "addMount"
      ? ["addMount", o[1], at(o[2] as number), o[3]]
      : o[0] === "reset"
        ? ["reset", at(o[1] as number)]
        : o;
  return {
    ...node,
    ...(node.on === undefined ? {} : { on: at(node.on) }),
    ...(node.inputs === undefined ? {} : { inputs: node.inputs.map(at) }),
    ...(node.options === undefined ? {} : { options: node.options.map(option) }),
    ...(node.actions === undefined
      ? {}
      : { actions: node.actions.map((a) => (a.from === undefined ? a : { ...a, from: at(a.from) })) }),
  };
}
