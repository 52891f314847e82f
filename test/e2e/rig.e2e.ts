// The rig itself: what it starts works, and what it ends is gone.
import { spawn, type ChildProcess } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import { mountsBelow, processesInCgroup } from "../../rig/mounts.ts";
import { rigFolder, rigPaths } from "../../rig/paths.ts";
import {
  attach,
  down,
  ensureBuildxBuilder,
  mirrorReference,
  provideStandIns,
  reset,
  runCommand,
  startThrottle,
  status,
  up,
  type RigInstance,
} from "../../rig/index.ts";

const name = `e2e-rig-${process.pid}`;
const log = (): void => undefined;
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rig-e2e-"));
});
afterEach(async () => reset(name, log));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const until = async (holds: () => boolean | Promise<boolean>): Promise<void> =>
  expect.poll(holds, { timeout: 60_000, interval: 50 }).toBe(true);

function commandOf(pid: number | string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return ""; // it has ended
  }
}

/** The processes that have to do with a folder: it is in their arguments or they work in it. */
const processesOf = (path: string): readonly string[] =>
  readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .flatMap((pid) => {
      try {
        const command = commandOf(pid);
        const near = command.includes(path) || readlinkSync(`/proc/${pid}/cwd`).startsWith(path);
        return near ? [`${pid} ${command}`] : [];
      } catch {
        return []; // it has ended
      }
    });

/** All that a stopped rig must not have: by what it would be found. */
function remains() {
  const { stateDir, socket, cgroup } = rigPaths(name);
  return {
    processes: processesOf(stateDir),
    steps: processesInCgroup(cgroup).map(({ pid }) => pid),
    mounts: mountsBelow(stateDir, readFileSync("/proc/self/mountinfo", "utf8")),
    socket: existsSync(socket),
  };
}

const nothing = { processes: [], steps: [], mounts: [], socket: false };

/** Starts a build whose one step runs for minutes, and waits until it does. */
async function startLongStep(rig: RigInstance): Promise<ChildProcess> {
  writeFileSync(join(folder, "Dockerfile"), "FROM busybox\nRUN sleep 600\n");
  const build = spawn(
    rig.tools.buildctl,
    [
      "build",
      "--frontend",
      "dockerfile.v0",
      "--local",
      `context=${folder}`,
      "--local",
      `dockerfile=${folder}`,
    ],
    { env: { ...process.env, ...rig.env }, stdio: "ignore" },
  );
  const runs = (): boolean =>
    processesInCgroup(rigPaths(name).cgroup).some(({ pid }) => commandOf(pid).includes("sleep 600"));
  // A build that ends has no step to wait for.
  await until(() => runs() || build.exitCode !== null);
  expect(runs()).toBe(true);
  return build;
}

describe("what is left of a rig", () => {
  test("down in the middle of a build leaves no process, mount or socket, and keeps the build cache", async () => {
    const rig = await up({ name, log });
    const build = await startLongStep(rig);
    const ended = new Promise((resolve) => build.on("exit", resolve));
    await down(name, log);
    await ended;
    expect(remains()).toEqual(nothing);
    expect(existsSync(join(rig.stateDir, "root", "cache.db"))).toBe(true);
    await reset(name, log);
    expect(existsSync(rig.stateDir)).toBe(false);
  });

  test("down after the daemon was killed ends what it left running", async () => {
    const rig = await up({ name, log });
    const build = await startLongStep(rig);
    const ended = new Promise((resolve) => build.on("exit", resolve));
    process.kill(rig.pid, "SIGKILL");
    await ended;
    expect(remains().steps.length).toBeGreaterThan(0);
    await down(name, log);
    expect(remains()).toEqual(nothing);
  });

  test("a registry of its own goes with the rig", async () => {
    const rig = await up({ name, log, registry: "own", standIns: false });
    expect(rig.registry).not.toBe(inject("rig").registry);
    expect((await fetch(`http://${rig.registry}/v2/_catalog`)).ok).toBe(true);
    await reset(name, log);
    expect(remains()).toEqual(nothing);
    await expect(fetch(`http://${rig.registry}/v2/`)).rejects.toThrow(/fetch failed/);
  });
});

