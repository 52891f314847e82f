import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ensureRunc, type Log, mirrorReference, type RigInstance, runCommand } from "../rig/index.ts";
import { harnessBinary, type HarnessEvent } from "../test/support/gateway-harness.ts";
import type { BuiltImage } from "./build.ts";
import { entrypoint, environment, paths } from "./layout.ts";
import { imageName, pushFrontendImage } from "./push.ts";
import { unpackImage } from "./unpack.ts";

/**
 * Pushes an image to the rig's registry and measures it: its sizes as pushed, the time from the start of a process to its first call, in a chroot and in a
 * container, and the memory of the frontend during a real build on the rig.
 *
 * @returns Markdown
 */
export async function reportFrontendImage(
  image: BuiltImage,
  rig: Omit<RigInstance, "release">,
  log: Log,
): Promise<string> {
  const lines = ["| | compressed | layers | unpacked |", "|---|---|---|---|"];
  const { platforms } = await pushFrontendImage(image, rig, log);
  for (const { architecture, compressed, layers, unpack } of platforms) {
    const unpacked = layers.reduce((sum, _, at) => sum + unpack(at).length, 0);
    const sizes = layers.map(({ size }) => megabytes(size)).join(" + ");
    lines.push(`| linux/${architecture} | ${megabytes(compressed)} | ${sizes} | ${megabytes(unpacked)} |`);
  }
  const work = mkdtempSync(join(tmpdir(), "go-frontend-report-"));
  try {
    log("measuring start-up: 15 runs each");
    const root = join(work, "rootfs");
    const native = platforms.find(
      ({ architecture }) => (architecture === "arm64") === (process.arch === "arm64"),
    );
    if (native === undefined) throw new Error("the image is not built for this machine's architecture");
    await unpackImage(native, root);
    const commands = {
      "chroot, no container": ["chroot", root, ...entrypoint],
      "runc container": [await ensureRunc(log), "run", "--bundle", work, `go-frontend-report-${process.pid}`],
    };
    writeFileSync(join(work, "config.json"), JSON.stringify(containerConfig(root)));
    for (const [name, command] of Object.entries(commands)) {
      const runs: number[] = [];
      for (let run = 0; run < 15; run += 1) runs.push(await firstCall(command));
      lines.push("", `spawn to first RPC, ${name}: ${spread(runs)}`);
    }
    log("measuring memory: 5 builds of examples/hello");
    const peaks: number[] = [];
    for (let run = 0; run < 5; run += 1) peaks.push(await peakMemory(rig));
    lines.push("", `peak RSS of the frontend building examples/hello: ${megabytes(median(peaks) * 1024)}`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  const load = loadavg().map((value) => value.toFixed(1));
  lines.push(
    "",
    `${cpus().length} cores, load averages ${load.join(", ")}: start-up times mean little on a busy machine`,
  );
  return lines.join("\n");
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
const spread = (runs: readonly number[]): string =>
  `median ${median(runs).toFixed(1)} ms, fastest ${Math.min(...runs).toFixed(1)} ms, of ${runs.length}`;

/** What BuildKit gives a frontend without network: root, loopback only, no terminal (OCI runtime specification). */
const containerConfig = (root: string): object => ({
  ociVersion: "1.0.2",
  process: { args: entrypoint, env: environment, cwd: "/", user: { uid: 0, gid: 0 }, terminal: false },
  root: { path: root },
  mounts: [
    { destination: "/proc", type: "proc", source: "proc" },
    { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755"] },
  ],
  linux: { namespaces: ["pid", "ipc", "uts", "mount", "network"].map((type) => ({ type })) },
});

/** Milliseconds from the start of a command to its first call, as the gateway harness sees it. */
async function firstCall(command: readonly string[]): Promise<number> {
  const settings = environment.map((entry) => entry.split("=") as [string, string]);
  const env: NodeJS.ProcessEnv = { PATH: process.env["PATH"], ...Object.fromEntries(settings) };
  const { stdout } = await runCommand(harnessBinary(), ["--", ...command], { env });
  const events = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as HarnessEvent);
  const exit = events.find(({ event }) => event === "exit");
  if (exit?.firstRpc === undefined) throw new Error(`no call came: ${stdout}`);
  return exit.firstRpc;
}

/** The most memory that the frontend's process held during one build, in KiB, watched from the host. */
async function peakMemory(rig: Omit<RigInstance, "release">): Promise<number> {
  const source = mirrorReference(rig.registry, imageName);
  const folder = join(import.meta.dirname, "..", "examples", "hello");
  const options = ["--frontend", "gateway.v0", "--opt", `source=${source}`, "--opt", "filename=service.yaml"];
  const locals = ["--local", `context=${folder}`, "--local", `dockerfile=${folder}`];
  const build = spawn(rig.tools.buildctl, ["--addr", rig.buildkitHost, "build", ...options, ...locals], {
    stdio: "ignore",
  });
  const ended = new Promise((resolve) => build.on("close", resolve));
  let peak = 0;
  while (build.exitCode === null) {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      peak = Math.max(peak, highWater(pid));
    }
    await sleep(1);
  }
  await ended;
  if (peak === 0) throw new Error("the frontend's process was not seen: is this BuildKit on this machine?");
  return peak;
}

function highWater(pid: string): number {
  try {
    if (!readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(paths.entry)) return 0;
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0; // gone meanwhile
  }
}
