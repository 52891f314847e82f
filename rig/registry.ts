import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { freePort, isRecord, readJson, readText, writeJson, writeText } from "./files.ts";
import { isProcessId, withLock } from "./lock.ts";
import { cacheFolder } from "./paths.ts";
import { isAlive, startDetached, stopProcess, waitFor, type ProcessId } from "./process.ts";
import { rigError, type Log } from "./text.ts";

/** A running registry on the loopback address. */
export interface Registry {
  readonly host: string;
  readonly folder: string;
  readonly process: ProcessId;
}

/** The folder of the registry that all rigs of a cache folder share. */
export const sharedRegistryFolder = (): string => join(cacheFolder(), "registry");

/** The folder of the registry that belongs to one rig alone. */
export const ownRegistryFolder = (stateDir: string): string => join(stateDir, "registry");

interface RegistryState {
  readonly port: number;
  readonly process: ProcessId;
}

const isRegistryState = (value: unknown): value is RegistryState =>
  isRecord(value) && typeof value["port"] === "number" && isProcessId(value["process"]);

const stateFile = (folder: string): string => join(folder, "state.json");

async function answers(host: string): Promise<boolean> {
  try {
    return (await fetch(`http://${host}/v2/`, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
}

// https://distribution.github.io/distribution/about/configuration/
const configuration = (folder: string, port: number): string =>
  JSON.stringify({
    version: "0.1",
    log: { level: "warn", accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: join(folder, "storage") },
      delete: { enabled: true },
      redirect: { disable: true },
    },
    http: { addr: `127.0.0.1:${port}` },
  });

/** The registry whose state is in a folder, when it runs. */
export function runningRegistry(folder: string): Registry | undefined {
  const state = readJson(stateFile(folder), isRegistryState);
  if (state === undefined || !isAlive(state.process)) return undefined;
  return { host: `localhost:${state.port}`, folder, process: state.process };
}

/**
 * Starts the registry of a folder, or finds it running. Its port is chosen once and kept while it is free, so
 * that references stay good.
 *
 * @param binary the registry tool's path
 */
export const ensureRegistry = async (folder: string, binary: string, log: Log): Promise<Registry> =>
  await withLock(`registry ${folder}`, "starting the registry", log, async () => {
    const running = runningRegistry(folder);
    if (running !== undefined && (await answers(running.host))) return running;
    if (running !== undefined) await stopProcess(running.process);
    mkdirSync(join(folder, "storage"), { recursive: true });
    const port = await freePort(readJson(stateFile(folder), isRegistryState)?.port);
    const config = join(folder, "config.yml");
    const logFile = join(folder, "registry.log");
    writeText(config, configuration(folder, port));
    const id = await startDetached(binary, ["serve", config], {
      logFile,
      env: { ...process.env, OTEL_TRACES_EXPORTER: "none" },
    });
    writeJson(stateFile(folder), { port, process: id } satisfies RegistryState);
    const host = `localhost:${port}`;
    if (!(await waitFor(async () => !isAlive(id) || (await answers(host)), 15)) || !isAlive(id)) {
      await stopProcess(id);
      throw rigError(`the registry did not start:\n${(readText(logFile) ?? "").slice(-2000)}`);
    }
    return { host, folder, process: id };
  });

/** Stops the registry of a folder when it runs; `remove` takes its content too. */
export async function stopRegistry(
  folder: string,
  options: Readonly<{ remove?: boolean }> = {},
): Promise<void> {
  const running = runningRegistry(folder);
  if (running !== undefined) await stopProcess(running.process);
  if (options.remove === true) rmSync(folder, { recursive: true, force: true });
}