describe("a rig for a while", () => {
  /** A process that uses the rig until it is ended; it says `up` when it has it. */
  const user = async (): Promise<ChildProcess> => {
    const code = `
      import { up } from ${JSON.stringify(join(rigFolder, "index.ts"))};
      await up({ name: ${JSON.stringify(name)}, ephemeral: true, standIns: false, log: () => undefined });
      console.log("up");
      setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", code], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise((resolve, reject) => {
      child.stdout.on("data", resolve);
      child.on("exit", (exit) => reject(new Error(`the user of the rig ended: ${String(exit)}`)));
    });
    return child;
  };

  test("ends with release()", async () => {
    const rig = await up({ name, log, ephemeral: true, standIns: false });
    expect((await status(name)).running).toBe(true);
    await rig.release();
    expect(remains()).toEqual(nothing);
  });

  test("ends when its last user is killed", async () => {
    const [first, second] = await Promise.all([user(), user()]);
    const pid = (await status(name)).pid;
    first.kill("SIGKILL");
    await until(() => processesOf(`reaper.ts ${name} ${String(first.pid)}`).length === 0);
    expect((await status(name)).pid).toBe(pid);
    second.kill("SIGKILL");
    await until(() => JSON.stringify(remains()) === JSON.stringify(nothing));
    await until(() => processesOf(`reaper.ts ${name}`).length === 0);
  });

  test("is what a rig is until `up` is done: interrupted in the middle, nothing stays", async () => {
    const code = `
      import { up } from ${JSON.stringify(join(rigFolder, "index.ts"))};
      const log = (line) => line.includes("buildkitd runs") && process.kill(process.pid, "SIGKILL");
      await up({ name: ${JSON.stringify(name)}, log });`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", code], { stdio: "inherit" });
    const end = await new Promise((resolve) => child.on("exit", (_, signal) => resolve(signal)));
    expect(end).toBe("SIGKILL");
    await until(() => JSON.stringify(remains()) === JSON.stringify(nothing));
  });

  test("stays when it was started to stay", async () => {
    await up({ name, log, standIns: false });
    const rig = await up({ name, log, ephemeral: true, standIns: false });
    expect(rig.started).toBe(false);
    await rig.release();
    expect((await status(name)).running).toBe(true);
  });
});

describe("a running rig", () => {
  test("is one daemon however many ask for it at once", async () => {
    const rigs = await Promise.all([1, 2, 3].map(async () => up({ name, log, standIns: false })));
    expect(new Set(rigs.map(({ pid }) => pid)).size).toBe(1);
    expect(rigs.filter(({ started }) => started)).toHaveLength(1);
    expect((await attach(name, log))?.pid).toBe(rigs[0]?.pid);
  });

  test("has a build cache of its own", async () => {
    const rig = await up({ name, log });
    const { stdout } = await runCommand(rig.tools.buildctl, ["du", "--format", "{{json .}}"], {
      env: { ...process.env, ...rig.env },
    });
    expect(JSON.parse(stdout)).toBeNull();
  });

  test("builds through docker buildx, its steps use the host's network, and its registry takes the image", async () => {
    const rig = await up({ name, log });
    const { env, name: builder } = await ensureBuildxBuilder(rig);
    writeFileSync(
      join(folder, "Dockerfile"),
      [
        "FROM --platform=$BUILDPLATFORM busybox AS look",
        `RUN wget -q -O /catalog http://${rig.registry}/v2/_catalog`,
        "RUN --network=none ls /sys/class/net > /interfaces",
        "FROM gcr.io/distroless/static-debian12:nonroot",
        "COPY --from=look /catalog /interfaces /",
      ].join("\n"),
    );
    const image = mirrorReference(rig.registry, `org/rig-test:${name}`);
    const out = join(folder, "out");
    const build = [
      "build",
      "--builder",
      builder,
      "--platform",
      "linux/amd64,linux/arm64",
      "--provenance=false",
    ];
    await runCommand(rig.tools.buildx, [...build, "-o", `type=registry,name=${image}`, folder], {
      env: { ...process.env, ...env },
    });
    await runCommand(rig.tools.buildx, [...build, "-o", `type=local,dest=${out}`, folder], {
      env: { ...process.env, ...env },
    });
    expect(readFileSync(join(out, "linux_arm64", "catalog"), "utf8")).toContain("library/busybox");
    expect(readFileSync(join(out, "linux_arm64", "interfaces"), "utf8")).toBe("lo\n");
    const config = await runCommand(rig.tools.crane, ["config", "--platform", "linux/arm64", image]);
    expect(JSON.parse(config.stdout)).toMatchObject({ architecture: "arm64", config: { User: "65532" } });
  });

  test("makes a stand-in for any Go release, for the architecture that is asked for", async () => {
    const rig = await up({ name, log, registry: "own", mirrors: "always", standIns: false });
    const architecture = process.arch === "arm64" ? "arm64" : "amd64";
    const options = {
      registry: rig.registry,
      mirrored: rig.mirrored,
      crane: rig.tools.crane,
      architectures: [architecture],
      log,
    } as const;
    await provideStandIns(["golang:1.25.13-alpine"], options);
    const reference = mirrorReference(rig.registry, "golang:1.25.13-alpine");
    const ask = async (...words: readonly string[]): Promise<unknown> =>
      JSON.parse((await runCommand(rig.tools.crane, [...words, "--insecure", reference])).stdout);
    expect(await ask("manifest")).toMatchObject({ manifests: [{ platform: { architecture } }] });
    expect(await ask("config", "--platform", `linux/${architecture}`)).toMatchObject({
      config: { Env: expect.arrayContaining(["GOLANG_VERSION=1.25.13"]) as unknown },
    });
    // Nothing else was made.
    const { stdout } = await runCommand(rig.tools.crane, ["catalog", "--insecure", rig.registry]);
    expect(stdout.trim()).toBe("library/golang");
  });

  test("can be put behind a throttle", async () => {
    const shared = inject("rig");
    const throttle = await startThrottle({ target: shared.registry, bitsPerSecond: 200_000_000 });
    try {
      const rig = await up({ name, log, registryHost: throttle.host });
      expect(rig.registry).toBe(throttle.host);
      writeFileSync(join(folder, "Dockerfile"), "FROM debian:bookworm-slim\nRUN true\n");
      const { env } = await ensureBuildxBuilder(rig);
      await runCommand(rig.tools.buildx, ["build", "-o", "type=cacheonly", folder], {
        env: { ...process.env, ...env },
      });
      expect(throttle.passed().fromTarget).toBeGreaterThan(10_000_000);
    } finally {
      await down(name, log);
      await throttle.close();
    }
  });
});

describe("what is missing is said, with what to do", () => {
  const cli = async (command: string, args: readonly string[], path?: string): Promise<string> =>
    runCommand(command, [...args, process.execPath, join(rigFolder, "cli.ts"), "up", "--name", name], {
      env: { ...process.env, PATH: path ?? process.env["PATH"] },
    }).then(
      () => "it started",
      (error: unknown) => String(error),
    );

  test("root", async () => {
    // The checkout may lie in a folder that root alone may enter.
    const reads = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"];
    const said = await cli("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", ...reads]);
    expect(said).toContain("needs root");
    expect(said).toContain("sudo -E");
  });

  test("Go", async () => {
    const said = await cli("env", [], "/usr/sbin:/usr/bin:/sbin:/bin");
    expect(said).toContain("needs the `go` command");
    expect(said).toContain("https://go.dev/dl");
  });
});
