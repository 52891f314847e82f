// What happens to a build, its frontend, its steps and its builder.
import { execFileSync, spawn } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statfsSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { up } from "../../rig/index.ts";
import { processesInCgroup } from "../../rig/mounts.ts";
import { rigPaths } from "../../rig/paths.ts";
import type { Files } from "../e2e/support/project.ts";
import { type Faults, startFaultyServer } from "../support/faulty-server.ts";
import type { FaultCase } from "./faults.ts";
import {
  binaryArgs,
  build,
  type Built,
  isAsBefore,
  linesOf,
  must,
  type Place,
  placeOf,
  writeTree,
} from "./place.ts";

const where = "build";

/** A service that takes the compiler some seconds, every time another. */
function slow(): Files {
  const number = Math.random();
  const lines = Array.from({ length: 60_000 }, (_, index) => `\t"k${index}": {${index}, "${number}"},`);
  return {
    "go.mod": "module example.test/slow\n\ngo 1.26\n",
    "main.go": "package main\n\nfunc main() { println(len(table)) }\n",
    "table.go": `package main\n\nvar table = map[string]struct {\n\tn int\n\ts string\n}{\n${lines.join("\n")}\n}\n`,
  };
}

interface Running {
  /** Sends a signal to the client. */
  readonly signal: (name: NodeJS.Signals) => void;
  readonly ended: Promise<Omit<Built, "says">>;
}

function start(place: Place, files: Files): Running {
  const { args } = binaryArgs(place, writeTree(place, files));
  const begin = performance.now();
  const child = spawn(place.rig.tools.buildx, args, {
    env: { ...process.env, ...place.env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  child.stderr.on("data", (text: Buffer) => (log += text.toString()));
  const ended = new Promise<Omit<Built, "says">>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, log, seconds: (performance.now() - begin) / 1000 }));
  });
  return { signal: (name) => void child.kill(name), ended };
}

/** A build whose frontend waits for a registry, so that it can be met. */
async function startWaiting(place: Place): Promise<{
  readonly running: Running;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}> {
  const silent: Faults = { seed: "", percent: 100, kinds: ["silent"] };
  const server = await startFaultyServer(() => ({ status: 404, body: "" }), silent);
  const running = start(place, { "service.yaml": `name: app\ntoolchain: ${server.host}/golang:1\n` });
  const pid = await processOf(place, "frontend");
  while (server.asked.size === 0) await pause(10);
  return { running, pid, stop: server.stop };
}

/** Waits for a process of a build: its frontend, or a program of a step. */
async function processOf({ rig }: Place, program: "frontend" | "compile"): Promise<number> {
  const { cgroup } = rigPaths(rig.name);
  const end = Date.now() + 120_000;
  while (Date.now() < end) {
    for (const { pid } of processesInCgroup(cgroup)) {
      const words = commandOf(pid);
      if (program === "frontend" ? words[0]?.endsWith("node") : words[0]?.endsWith("/compile")) return pid;
    }
    await pause(10);
  }
  throw new Error(`no ${program} was started`);
}

function commandOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return []; // it has ended
  }
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Milliseconds until a process is gone. */
async function goneAfter(pid: number): Promise<number> {
  const begin = performance.now();
  while (commandOf(pid).length > 0 && performance.now() - begin < 10_000) await pause(10);
  return performance.now() - begin;
}

/** The same rig again, after its daemon has ended. */
async function again(place: Place): Promise<void> {
  await up({
    name: place.rig.name,
    mirrors: "always",
    standIns: false,
    ephemeral: true,
    log: () => undefined,
  });
}

