// `npm run demo` as its users run it: what it says is true, and it leaves nothing, however it ends.
import { type ChildProcess, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, inject, test } from "vitest";
import { mountsBelow, processesInCgroup } from "../../rig/mounts.ts";
import { rigPaths } from "../../rig/paths.ts";
import { cacheFolder, ensureEngine, reset, runCommand, upEngine } from "../../rig/index.ts";
import { scratchDir } from "./support/clients.ts";
import { project } from "./support/project.ts";

const repository = join(import.meta.dirname, "..", "..");
const hello = join(repository, "examples", "hello");
const rig = inject("rig");
const log = (): void => undefined;

interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}
interface Run {
  readonly child: ChildProcess;
  readonly text: () => string;
  readonly finished: Promise<Finished>;
}

/** Starts the demo through npm, with a process group of its own, as a terminal gives it one. */
function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Run {
  const child = spawn("npm", ["run", "--silent", "demo", "--", ...args], {
    cwd: repository,
    env: { ...process.env, ...env, GO_FRONTEND_DEMO_TEST: String(process.pid) },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const finished = new Promise<Finished>((resolve) => {
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
  return { child, text: () => stdout + stderr, finished };
}

const demo = async (...args: readonly string[]): Promise<Finished> =>
  start(["--rig", rig.name, ...args]).finished;

/** In the environment of everything that the demos of this test start, other than the containers' own processes. */
const mark = `GO_FRONTEND_DEMO_TEST=${process.pid}`;
const runs = join(cacheFolder(), "demo", "run");
const listRuns = (): readonly string[] => (existsSync(runs) ? readdirSync(runs) : []);
/** Other demos may run on this machine: those from before, and those whose process, named first, has no mark. */
const notOurs = new Set(listRuns());
const ourRuns = (): readonly string[] =>
  listRuns().filter((name) => {
    const environment = readProc(name.split("-")[0] ?? "", "environ");
    if (environment !== undefined && !environment.includes(mark)) notOurs.add(name);
    return !notOurs.has(name);
  });

/** What /proc says of a process, at its zeros; undefined when it has ended. */
function readProc(pid: string, file: "cmdline" | "environ" | "stat"): readonly string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8").split("\0");
  } catch {
    return undefined;
  }
}

/** The process of the demo itself that a run has started, below npm and the door script. */
const demoProcess = ({ child }: Run): number | undefined =>
  readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid))
    .map(Number)
    .find((pid) => {
      const group = readProc(`${pid}`, "stat")?.[0]
        ?.replace(/^.*\) /s, "")
        .split(" ")[2];
      const words = readProc(`${pid}`, "cmdline") ?? [];
      return (
        Number(group) === child.pid && words.includes("scripts/demo.ts") && !words.includes("scripts/run.mjs")
      );
    });

/** The processes that a demo of this test started, its daemon and its containers among them. */
function processes(): readonly string[] {
  const folders = ourRuns().map((name) => join(runs, name));
  return readdirSync("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return [];
    try {
      const [command = "", environment = ""] = ["cmdline", "environ"].map((name) =>
        readFileSync(`/proc/${pid}/${name}`, "utf8"),
      );
      const root = readlinkSync(`/proc/${pid}/root`);
      const ours =
        environment.split("\0").includes(mark) ||
        folders.some((folder) => root.startsWith(folder) || command.includes(folder));
      return ours ? [`${pid} ${command.replaceAll("\0", " ")} (${root})`] : [];
    } catch {
      return []; // it has ended
    }
  });
}

/** All that must be gone after a demo. */
const leftOvers = (): readonly string[] => [
  ...processes(),
  ...ourRuns(),
  ...ourRuns().flatMap((name) => mountsBelow(join(runs, name), readFileSync("/proc/self/mountinfo", "utf8"))),
];

const nothingLeft = async (): Promise<void> =>
  expect.poll(leftOvers, { timeout: 60_000, interval: 100 }).toEqual([]);

