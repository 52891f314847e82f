// The graphs that are measured, as neutral descriptions, so that Go marshals the very same.
import type { Graph, Node } from "../../test/oracle/graph.ts";

/** A shape and how many ops it has at a size. */
export interface Shape {
  readonly name: string;
  readonly make: (ops: number) => Graph;
}

const amd64 = [["linuxAmd64"]] as const;
const base: readonly Node[] = [
  { op: "image", args: ["docker.io/library/golang:1.26"] },
  { op: "scratch" },
  {
    op: "local",
    args: ["context"],
    options: [
      ["sessionID", "s1"],
      ["sharedKeyHint", "context"],
    ],
  },
];

/** Many services of one repository: each a compile step with mounts and a copy of its result, merged by hundreds. */
function services(ops: number): Graph {
  const nodes: Node[] = [...base];
  const add = (node: Node): number => nodes.push(node) - 1;
  const results: number[] = [];
  // Two ops a service: what getMount yields is no op of its own.
  while (results.length * 2 + base.length < ops) {
    const name = `service-${results.length}`;
    const run = add({
      op: "run",
      on: 0,
      options: [
        ["args", ["go", "build", "-trimpath", "-o", `/out/${name}`, `./cmd/${name}`]],
        ["addEnv", "CGO_ENABLED", "0"],
        ["addEnv", "GOFLAGS", "-mod=readonly"],
        ["dir", "/src"],
        ["network", 2],
        ["addMount", "/src", 2, [["readonly"]]],
        ["addMount", "/out", 1, []],
        ["addMount", "/root/.cache/go-build", 1, [["asPersistentCacheDir", "go-build", 0]]],
        ["withCustomName", `build ${name}`],
      ],
    });
    const out = add({ op: "getMount", on: run, args: ["/out"] });
    results.push(
      add({
        op: "file",
        on: 1,
        actions: [
          {
            do: "copy",
            args: [`/${name}`, "/app/"],
            from: out,
            options: [
              ["copyInfo", { createDestPath: true }],
              ["withCreatedTime", "0"],
            ],
          },
        ],
      }),
    );
  }
  const groups: number[] = [];
  for (let i = 0; i < results.length; i += 100) {
    groups.push(add({ op: "merge", inputs: results.slice(i, i + 100) }));
  }
  return {
    nodes,
    result: groups.length === 1 ? (groups[0] ?? 0) : add({ op: "merge", inputs: groups }),
    marshal: amd64,
  };
}

/** One step after the other, as a long Dockerfile has it. */
function chain(ops: number): Graph {
  const nodes: Node[] = [...base];
  for (let i = 0; nodes.length < ops; i++) {
    const on = i === 0 ? 0 : nodes.length - 1;
    nodes.push(
      i % 2 === 0
        ? {
            op: "run",
            on,
            options: [
              ["args", ["sh", "-c", `echo ${i}`]],
              ["addEnv", "STEP", String(i)],
              ["dir", "/src"],
              ["withCustomName", `step ${i}`],
            ],
          }
        : {
            op: "file",
            on,
            actions: [{ do: "copy", args: [`/f${i}`, `/g${i}`], from: 2, options: [["withUIDGID", 0, 0]] }],
          },
    );
  }
  return { nodes, result: nodes.length - 1, marshal: amd64 };
}

export const shapes: readonly Shape[] = [
  { name: "services", make: services },
  { name: "chain", make: chain },
];
