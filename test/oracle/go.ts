// The Go side of the oracle: built once into the cache folder, asked in batches.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Graph } from "./graph.ts";

const source = fileURLToPath(new URL(".", import.meta.url));
export const repositoryRoot = join(source, "..", "..");

/** What Go makes of a graph: a definition, or why there is none. */
export type GoAnswer = { readonly definition: Uint8Array } | { readonly error: string };

/** The path of the compiled oracle; builds it when its sources changed. */
export function oracleBinary(): string {
  const hash = createHash("sha256");
  for (const file of readdirSync(source).toSorted()) {
    if (/\.go$|^go\.(mod|sum)$/.test(file)) hash.update(file).update(readFileSync(join(source, file)));
  }
  const cache = process.env["GO_FRONTEND_CACHE"] ?? join(homedir(), ".cache", "go-frontend");
  const folder = join(cache, "oracle");
  const binary = join(folder, `oracle-${hash.digest("hex").slice(0, 16)}`);
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  console.error("oracle: building Go's client/llb (once)");
  const path = `${process.env["PATH"] ?? ""}:/usr/local/go/bin`;
  const partial = `${binary}.${process.pid}`;
  const run = spawnSync("go", ["build", "-o", partial, "."], {
    cwd: source,
    stdio: ["ignore", 2, 2],
    env: { ...process.env, PATH: path },
  });
  if (run.status !== 0) throw new Error("oracle: go build failed; the oracle needs Go 1.26");
  renameSync(partial, binary);
  return binary;
}

/** Runs the oracle and returns its output; throws with its words when it fails. */
export function runOracle(args: readonly string[], input = ""): string {
  const run = spawnSync(oracleBinary(), args, {
    input,
    encoding: "utf8",
    maxBuffer: 1 << 30,
    cwd: repositoryRoot,
  });
  if (run.status !== 0) throw new Error(`oracle ${args[0] ?? ""}: ${run.stderr}`);
  return run.stdout;
}

/** What Go makes of each graph. */
export function askGo(graphs: readonly Graph[]): readonly GoAnswer[] {
  const input = graphs.map((graph) => `${JSON.stringify(graph)}\n`).join("");
  const lines = runOracle(["graphs"], input).trimEnd().split("\n");
  return lines.map((line) => {
    const answer = JSON.parse(line) as { error?: string; definition?: string };
    return answer.error === undefined
      ? { definition: Buffer.from(answer.definition ?? "", "base64") }
      : { error: answer.error };
  });
}
