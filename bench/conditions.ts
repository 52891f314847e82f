import { cpus, loadavg, release, totalmem } from "node:os";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureRunc, logToStderr, runCommand, toolRecipes } from "../rig/index.ts";
import type { Bench } from "./bench.ts";
import { buildOnce } from "./designs/buildkit.ts";
import { blobBytes } from "./registry-client.ts";
import { subjects } from "./subjects/index.ts";
import { dataFolder, ensureFolder } from "./workspace.ts";

/** The machine and the tools, without anything that names them. */
export interface Conditions {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly loadBefore: number;
  readonly seed: number;
  readonly rounds: number;
  readonly linkMegabits: number | "loopback";
  /** What one exec vertex costs beyond its work: a chain of ten `true`. */
  readonly emptyVertexSeconds: number;
  readonly go: string;
  readonly node: string;
  readonly runc: string;
  readonly tools: Readonly<Record<string, string>>;
  readonly frontendImageBytes: number;
  readonly dockerfileFrontendImageBytes: number;
}

const chainLength = 10;

async function emptyVertex(bench: Bench): Promise<number> {
  const folder = join(dataFolder(), "empty-vertex");
  await ensureFolder(folder, async () => undefined);
  const daemon = await bench.daemon("vertex");
  const write = (text: string): void => writeFileSync(join(folder, "Dockerfile"), text);
  const run = async (): Promise<number> => {
    const result = await buildOnce(bench, {
      subject: subjects.svc,
      design: "D1",
      address: daemon.address,
      context: folder,
      dockerfile: { folder, name: "Dockerfile" },
      push: false,
    });
    return result.seconds;
  };
  try {
    write("FROM busybox\nRUN true\n");
    await run();
    const base = await run();
    const chain = Array.from({ length: chainLength }, (_, at) => `RUN --network=none true ${at}`);
    write(`FROM busybox\nRUN true\n${chain.join("\n")}\n`);
    return ((await run()) - base) / chainLength;
  } finally {
    await daemon.release();
  }
}

async function imageBytes(bench: Bench, name: string): Promise<number> {
  try {
    return await blobBytes(bench.directRegistry, name, false);
  } catch {
    return 0;
  }
}

/** Describes the machine, the tools and the run. */
export const describeConditions = async (bench: Bench): Promise<Conditions> => ({
  date: new Date().toISOString().slice(0, 10),
  cpu: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  kernel: release(),
  loadBefore: loadavg()[0] ?? 0,
  seed: bench.options.seed,
  rounds: bench.options.runs,
  linkMegabits: bench.options.megabitsPerSecond ?? "loopback",
  emptyVertexSeconds: await emptyVertex(bench),
  go: (await runCommand("go", ["env", "GOVERSION"])).stdout.trim(),
  node: process.version,
  runc: (
    (await runCommand(await ensureRunc(logToStderr), ["--version"])).stdout.split("\n")[0] ?? ""
  ).replace("runc version ", ""),
  tools: Object.fromEntries(Object.entries(toolRecipes).map(([name, recipe]) => [name, recipe.pin[1]])),
  frontendImageBytes: await imageBytes(bench, "org/go-frontend:latest"),
  dockerfileFrontendImageBytes: await imageBytes(bench, "docker/dockerfile:1"),
});