export const buildFaults: readonly FaultCase[] = [
  {
    where,
    name: "30 builds at one time",
    promise: "each gives what its own source says",
    try: async (place, whole) => {
      const count = whole ? 30 : 6;
      // What they share is there: how many compilers one machine can run is not the question.
      await isAsBefore(place);
      const numbers = Array.from({ length: count }, () => String(Math.random()));
      const begin = performance.now();
      const all = await Promise.all(
        numbers.map((number) =>
          build(place, {
            "go.mod": "module example.test/many\n\ngo 1.26\n",
            "main.go": `package main\n\nfunc main() { println("${number}") }\n`,
          }),
        ),
      );
      for (const [index, built] of all.entries()) {
        must(built.says === `${numbers[index] ?? ""}\n`, built.log);
      }
      return `${count} of ${count} right, in ${((performance.now() - begin) / 1000).toFixed(0)} s`;
    },
  },
  {
    where,
    name: "the client is interrupted while a step runs (SIGINT)",
    promise: "the build ends as cancelled",
    try: async (place) => {
      const running = start(place, slow());
      await processOf(place, "compile");
      running.signal("SIGINT");
      const { code, log } = await running.ended;
      must(code !== 0 && /cancell?ed/i.test(log), log);
      return "cancelled";
    },
  },
  {
    where,
    name: "the client is killed while a step runs (SIGKILL)",
    promise: "the builder ends the step by itself",
    try: async (place) => {
      const running = start(place, slow());
      const compiler = await processOf(place, "compile");
      running.signal("SIGKILL");
      await running.ended;
      await goneAfter(compiler);
      return "the step ended";
    },
  },
  {
    where,
    name: "the frontend gets SIGTERM",
    promise: "the build ends as cancelled, with the reason",
    try: async (place) => {
      const { running, pid, stop } = await startWaiting(place);
      process.kill(pid, "SIGTERM");
      const { code, log } = await running.ended;
      await stop();
      must(code !== 0 && /SIGTERM|cancell?ed/i.test(log), log);
      return `\`${(linesOf(log, /^ERROR/)[0] ?? "").slice(0, 120)}\``;
    },
  },
  {
    where,
    name: "the frontend is killed (SIGKILL)",
    promise: "the build fails, and says that the frontend ended",
    try: async (place) => {
      const running = start(place, slow());
      process.kill(await processOf(place, "frontend"), "SIGKILL");
      const { code, log } = await running.ended;
      must(code !== 0 && /exit code: 137/.test(log), log);
      return `\`${(linesOf(log, /^ERROR/)[0] ?? "").slice(0, 120)}\``;
    },
  },
  {
    where,
    name: "the frontend is stopped for five seconds (SIGSTOP, SIGCONT)",
    promise: "the build goes on",
    try: async (place) => {
      const running = start(place, slow());
      const pid = await processOf(place, "frontend");
      process.kill(pid, "SIGSTOP");
      await pause(5_000);
      process.kill(pid, "SIGCONT");
      const { code, log } = await running.ended;
      must(code === 0, log);
      return "the build went on and succeeded";
    },
  },
  {
    where,
    name: "the frontend is stopped, and the client interrupted",
    promise: "the build ends, and so does the frontend",
    try: async (place) => {
      const running = start(place, slow());
      const pid = await processOf(place, "frontend");
      process.kill(pid, "SIGSTOP");
      await pause(500);
      running.signal("SIGINT");
      await running.ended;
      const gone = await goneAfter(pid);
      must(commandOf(pid).length === 0, "the frontend is still there");
      return `gone after ${(gone / 1000).toFixed(1)} s`;
    },
  },
  {
    where,
    name: "the compiler of a step is killed (SIGKILL, as the kernel does for lack of memory)",
    promise: "the build fails and says why; the next one is right",
    try: async (place) => {
      const files = slow();
      const running = start(place, files);
      process.kill(await processOf(place, "compile"), "SIGKILL");
      const { code, log } = await running.ended;
      must(code !== 0 && /signal: killed/.test(log), log);
      const next = await build(place, { ...files, "service.yaml": "name: app\n" });
      must(next.says === "60000\n", next.log);
      return "`signal: killed` and the help line; the same build again succeeds";
    },
  },
  {
    where,
    name: "files of the context are dated in the year 2100, as with a builder's clock in the past",
    promise: "the executable is the same, byte for byte, and an edit of the same size is seen",
    try: async (place) => {
      const files = (number: number): Files => ({
        "go.mod": "module example.test/dated\n\ngo 1.26\n",
        "main.go": `package main\n\nfunc main() { println(${number}) }\n`,
      });
      const tree = writeTree(place, files(1));
      const future = new Date("2100-01-01T00:00:00Z");
      const dated = async (text: string | undefined): Promise<Buffer> => {
        // An edit that changes neither size nor time is not sent again: BuildKit's client compares these two.
        const time = text === undefined ? future : new Date(future.getTime() + 1_000);
        if (text !== undefined) writeFileSync(join(tree.dir, "main.go"), text);
        utimesSync(join(tree.dir, "main.go"), time, time);
        const { out, args } = binaryArgs(place, tree);
        const { code, stderr } = await place.clients.buildx(args);
        must(code === 0, stderr);
        return readFileSync(join(out, "app"));
      };
      const first = await dated(undefined);
      const second = await dated(String(files(2)["main.go"]));
      const plain = writeTree(place, files(1));
      const { out, args } = binaryArgs(place, plain);
      await place.clients.buildx(args);
      must(readFileSync(join(out, "app")).equals(first), "the executable is another");
      must(!first.equals(second), "the edit was not seen");
      return "the same bytes; the edit was seen";
    },
  },
  {
    where: "builder",
    name: "buildkitd is killed while a step runs (SIGKILL), and started again",
    promise:
      "the client fails at once; the frontend and the step are gone within 2 s; the next build is right on the same data",
    long: true,
    try: async (place) => {
      const waiting = await startWaiting(place);
      const running = start(place, slow());
      const compiler = await processOf(place, "compile");
      process.kill(daemonOf(place), "SIGKILL");
      const killed = performance.now();
      const gone = await goneAfter(waiting.pid);
      const codes = [(await running.ended).code, (await waiting.running.ended).code];
      const seconds = (performance.now() - killed) / 1000;
      await waiting.stop();
      must(!codes.includes(0), "a build succeeded");
      must(gone < 2_000, `the frontend was gone after ${gone.toFixed(0)} ms`);
      await again(place);
      must(commandOf(compiler).length === 0, "the compiler is still there");
      await isAsBefore(place);
      return `the frontend was gone after ${(gone / 1000).toFixed(1)} s, the clients after ${seconds.toFixed(1)} s`;
    },
  },
  {
    where: "builder",
    name: "buildkitd is stopped for five seconds (SIGSTOP, SIGCONT)",
    promise: "the build goes on",
    long: true,
    try: async (place) => {
      const running = start(place, slow());
      await processOf(place, "compile");
      const daemon = daemonOf(place);
      process.kill(daemon, "SIGSTOP");
      await pause(5_000);
      process.kill(daemon, "SIGCONT");
      const { code, log } = await running.ended;
      must(code === 0, log);
      return "the build went on and succeeded";
    },
  },
  {
    where: "builder",
    name: "its disk is full",
    promise: "the build fails and names it; with room again the next build is right",
    long: true,
    try: async (place) =>
      withSmallDisk(place, async (small, fill) => {
        await isAsBefore(small);
        const free = fill();
        const { code, log } = await start(small, slow()).ended;
        must(code !== 0 && /no space left on device/.test(log), log);
        free();
        await isAsBefore(small);
        // Paths are of the machine that the test ran on.
        const line = (linesOf(log, /no space left/)[0] ?? "").replace(/^#\d+ (?:[\d.]+ )?/, "");
        return `\`${line.replace(/(?:\/[^/\s]+)*(?=\/snapshots\/\d)/, "…").slice(0, 120)}\``;
      }),
  },
  {
    where: "builder",
    name: "steps have less memory than the compiler needs",
    promise: "the build fails and names it; with memory again the next build is right",
    long: true,
    try: async (place) => {
      const limit = join("/sys/fs/cgroup/memory", rigPaths(place.rig.name).cgroup, "memory.limit_in_bytes");
      await isAsBefore(place);
      writeFileSync(limit, String(160 << 20));
      const { code, log } = await start(place, slow()).ended.finally(() => writeFileSync(limit, "-1"));
      must(code !== 0 && /signal: killed/.test(log) && /memory/.test(log), log);
      return `\`${(linesOf(log, /memory/)[0] ?? "").replace(/^#\d+ [\d.]+ /, "").slice(0, 160)}\``;
    },
  },
];

function daemonOf({ rig }: Place): number {
  const state = JSON.parse(readFileSync(rigPaths(rig.name).state, "utf8")) as {
    readonly process: { readonly pid: number };
  };
  return state.process.pid;
}

/** statfs(2) */
const TMPFS_MAGIC = 0x0102_1994;
const SMALL = 3 * 2 ** 30;

/** A builder whose data is on a small file system of its own, and what leaves it two megabytes. */
async function withSmallDisk<T>(
  place: Place,
  use: (small: Place, fill: () => () => void) => Promise<T>,
): Promise<T> {
  const name = `${place.rig.name}-disk`;
  const { root, stateDir } = rigPaths(name);
  // Not below the rig's folder: a rig that starts unmounts what is there.
  const disk = mkdtempSync(join(tmpdir(), "faults-disk-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${SMALL}`, "tmpfs", disk]);
  try {
    mkdirSync(stateDir, { recursive: true });
    rmSync(root, { recursive: true, force: true });
    symlinkSync(disk, root);
    const rig = await up({ name, mirrors: "always", standIns: false, ephemeral: true, log: () => undefined });
    try {
      return await use(await placeOf(rig, place.frontend, place.work), () => {
        const ballast = join(root, "ballast");
        const { type, bavail, bsize } = statfsSync(root);
        const free = bavail * bsize;
        // This machine's own disk is not to be filled.
        must(type === TMPFS_MAGIC && free < SMALL, "the builder's data is not on the small disk");
        execFileSync("fallocate", ["-l", String(free - (2 << 20)), ballast]);
        return () => rmSync(ballast);
      });
    } finally {
      await rig.release();
    }
  } finally {
    execFileSync("umount", ["--lazy", disk]);
    rmSync(disk, { recursive: true, force: true });
    rmSync(stateDir, { recursive: true, force: true });
  }
}
