// Where faults are tried: a builder of the rig, the packaged frontend, and what a build must leave as it was.
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mountsBelow, processesInCgroup } from "../../rig/mounts.ts";
import { rigPaths } from "../../rig/paths.ts";
import type { RigInstance } from "../../rig/index.ts";
import { ensureBuildxBuilder } from "../../rig/index.ts";
import { caSecret, type Clients, clientsOf } from "../e2e/support/clients.ts";
import { type Files, project } from "../e2e/support/project.ts";
import { run } from "../e2e/support/run.ts";

export interface Place {
  readonly rig: Omit<RigInstance, "release">;
  readonly clients: Clients;
  /** What leads buildx to the builder. */
  readonly env: Readonly<Record<string, string>>;
  /** What stands behind `# syntax=`. */
  readonly frontend: string;
  /** A folder for what a test writes. */
  readonly work: string;
  /** Temporary files that earlier builds left. */
  readonly filesBefore: readonly string[];
}

export async function placeOf(rig: Place["rig"], frontend: string, work: string): Promise<Place> {
  const clients = await clientsOf(rig);
  const { env } = await ensureBuildxBuilder(rig);
  return { rig, clients, env, frontend, work, filesBefore: readdirSync(rigPaths(rig.name).temp) };
}

export interface Built {
  readonly code: number | null;
  readonly log: string;
  readonly seconds: number;
  /** What the program printed; "" where there is none. */
  readonly says: string;
}

export interface Tree {
  readonly dir: string;
  /** The path of the description, which names the frontend. */
  readonly file: string;
}

/** Writes a service; `service.yaml` among the files is its description without the first line. */
export function writeTree({ work, frontend }: Place, files: Files): Tree {
  const { "service.yaml": description = "name: app\n", ...rest } = files;
  const dir = project(work, rest);
  const file = join(dir, "service.yaml");
  writeFileSync(file, `# syntax=${frontend}\n${String(description)}`);
  return { dir, file };
}

/** The arguments of buildx that build a tree's executable into a new folder. */
export function binaryArgs(place: Place, { dir, file }: Tree, args: readonly string[] = []) {
  const out = mkdtempSync(join(place.work, "out-"));
  return {
    out,
    args: [
      "build",
      "--progress=plain",
      "-f",
      file,
      "--target=binary",
      `--output=type=local,dest=${out}`,
      ...caSecret(),
      ...args,
      dir,
    ],
  };
}

/** Builds the executable of a service and runs it. */
export async function build(place: Place, files: Files, args: readonly string[] = []): Promise<Built> {
  return buildTree(place, writeTree(place, files), args);
}

export async function buildTree(place: Place, tree: Tree, more: readonly string[] = []): Promise<Built> {
  const { out, args } = binaryArgs(place, tree, more);
  const start = performance.now();
  const { code, stderr } = await place.clients.buildx(args);
  const seconds = (performance.now() - start) / 1000;
  if (code !== 0) return { code, log: stderr, seconds, says: "" };
  const program = await run(join(out, "app"), []);
  return { code, log: stderr, seconds, says: program.stdout + program.stderr };
}

/** What a builder has of builds that run, for a person: between two builds nothing. */
function remains({ rig, filesBefore }: Place): readonly string[] {
  const { cgroup, stateDir, temp } = rigPaths(rig.name);
  return [
    ...processesInCgroup(cgroup).map(({ pid }) => `process ${pid}`),
    ...mountsBelow(stateDir, readFileSync("/proc/self/mountinfo", "utf8")).map((path) => `mount ${path}`),
    ...readdirSync(temp)
      .filter((name) => !filesBefore.includes(name))
      .map((name) => `file ${name}`),
  ];
}

/**
 * Waits until a builder has nothing left of a build, and builds something whose right answer is known.
 *
 * @throws Error with what is left, or what was built instead
 */
export async function isAsBefore(place: Place): Promise<void> {
  const end = Date.now() + 30_000;
  let left = remains(place);
  while (left.length > 0 && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    left = remains(place);
  }
  must(left.length === 0, `left behind: ${left.join(", ")}`);
  const number = String(Math.random());
  const built = await build(place, {
    "go.mod": "module example.test/app\n\ngo 1.26\n",
    "main.go": `package main\n\nfunc main() { println("${number}") }\n`,
  });
  must(built.says === `${number}\n`, `the next build: ${built.says}\n${built.log}`);
}

export function must(holds: boolean, seen: string): void {
  if (!holds) throw new Error(seen);
}

/** The lines of a log that a pattern fits, for a person. */
export function linesOf(log: string, pattern: RegExp): readonly string[] {
  return log.split("\n").filter((line) => pattern.test(line));
}
