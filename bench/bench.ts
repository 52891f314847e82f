import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  ensureTools,
  reset,
  runCommand,
  startThrottle,
  up,
  type Log,
  type RigInstance,
  type Throttle,
} from "../rig/index.ts";
import { rigPaths } from "../rig/paths.ts";
import { daemonSeconds } from "./cpu.ts";
import { startModuleProxy, type ModuleProxy } from "./module-proxy.ts";
import { seededRandom, shuffled } from "./random.ts";
import type { Cell, Sample } from "./types.ts";
import { dataFolder } from "./workspace.ts";

export interface BenchOptions {
  readonly runs: number;
  /** Link speed to the registry and to the module proxy; undefined: loopback's own. */
  readonly megabitsPerSecond?: number;
  readonly seed: number;
  /** Only cells of these designs. */
  readonly only?: readonly string[];
  /** Another checkout of this repository, whose frontend is measured beside this one's. */
  readonly before?: string;
  /** Minutes after which no further build begins. */
  readonly budget: number;
  /** Minutes after which a scenario begins no further round. */
  readonly slice: number;
  readonly log: Log;
}

/** All that scenarios work with. */
export interface Bench {
  readonly options: BenchOptions;
  readonly log: Log;
  /** The registry as daemons see it, through the counted (and perhaps slow) link. */
  readonly registry: string;
  /** The same registry, without the link. */
  readonly directRegistry: string;
  readonly link: Throttle;
  readonly proxy: ModuleProxy;
  /** Holds the registry; its daemon is not measured. */
  readonly holder: RigInstance;
  readonly tools: Readonly<{ buildctl: string; crane: string; ko: string }>;
  readonly samples: Sample[];
  /** Starts a daemon with nothing in it. */
  readonly daemon: (purpose: string) => Promise<Daemon>;
  /** Runs cells round by round, each round in another order, and notes what is measured. */
  readonly interleave: (scenario: string, cells: readonly Cell[], runs?: number) => Promise<void>;
  /** Notes a failed preparation as the result of the cells that depended on it. */
  readonly fail: (scenario: string, cell: Omit<Cell, "run">, error: unknown) => void;
  readonly timeLeft: () => boolean;
  /** CPU seconds that a daemon and its steps have used so far. */
  readonly cpuSeconds: (address: string) => number;
}

export interface Daemon {
  readonly address: string;
  readonly release: () => Promise<void>;
}

const gigabit = 1e9;
let daemons = 0;

const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, 2000);

/** Writes back what earlier runs left dirty, so that no run pays for another's files. */
async function settle(): Promise<void> {
  await runCommand("sync", []);
}

/**
 * Starts what all scenarios share: the registry behind its link, the module proxy, the tools.
 *
 * @param modules the GOMODCACHE that holds all subjects' modules
 */
export async function openBench(
  options: BenchOptions,
  modules: string,
): Promise<Bench & Readonly<{ close: () => Promise<void> }>> {
  const { log } = options;
  const begin = Date.now();
  const holder = await up({ name: "bench", ephemeral: true, registry: "own", log });
  const directRegistry = holder.env["GO_FRONTEND_REGISTRY"] ?? holder.registry;
  const bitsPerSecond =
    options.megabitsPerSecond === undefined ? 80 * gigabit : options.megabitsPerSecond * 1e6;
  const link = await startThrottle({ target: directRegistry, bitsPerSecond });
  const downloads = join(modules, "cache", "download");
  mkdirSync(downloads, { recursive: true });
  const proxy = await startModuleProxy(downloads, join(dataFolder(), "ca"), bitsPerSecond);
  const tools = await ensureTools(["buildctl", "crane", "ko"], log);
  const random = seededRandom(options.seed);
  const samples: Sample[] = [];
  const running = new Set<string>();
  let closing = false;
  const cpuOf = new Map<string, () => number>();
  const timeLeft = (): boolean => Date.now() - begin < options.budget * 60_000;

  const daemon = async (purpose: string): Promise<Daemon> => {
    if (closing) throw new Error("the benchmark is ending");
    const name = `bench-${purpose}-${process.pid}-${(daemons += 1)}`;
    running.add(name);
    const rig = await up({
      name,
      ephemeral: true,
      registryHost: link.host,
      mirrors: holder.mirrored.length > 0 ? "always" : "never",
      standIns: false,
      log: () => undefined,
    });
    cpuOf.set(rig.buildkitHost, () => daemonSeconds(rig.pid, rigPaths(name).cgroup));
    return {
      address: rig.buildkitHost,
      release: async () => {
        await rig.release();
        await reset(name, () => undefined);
        running.delete(name);
      },
    };
  };

  const note = (sample: Sample): void => {
    samples.push(sample);
    const result = sample.ok
      ? `${sample.seconds.toFixed(2)} s (cpu ${sample.cpuSeconds?.toFixed(1) ?? "?"} s), compiled ${sample.compiled.firstParty}+${sample.compiled.thirdParty}+${sample.compiled.std}, ` +
        `pulled ${(sample.pulledBytes / 1e6).toFixed(1)} MB, pushed ${(sample.pushedBytes / 1e6).toFixed(1)} MB, context ${(sample.contextBytes / 1e3).toFixed(1)} kB`
      : `FAILED: ${sample.error.split("\n").slice(0, 12).join("\n    ")}`;
    log(
      `${sample.scenario} ${sample.variant} ${sample.subject} ${sample.design} #${sample.round}: ${result}`,
    );
  };

  const interleave: Bench["interleave"] = async (scenario, cells, runs = options.runs) => {
    const failures = new Map<Cell, number>();
    const wanted = cells.filter(({ design }) => options.only?.includes(design) ?? true);
    const end = Date.now() + options.slice * 60_000;
    for (let round = 1; round <= runs; round += 1) {
      if (round > 1 && Date.now() > end) return log(`${scenario}: its share of the time is used up`);
      for (const cell of shuffled(wanted, random)) {
        if (round > (cell.rounds ?? runs) || (failures.get(cell) ?? 0) >= 2) continue;
        if (closing) return;
        if (!timeLeft()) {
          log(`${scenario}: the time is used up`);
          return;
        }
        await settle();
        const load = loadavg()[0] ?? 0;
        const { variant, subject, design } = cell;
        const place = { scenario, variant, subject, design, round, load };
        try {
          note({ ...place, ok: true, ...(await cell.run(round)) });
        } catch (error) {
          failures.set(cell, (failures.get(cell) ?? 0) + 1);
          note({ ...place, ok: false, error: messageOf(error) });
        }
      }
    }
  };

  const fail: Bench["fail"] = (scenario, { variant, subject, design }, error) =>
    note({ scenario, variant, subject, design, round: 0, load: 0, ok: false, error: messageOf(error) });

  const close = async (): Promise<void> => {
    closing = true;
    for (const name of running) await reset(name, () => undefined).catch(() => undefined);
    await link.close();
    await proxy.close();
    await holder.release();
    await sleep(100);
    await reset("bench", () => undefined);
    rmSync(join(dataFolder(), "work"), { recursive: true, force: true });
  };
  return {
    options,
    log,
    registry: link.host,
    directRegistry,
    link,
    proxy,
    holder,
    tools,
    samples,
    daemon,
    interleave,
    fail,
    timeLeft,
    cpuSeconds: (address) => cpuOf.get(address)?.() ?? 0,
    close,
  };
}

/** Versions and conditions for the report. */
export function readSmall(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return "";
  }
}
