// Two builders that know the packaged frontend, and what happens to them: builds, kills, restarts.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { down, mirrorReference, type RigInstance, runCommand } from "../../rig/index.ts";
import { processesInCgroup } from "../../rig/mounts.ts";
import { rigPaths } from "../../rig/paths.ts";
import { DISTRIBUTION, systemImage } from "./system.ts";
import type { Built } from "./oracle.ts";
import type { Step } from "./sequence.ts";

/** How a build ended. */
export interface Outcome {
  readonly built: Built;
  /** Whether what was to be killed was found and killed. */
  readonly killed: boolean;
  /** Packages that the last step compiled although an earlier step should have; undefined: it did not run, or does not say. */
  readonly unplanned: string | undefined;
}

export interface BuildRequest {
  /** buildctl's arguments for the context. */
  readonly context: readonly string[];
  /** The build target. */
  readonly target: string;
  /** Name of the executable that is looked at. */
  readonly file: string;
  readonly proxy: string;
  /** The number in a header of the system that C is compiled on; 0: the system is the distribution's. */
  readonly system: number;
  readonly step: Pick<Step, "namespace" | "builder" | "cache" | "during">;
  /** Module path of the service, and of the module that takes long to compile. */
  readonly app: string;
  readonly heavy: string;
  /** Keeps the exported caches of different plays apart. */
  readonly play: string;
}

export interface Builders {
  readonly build: (request: BuildRequest) => Promise<Outcome>;
  readonly pruneMounts: (builder: 0 | 1) => Promise<void>;
  readonly restart: (builder: 0 | 1) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Starts the daemon of a builder, which has the frontend in its registry, or finds it running. */
export type StartBuilder = (builder: 0 | 1) => Promise<RigInstance>;

/**
 * The two builders: a rig that runs, and the second one, which is started when it is asked for.
 *
 * @param frontend the packaged frontend, as the daemons find it
 * @param work a folder of the caller's
 */
export function startBuilders(start: StartBuilder, frontend: string, work: string): Builders {
  const running = new Map<0 | 1, Promise<RigInstance>>();
  const rigOf = (builder: 0 | 1): Promise<RigInstance> => {
    const rig = running.get(builder) ?? start(builder);
    running.set(builder, rig);
    return rig;
  };
  const restart = async (builder: 0 | 1): Promise<void> => {
    const rig = await rigOf(builder);
    running.delete(builder);
    await down(rig.name, () => undefined);
    await rigOf(builder);
    await rig.release();
  };
  return {
    build: async (request) => {
      const { builder, during } = request.step;
      const rig = await rigOf(builder);
      const outcome = await build(rig, frontend, work, request);
      if (during === "the daemon is killed" && outcome.killed) await restart(builder);
      return outcome;
    },
    pruneMounts: async (builder) => {
      const { tools, buildkitHost } = await rigOf(builder);
      await runCommand(tools.buildctl, ["--addr", buildkitHost, "prune", "--filter=type==exec.cachemount"]);
    },
    restart,
    close: async () => {
      for (const rig of await Promise.all(running.values())) await rig.release();
    },
  };
}

/** After this a build counts as one that hangs. The C tools take two minutes on a new builder, and as much to export. */
const patience = 600_000;

async function build(
  rig: RigInstance,
  frontend: string,
  work: string,
  request: BuildRequest,
): Promise<Outcome> {
  const { namespace, cache, during } = request.step;
  const out = mkdtempSync(join(work, "out-"));
  const stored = `type=registry,ref=${mirrorReference(rig.registry, `isolation/${request.play}`)}`;
  const system = request.system === 0 ? undefined : await systemImage(rig, work, request.system);
  const client = talk(rig.tools.buildctl, [
    "--addr",
    rig.buildkitHost,
    "build",
    "--progress=plain",
    "--frontend=gateway.v0",
    `--opt=source=${frontend}`,
    "--opt=filename=service.yaml",
    `--opt=target=${request.target}`,
    "--opt=platform=linux/amd64",
    `--opt=build-arg:GOPROXY=${request.proxy}`,
    "--opt=build-arg:GONOSUMDB=example.test",
    ...(namespace === "" ? [] : [`--opt=build-arg:BUILDKIT_CACHE_MOUNT_NS=${namespace}`]),
    ...request.context,
    ...(system === undefined ? [] : [`--opt=context:${DISTRIBUTION}=docker-image://${system}`]),
    ...(cache === "export" || cache === "both" ? [`--export-cache=${stored},mode=max`] : []),
    ...(cache === "import" || cache === "both" ? [`--import-cache=${stored}`] : []),
    `--output=type=local,dest=${out}`,
  ]);
  const stuck = setTimeout(client.kill, patience);
  const trap = setTrap(rig, client.kill, request);
  try {
    const { code, log } = await client.ended;
    const name = code === 0 ? readdirSync(out).find((each) => each === request.file) : undefined;
    return {
      built:
        name === undefined
          ? { kind: "failure", message: lastLines(log) }
          : { kind: "executable", bytes: readFileSync(join(out, name)) },
      killed: trap.caught(),
      unplanned: unplannedIn(log),
    };
  } finally {
    clearTimeout(stuck);
    trap.remove();
    rmSync(out, { recursive: true, force: true });
    if (during === "the client is killed") await sleep(200);
  }
}

interface Client {
  readonly ended: Promise<{ readonly code: number | null; readonly log: string }>;
  readonly kill: () => void;
}

function talk(program: string, args: readonly string[]): Client {
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
  const said: Buffer[] = [];
  child.stderr.on("data", (chunk: Buffer) => said.push(chunk));
  return {
    ended: new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => resolve({ code, log: Buffer.concat(said).toString() }));
    }),
    kill: () => void child.kill("SIGKILL"),
  };
}

