import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, mkdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  attach,
  cacheFolder,
  ensureRegistry,
  ensureTools,
  externalBuilder,
  type ExternalBuilder,
  type Log,
  type RigInstance,
  runningRegistry,
  stopRegistry,
  up,
} from "../../rig/index.ts";

/** What the demo builds with: the rig, or something shaped like it around a BuildKit that is already there. */
export type Builder = RigInstance;

/**
 * The builder that `--builder` names.
 *
 * @param named undefined or `rig`: the local rig, which ends with this process; `auto`: what the user has
 * @throws RigError that says what is missing
 */
export const ensureBuilder = async (named: string | undefined, rig: string, log: Log): Promise<Builder> => {
  const external =
    named === undefined ? undefined : await externalBuilder(named === "auto" ? undefined : named);
  if (external !== undefined) return aroundExternal(external, log);
  if (named === "auto") log("neither BUILDKIT_HOST nor a running Docker Engine: using the local rig");
  // A rig that runs has the stand-ins that its starter wanted, or none.
  const running = await attach(rig, log);
  return up({ name: rig, ephemeral: true, standIns: running === undefined, log });
};

/** Finds a BuildKit that is not ours, and puts a registry beside it, on this machine's loopback address. */
const aroundExternal = async (external: ExternalBuilder, log: Log): Promise<Builder> => {
  const built = await ensureTools(["buildctl", "buildx", "crane", "registry"], log);
  const tools = { ...built, buildkitd: "" };
  const bridge = external.kind === "buildkit" ? undefined : await bridgeTo(external);
  const buildkitHost = external.kind === "buildkit" ? external.buildkitHost : (bridge?.address ?? "");
  const folder = join(cacheFolder(), "demo", "registry");
  const before = runningRegistry(folder);
  const registry = await ensureRegistry(folder, tools.registry, log);
  const name = `demo-${createHash("sha256").update(buildkitHost).digest("hex").slice(0, 12)}`;
  const stateDir = join(cacheFolder(), "demo", "builders", name);
  mkdirSync(stateDir, { recursive: true });
  log(`using the BuildKit at ${external.kind === "buildkit" ? buildkitHost : external.command.join(" ")}`);
  log(`registry ${registry.host}: the BuildKit must run on this machine's network to reach it`);
  return {
    name,
    buildkitHost,
    registry: registry.host,
    mirrored: [],
    stateDir,
    logFile: "",
    pid: 0,
    tools,
    env: { BUILDKIT_HOST: buildkitHost, BUILDX_CONFIG: join(stateDir, "buildx") },
    started: false,
    release: async () => {
      bridge?.close();
      if (before === undefined) await stopRegistry(folder);
    },
  };
};

type Bridge = Readonly<{ address: string; close: () => void }>;

/** A socket on which the builder of a docker buildx answers, whatever its driver: `buildx dial-stdio` per connection. */
const bridgeTo = async (external: ExternalBuilder & { kind: "buildx" }): Promise<Bridge> => {
  const folder = mkdtempSync(join(tmpdir(), "go-frontend-demo-"));
  const socket = join(folder, "buildkit.sock");
  const [program = "docker", ...args] = external.command;
  const builder = external.builder === undefined ? [] : ["--builder", external.builder];
  const children = new Set<ReturnType<typeof spawn>>();
  const server = createServer((client) => {
    const child = spawn(program, [...args, ...builder, "dial-stdio"], { stdio: ["pipe", "pipe", "ignore"] });
    children.add(child);
    client.pipe(child.stdin);
    child.stdout.pipe(client);
    child.stdin.on("error", () => client.destroy());
    child.on("error", () => client.destroy());
    child.on("close", () => {
      children.delete(child);
      client.destroy();
    });
    client.on("error", () => child.kill());
    client.on("close", () => child.kill());
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    address: `unix://${socket}`,
    close: () => {
      server.close();
      for (const child of children) child.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
