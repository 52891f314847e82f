// Writes the golden files: every hand-picked graph with the digests that Go gives it.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { definitionFromBytes, sha256 } from "../../src/llb/index.ts";
import { allCases } from "./cases.ts";
import { askGo, repositoryRoot } from "./go.ts";
import type { Graph } from "./graph.ts";

/** A graph and what Go's client/llb makes of it. */
export interface GoldenCase {
  readonly name: string;
  readonly graph: Graph;
  /** The ops in the order of the definition, the terminal op last. */
  readonly digests: readonly string[];
  /** The whole definition with metadata and sources, deterministically encoded. */
  readonly definition: string;
}

export const goldenFolder = join(repositoryRoot, "test", "golden", "llb");

/** Asks Go for all cases and writes one file for each kind; says how many there are. */
export function writeGolden(): string {
  mkdirSync(goldenFolder, { recursive: true });
  let count = 0;
  for (const [kind, cases] of Object.entries(allCases)) {
    const entries = Object.entries(cases);
    const answers = askGo(entries.map(([, graph]) => graph));
    const golden = entries.map(([name, graph], i): GoldenCase => {
      const answer = answers[i];
      if (answer === undefined || "error" in answer) {
        throw new Error(`${name}: Go says: ${answer?.error ?? "nothing"}`);
      }
      const { def } = definitionFromBytes(answer.definition);
      return { name, graph, digests: def.map(sha256), definition: sha256(answer.definition) };
    });
    // One case a line: a changed digest is a changed line.
    const lines = golden.map((entry) => JSON.stringify(entry)).join(",\n");
    writeFileSync(join(goldenFolder, `${kind}.json`), `[\n${lines}\n]\n`);
    count += golden.length;
  }
  return `golden: ${count} graphs in ${Object.keys(allCases).length} files`;
}