describe("npm run demo", () => {
  test("builds examples/orders for two platforms, runs it as a container, uses it and reports", async () => {
    const { code, stdout, stderr } = await demo();
    expect(stderr).not.toMatch(/^demo: /m);
    expect(code).toBe(0);
    const reference = /^image +(\S+)$/m.exec(stdout)?.[1] ?? "";
    const digest = /^digest +(\S+)$/m.exec(stdout)?.[1] ?? "";
    expect((await runCommand(rig.tools.crane, ["digest", reference])).stdout.trim()).toBe(digest);
    for (const platform of ["linux/amd64", "linux/arm64"]) {
      const { stdout: manifest } = await runCommand(rig.tools.crane, [
        "manifest",
        "--platform",
        platform,
        reference,
      ]);
      const { layers } = JSON.parse(manifest) as { readonly layers: readonly { readonly size: number }[] };
      const size = layers.reduce((sum, layer) => sum + layer.size, 0);
      expect(stdout).toMatch(
        new RegExp(
          `${platform} +${(size / 1e6).toFixed(2)} MB compressed +[0-9.]+ MB unpacked  ${layers.length} layers`,
        ),
      );
    }
    expect(stdout).toMatch(/^user +65532:65532$/m);
    for (const stage of ["tools", "builder", "frontend image", "build and push", "run"]) {
      expect(stderr).toContain(`▸ ${stage}\n`);
      expect(stdout).toMatch(new RegExp(`[0-9.]+ s  ${stage}$`, "m"));
    }
    expect(stderr).toMatch(/GET \/healthz → 200 .*"status":"ok"/);
    expect(stderr).toMatch(/POST \/orders .* → 201/);
    expect(stderr).toMatch(/GET \/orders → 200 .*tea/);
    expect(stderr).toMatch(/GET \/metrics → 200/);
    await nothingLeft();

    // The commands it prints do the same: equal digests.
    const env = {
      ...process.env,
      ...rig.env,
      PATH: `${join(rig.stateDir, "bin")}:${process.env["PATH"] ?? ""}`,
    };
    const buildctl = /^ {2}buildctl (.+)$/m.exec(stdout)?.[1]?.split(" ") ?? [];
    await runCommand(rig.tools.buildctl, buildctl, { cwd: repository, env });
    expect((await runCommand(rig.tools.crane, ["digest", reference])).stdout.trim()).toBe(digest);
    expect(stdout).toMatch(
      /^ {2}docker buildx build -f examples\/orders\/service\.yaml .*--push examples\/orders$/m,
    );
  });

  test("takes any folder with a description and asks what it listens on", async () => {
    const folder = mkdtempSync(join(tmpdir(), "demo-e2e-"));
    try {
      cpSync(hello, folder, { recursive: true });
      const { code, stderr } = await demo(folder, "--call", "/you?zone=Europe/Vienna");
      expect({ code, stderr }).toMatchObject({ code: 0 });
      expect(stderr).toMatch(/listens on 8080/);
      expect(stderr).toMatch(/GET http:\/\/localhost:8080\/you\S* → 200/);
      expect(stderr).toMatch(/Hello, you! It is .* CES?T\./);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    await nothingLeft();
  });

  test("takes a public module, and says what a module lacks", async () => {
    const folder = mkdtempSync(join(tmpdir(), "demo-e2e-"));
    try {
      const [several, none, empty, wrong] = [
        await demo("github.com/google/go-containerregistry@v0.22.1"),
        await demo("rsc.io/quote@v1.5.2"),
        await demo(folder),
        await demo("no-such-folder"),
      ];
      expect(several.stderr).toContain("GF005");
      expect(several.stderr).toContain("or, for the demo: --main ./cmd/crane");
      expect(none.stderr).toContain("its zip holds no go.sum");
      expect(empty.stderr).toContain(
        'the smallest is a file service.yaml with the line "# syntax=org/go-frontend"',
      );
      expect(wrong.stderr).toContain("neither a folder nor MODULE@VERSION");
      expect([several, none, empty, wrong].map(({ code }) => code)).toEqual([1, 1, 2, 2]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test.each([
    ["that is there, without being told", [], `the BuildKit at ${rig.buildkitHost} (BUILDKIT_HOST)`],
    ["named by --builder", ["--builder", rig.buildkitHost], `the BuildKit at ${rig.buildkitHost}`],
  ])("uses a BuildKit %s", async (_, options, name) => {
    const env = { BUILDKIT_HOST: options.length === 0 ? rig.buildkitHost : "" };
    const { code, stdout, stderr } = await start([hello, ...options, "--call", "/you"], env).finished;
    expect({ code, stderr }).toMatchObject({ code: 0 });
    // Which builder it is stands before anything is fetched, made or started.
    expect(stderr.slice(0, stderr.indexOf("▸ tools"))).toContain(`builder: ${name}\n`);
    expect(stderr).toMatch(/Hello, you!/);
    expect(stdout).not.toContain(`${rig.registry}/`);
    await nothingLeft();
  });

  test("builds the service that --target names, and says which there are", async () => {
    const services = join(repository, "examples", "two-services");
    const { code, stderr } = await demo(services, "--target", "worker", "--run", "-h");
    expect(stderr).toMatch(/^ {4}worker: /m);
    expect([0, 1]).toContain(code);
    const none = await demo(services);
    expect(none.code).toBe(1);
    expect(none.stderr).toContain("add --target with one of: ");
  });
});

describe("Ctrl-C", () => {
  const name = `e2e-demo-${process.pid}`;
  const work = scratchDir();
  afterAll(async () => {
    work.remove();
    await reset(name, () => undefined);
  });

  // Needs little of the standard library, which an empty daemon compiles first.
  const main = (more: string): string => `package main

import (
	"fmt"
	"time"
)

func main() {
	fmt.Println("ready")
	time.Sleep(time.Hour)
	${more}
}
`;
  const description = { "service.yaml": "# syntax=org/go-frontend\n" };
  const service = project(work.path, { ...description, "main.go": main("") });
  // One long function: no machine is done with it before the demo has said that the step runs.
  const lines = Array.from({ length: 40_000 }, (_, i) => `x[${i % 7}] += x[${(i + 1) % 7}] * ${2 + (i % 5)}`);
  const slow = project(work.path, {
    ...description,
    "main.go": main(["x := make([]int, 7)", ...lines, "fmt.Println(x)"].join("\n\t")),
  });

  /** What a daemon that nobody uses any more must not have. */
  const daemonLeft = ({ stateDir, socket, cgroup } = rigPaths(name)): readonly unknown[] => {
    return [
      ...processesInCgroup(cgroup),
      ...mountsBelow(stateDir, readFileSync("/proc/self/mountinfo", "utf8")),
      ...(existsSync(socket) ? [socket] : []),
    ];
  };

  /** Waits until a run says something; one that ends without it fails the test at once, with all that it said. */
  const says = async (run: Run, moment: RegExp): Promise<void> => {
    let ended = false;
    void run.finished.then(() => (ended = true));
    const seen = (): "said" | "ended" | "waiting" =>
      moment.test(run.text()) ? "said" : ended ? "ended" : "waiting";
    await expect.poll(seen, { timeout: 600_000, interval: 5 }).not.toBe("waiting");
    expect(run.text()).toMatch(moment);
  };

  test("where nothing is at hand, Debian's packages serve, without a compiler; Ctrl-C and the end leave nothing", async () => {
    // A cache folder of its own, but for the stand-ins: theirs is minutes of work.
    const cache = join(work.path, "cache");
    mkdirSync(cache);
    mkdirSync(join(cacheFolder(), "standins"), { recursive: true });
    symlinkSync(join(cacheFolder(), "standins"), join(cache, "standins"));
    const engine = rigPaths("docker-engine", cache);
    const env = {
      GO_FRONTEND_CACHE: cache,
      GO_FRONTEND_DOWNLOADS: "",
      // A port that nothing listens on: released programs are not to be had.
      GO_FRONTEND_RELEASES: "http://127.0.0.1:1",
      BUILDKIT_HOST: "",
      DOCKER_HOST: `unix://${work.path}/no-docker.sock`,
    };
    const left = (): readonly unknown[] => daemonLeft(engine);
    const first = start([service], env);
    await says(first, /▸ build and push/);
    process.kill(-(first.child.pid ?? 0), "SIGINT");
    expect((await first.finished).stderr).toMatch(/docker\.io_28\.5\S+ from Debian, unpacked aside/);
    await nothingLeft();
    await expect.poll(left, { timeout: 60_000, interval: 100 }).toEqual([]);
    const again = start([service], env);
    const { code, stdout, stderr } = await again.finished;
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).toMatch(/Docker Engine runs/);
    expect(stderr).not.toContain("building buildkitd");
    expect(stderr).toMatch(/it runs, and listens on no TCP port/);
    expect(stdout).toMatch(/^ {2}docker buildx build .*--network host/m);
    await nothingLeft();
    await expect.poll(left, { timeout: 60_000, interval: 100 }).toEqual([]);
  });

  test("the Docker Engine that runs is used without being told, and left as it is", async () => {
    const { programs, docker } = await ensureEngine("28.5", rig.tools.registry, log);
    const bin = join(work.path, "docker-bin");
    const config = join(work.path, "docker-config");
    for (const folder of [bin, join(config, "cli-plugins")]) mkdirSync(folder, { recursive: true });
    symlinkSync(docker, join(bin, "docker"));
    symlinkSync(rig.tools.buildx, join(config, "cli-plugins", "docker-buildx"));
    const engineName = `${name}-docker`;
    const engine = await upEngine({ name: engineName, programs, log });
    try {
      const env = {
        PATH: `${bin}:${process.env["PATH"] ?? ""}`,
        DOCKER_HOST: engine.dockerHost,
        DOCKER_CONFIG: config,
        BUILDKIT_HOST: "",
      };
      const { code, stderr } = await start([service], env).finished;
      expect({ code, stderr }).toMatchObject({ code: 0 });
      expect(stderr.slice(0, stderr.indexOf("▸ tools"))).toMatch(
        /builder: the Docker Engine 28\.5\S* that runs here/,
      );
      expect(stderr).toMatch(/it runs, and listens on no TCP port/);
      await nothingLeft();
      expect((await runCommand(docker, ["version"], { env })).stdout).toContain("28.5");
    } finally {
      await engine.release();
    }
    await expect.poll(() => daemonLeft(rigPaths(engineName)), { timeout: 60_000, interval: 100 }).toEqual([]);
    await reset(engineName, log);
  });

  // From the first line to the running container; the daemon is the run's own and empty at first.
  test.each([
    ["while the daemon starts", service, /▸ builder/],
    ["while the frontend image is made", service, /▸ frontend image/],
    ["while a step of the build runs", slow, /… \[.*go build/],
    ["while the image is pulled", service, /▸ pull/],
    ["while the container runs", service, /running linux\/\S+ as user/],
  ])("%s leaves no process, mount or network", async (_, folder, moment) => {
    const run = start([folder, "--rig", name]);
    await says(run, moment);
    // To the group, as the terminal does it: npm, the door script, the demo and its commands all get it.
    process.kill(-(run.child.pid ?? 0), "SIGINT");
    const { stdout, stderr } = await run.finished;
    expect(stderr).toContain("interrupted: ending what was started");
    expect(stderr).not.toMatch(/^demo: /m);
    expect(stdout).not.toContain("digest");
    await nothingLeft();
    await expect.poll(() => daemonLeft(), { timeout: 60_000, interval: 100 }).toEqual([]);
  });

  test("even SIGKILL leaves no container", async () => {
    const run = start([service, "--rig", name]);
    await says(run, /running linux\/\S+ as user/);
    const pid = demoProcess(run);
    if (pid === undefined) throw new Error(`no process of the demo is found:\n${run.text()}`);
    process.kill(pid, "SIGKILL");
    await run.finished;
    await nothingLeft();
    await expect.poll(() => daemonLeft(), { timeout: 60_000, interval: 100 }).toEqual([]);
  });
});
