import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Duplex } from "node:stream";
import { cacheFolder } from "../../rig/index.ts";
import type { ByteStreams } from "../../src/gateway/http2-transport.ts";

/** One line of the harness's report; see test/support/gateway-harness/main.go, type event. */
export interface HarnessEvent {
  readonly event: "ready" | "call" | "exec" | "waiting" | "cancelled" | "cut" | "closed" | "exit";
  readonly ms: number;
  readonly method?: string;
  readonly took?: number;
  readonly code?: string;
  readonly message?: string;
  readonly size?: number;
  /** The request as protojson: 64-bit numbers are strings, bytes are base64. */
  readonly request?: Record<string, unknown>;
  readonly exitCode?: number;
  readonly signal?: string;
  readonly closedEarly?: boolean;
  readonly firstRpc?: number;
  readonly maxRss?: number;
  readonly cpu?: number;
}

const source = join(import.meta.dirname, "gateway-harness");

/** Builds the Go server once per source text, into the cache outside the repository. */
export function harnessBinary(): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(source).sort()) hash.update(name).update(readFileSync(join(source, name)));
  const directory = join(cacheFolder(), "gateway-harness");
  const binary = join(directory, hash.digest("hex").slice(0, 16));
  if (existsSync(binary)) return binary;
  mkdirSync(directory, { recursive: true });
  const unfinished = `${binary}.${process.pid}`;
  try {
    execFileSync("go", ["build", "-o", unfinished, "."], {
      cwd: source,
      stdio: ["ignore", "ignore", "pipe"],
    });
  } catch (cause) {
    throw new Error("cannot build the gateway test server; it needs Go (test/support/gateway-harness)", {
      cause,
    });
  }
  renameSync(unfinished, binary);
  return binary;
}

export interface ServedHarness extends AsyncDisposable {
  readonly streams: ByteStreams;
  readonly events: readonly HarnessEvent[];
  /** The first event that fits, waited for if need be. */
  until(fits: (event: HarnessEvent) => boolean): Promise<HarnessEvent>;
  /** Kills the server, as a crash of buildkitd would. */
  kill(): void;
}

/** Starts a server that talks to this process, so that a test can call it directly. */
export async function serveHarness(...flags: readonly string[]): Promise<ServedHarness> {
  const child = spawn(harnessBinary(), ["-serve", ...flags], {
    stdio: ["ignore", "pipe", "inherit", "pipe", "pipe"],
  });
  const report = follow(child);
  await report.until((event) => event.event === "ready");
  const [, , , toServer, fromServer] = child.stdio as unknown as Duplex[];
  if (toServer === undefined || fromServer === undefined) throw new Error("the harness has no pipes");
  return {
    streams: { input: fromServer, output: toServer },
    ...report,
    kill: () => child.kill("SIGKILL"),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await report.ended;
    },
  };
}

export interface FrontendRun {
  readonly exit: HarnessEvent;
  readonly events: readonly HarnessEvent[];
  readonly stderr: string;
  /** What the frontend handed to Return. */
  readonly returned: Record<string, unknown> | undefined;
}

export interface FrontendRunOptions {
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeFlags?: readonly string[];
}

/** Runs a script as BuildKit runs a frontend, to its end. */
export async function runFrontendScript(
  script: string,
  args: readonly string[] = [],
  { flags = [], env = {}, nodeFlags = [] }: FrontendRunOptions = {},
): Promise<FrontendRun> {
  const child = spawn(harnessBinary(), [...flags, "--", process.execPath, ...nodeFlags, script, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_NO_WARNINGS: "1", ...env },
  });
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const report = follow(child);
  await report.ended;
  const exit = report.events.find((event) => event.event === "exit");
  if (exit === undefined) throw new Error(`the harness failed: ${stderr}`);
  const call = report.events.find((event) => event.event === "call" && event.method === "Return");
  return { exit, events: report.events, stderr, returned: call?.request };
}

function follow(child: ChildProcess) {
  const events: HarnessEvent[] = [];
  const watchers = new Set<() => void>();
  if (child.stdout === null) throw new Error("the harness has no stdout");
  createInterface({ input: child.stdout }).on("line", (line) => {
    events.push(JSON.parse(line) as HarnessEvent);
    for (const watcher of watchers) watcher();
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => {
      resolve();
      for (const watcher of watchers) watcher();
    });
  });
  const until = (fits: (event: HarnessEvent) => boolean): Promise<HarnessEvent> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = events.find(fits);
        if (found === undefined && child.exitCode === null && child.signalCode === null) return;
        watchers.delete(look);
        if (found === undefined) reject(new Error("the harness ended without the event that was waited for"));
        else resolve(found);
      };
      watchers.add(look);
      look();
    });
  return { events, ended, until };
}