/** Milliseconds between two looks at the processes of a build's steps; a compiler lives several times as long. */
const lookEvery = 3;

/** Waits for a compiler in the steps of a builder and kills it, or the client, or the daemon, once. */
function setTrap(
  rig: RigInstance,
  killClient: () => void,
  { app, heavy, step: { during } }: BuildRequest,
): { readonly caught: () => boolean; readonly remove: () => void } {
  if (during === "nothing") return { caught: () => false, remove: () => undefined };
  const path = during === "the compiler of a module is killed" ? heavy : app;
  const { cgroup } = rigPaths(rig.name);
  let caught = false;
  const timer = setInterval(() => {
    const compiler = processesInCgroup(cgroup).find(({ pid }) => compiles(pid, path));
    if (compiler === undefined) return;
    clearInterval(timer);
    caught = true;
    switch (during) {
      case "the compiler of a module is killed":
      case "the service's compiler is killed":
        return killProcess(compiler.pid);
      case "the client is killed":
        return killClient();
      case "the daemon is killed":
        return killProcess(rig.pid);
    }
  }, lookEvery);
  return { caught: () => caught, remove: () => clearInterval(timer) };
}

/** Whether a process is Go's compiler at work on a package of a module. */
function compiles(pid: number, module: string): boolean {
  try {
    const args = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    const path = args[args.indexOf("-p") + 1] ?? "";
    // The main package has the name main; what runs with it is the service's.
    const isPackage =
      path === module || path.startsWith(`${module}/`) || (path === "main" && module.endsWith("/app"));
    return args.includes("-p") && isPackage && (args[0] ?? "").endsWith("/compile");
  } catch {
    return false;
  }
}

function killProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has just ended by itself.
  }
}

/** What the last step says it compiled of other modules: those, an exact plan has compiled before it. */
function unplannedIn(log: string): string | undefined {
  const [, others] = /compiled \d+ packages of this source tree and (\d+) others/.exec(log) ?? [];
  if (others === undefined || others === "0") return undefined;
  return /not in the prepared caches: (.*)/.exec(log)?.[1] ?? `${others} packages`;
}

const lastLines = (log: string): string => log.trim().split("\n").slice(-14).join("\n");
