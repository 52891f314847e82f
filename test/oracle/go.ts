// The Go side of the oracle: built once into the cache folder, asked in batches.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder } from "../../rig/index.ts";
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
  const folder = join(cacheFolder(), "oracle");
  const binary = join(folder, `oracle-${hash.digest("hex").slice(0, 16)}`);
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  console.error("oracle: building Go's client/llb (once)");
  const partial = `${binary}.${process.pid}`;
  go("build", "-o", partial, ".");
  renameSync(partial, binary);
  return binary;
}

/** Runs the go command in the oracle's module. */
function go(...args: readonly string[]): string {
  const env = { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/local/go/bin` };
  const run = spawnSync("go", args, {
    cwd: source,
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
    env,
  });
  if (run.status !== 0) {
    throw new Error(`oracle: go ${args.join(" ")} failed; the oracle needs Go 1.21 or newer`);
  }
  return run.stdout.trimEnd();
}

/** Where the sources of a Go module of the oracle are. */
export const goModuleFolder = (module: string): string => go("list", "-m", "-f", "{{.Dir}}", module);

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
