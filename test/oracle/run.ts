// npm run oracle -- [--seed N] [--count N] [--ops N]    random graphs and ignore files, TypeScript against Go
// npm run oracle -- --protos                            only our .proto files and docs/llb.md against upstream
// npm run oracle -- --golden                            writes test/golden/llb and test/golden/ignore.json anew
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { definitionFromBytes } from "../../src/llb/index.ts";
import { difference, shrink } from "./compare.ts";
import { generateGraph } from "./generate.ts";
import { askGo, goModuleFolder, repositoryRoot, runOracle } from "./go.ts";
import { writeGolden } from "./golden.ts";
import { compareIgnore, writeIgnoreGolden } from "./ignore.ts";
import { newRandom } from "./random.ts";

const batch = 250;

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    count: { type: "string", default: "1000" },
    ops: { type: "string", default: "200" },
    protos: { type: "boolean", default: false },
    golden: { type: "boolean", default: false },
  },
});

const seed = values.seed === undefined ? Date.now() % 1_000_000_000 : Number(values.seed);

if (values.golden) {
  console.log(writeGolden());
  console.log(writeIgnoreGolden());
} else {
  console.log(checkProtos());
  console.log(checkNames());
  if (!values.protos) process.exitCode = Math.max(compareRandom(), await compareIgnoreFiles());
}

/** Fails on any difference; keeps the descriptor set of the second decoder up to date. */
function checkProtos(): string {
  const set = join(repositoryRoot, "test", "golden", "descriptors.binpb");
  return `protos: ${runOracle(["protos", join(repositoryRoot, "proto"), set]).trimEnd()}`;
}

/** Fails when Go exports a name that docs/llb.md says nothing about. */
function checkNames(): string {
  const packages = [
    "client/llb",
    "client/llb/llbbuild",
    "client/llb/imagemetaresolver",
    "client/llb/sourceresolver",
  ];
  const names = runOracle([
    "names",
    ...packages.map((path) => join(goModuleFolder("github.com/moby/buildkit"), path)),
  ])
    .trimEnd()
    .split("\n");
  const document = readFileSync(join(repositoryRoot, "docs", "llb.md"), "utf8");
  const missing = names.filter((name) => !document.includes(`\`${name}\``));
  if (missing.length > 0) throw new Error(`docs/llb.md says nothing about ${missing.join(", ")}`);
  return `names: ${names.length} of Go's, all in docs/llb.md`;
}

/** Ignore files, as many as graphs. */
async function compareIgnoreFiles(): Promise<number> {
  const found = await compareIgnore(newRandom(seed), Number(values.count));
  if (found.length === 0) console.log(`ignore files: all ${values.count} hide the same`);
  else console.log(`ignore files: seed ${seed}, ${found.length} differ:\n${found.slice(0, 10).join("\n")}`);
  return found.length === 0 ? 0 : 1;
}

function compareRandom(): number {
  const count = Number(values.count);
  const ops = Number(values.ops);
  console.log(`graphs: ${count} of up to ${ops} ops, seed ${seed}`);
  let encoded = 0;
  let allOps = 0;
  let largest = 0;
  for (let start = 0; start < count; start += batch) {
    const graphs = Array.from({ length: Math.min(batch, count - start) }, (_, i) =>
      generateGraph(seed + start + i, ops),
    );
    for (const [i, answer] of askGo(graphs).entries()) {
      const graph = graphs[i];
      if (graph === undefined) throw new Error("Go answered more than it was asked");
      if ("error" in answer) return report(seed + start + i, graph, `Go refuses: ${answer.error}`);
      encoded += answer.definition.length;
      const size = definitionFromBytes(answer.definition).def.length;
      allOps += size;
      largest = Math.max(largest, size);
      const found = difference(graph, answer);
      if (found !== undefined) return report(seed + start + i, graph, found);
    }
  }
  console.log(
    `graphs: all ${count} equal: ${allOps} ops, ${encoded} bytes of definitions, the largest had ${largest} ops`,
  );
  return 0;
}

function report(seed: number, graph: Parameters<typeof shrink>[0], found: string): number {
  console.log(`graphs: seed ${seed} differs: ${found}`);
  const small = shrink(graph, found);
  const [answer] = askGo([small]);
  console.log(`shrunk to ${small.nodes.length} nodes:\n${JSON.stringify(small, undefined, 2)}`);
  console.log(answer === undefined ? "" : difference(small, answer));
  console.log(`repeat with: npm run oracle -- --seed ${seed} --count 1 --ops ${values.ops}`);
  return 1;
}
