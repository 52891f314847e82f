import { mkdirSync } from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";
import {
  cacheFolder,
  type Engine,
  ensureBuildxBuilder,
  ensureRegistry,
  type ExternalBuilder,
  type Log,
  runningRegistry,
  stopRegistry,
  up,
  upEngine,
} from "../../rig/index.ts";
import type { Kit } from "./kit.ts";
import type { Way } from "./way.ts";

/** A builder that runs, with a registry beside it. */
export interface Builder {
  /** `docker buildx`, and what makes it build here. */
  readonly buildx: Readonly<{
    command: readonly [string, ...(readonly string[])];
    options: readonly string[];
    env: Readonly<Record<string, string>>;
  }>;
  /** For buildctl; undefined where only docker buildx leads to the BuildKit. */
  readonly buildkitHost: string | undefined;
  /** Docker Engine's facts, where the builder is one. */
  readonly engine: Engine | undefined;
  /** `localhost:PORT`. */
  readonly registry: string;
  /** The registries that the local one answers for. */
  readonly mirrored: readonly string[];
  readonly crane: string;
  /** The runc that the steps run with, when it is known. */
  readonly runc: string | undefined;
  readonly release: () => Promise<void>;
}

/**
 * Starts what has to be started for a way, and the registry.
 *
 * @throws RigError that says what is missing
 */
export async function startBuilder(way: Way, kit: Kit, log: Log): Promise<Builder> {
  switch (kit.kind) {
    case "external":
      if (way.kind !== "external") throw new Error("programs for another way");
      return besides(way.external, way.engine, kit, log);
    case "rig":
      return ofRig(kit, log);
    case "engine":
      return ofEngine(kit, log);
  }
}

async function ofRig({ name, tools, runc }: Kit & { kind: "rig" }, log: Log): Promise<Builder> {
  const rig = await up({
    name,
    tools,
    ephemeral: true,
    standIns: false,
    log,
    ...(runc === undefined ? {} : { runc }),
  });
  const { name: builder, env } = await ensureBuildxBuilder(rig);
  return {
    buildx: { command: [rig.tools.buildx], options: ["--builder", builder], env },
    buildkitHost: rig.buildkitHost,
    engine: undefined,
    registry: rig.registry,
    mirrored: rig.mirrored,
    crane: rig.tools.crane,
    runc,
    release: rig.release,
  };
}

async function ofEngine({ programs }: Kit & { kind: "engine" }, log: Log): Promise<Builder> {
  const engine = await upEngine({ name: "docker-engine", programs, log });
  // Nothing of the user's docker is read or written.
  const config = join(cacheFolder(), "demo", "docker");
  return {
    buildx: {
      command: [programs.buildx],
      // The engine has no bridge; steps that have no network have none here either.
      options: ["--builder", "default", "--network", "host"],
      env: {
        DOCKER_HOST: engine.dockerHost,
        DOCKER_CONFIG: config,
        BUILDX_CONFIG: join(config, "buildx"),
      },
    },
    buildkitHost: undefined,
    engine: { version: "28.5", containerdStore: true },
    registry: engine.registry,
    mirrored: engine.mirrored,
    crane: programs.crane,
    runc: programs.runc,
    release: engine.release,
  };
}

/** Puts a registry beside a builder that is not ours, on this machine's loopback address. */
async function besides(
  external: ExternalBuilder,
  engine: Engine | undefined,
  { tools }: Kit & { kind: "external" },
  log: Log,
): Promise<Builder> {
  const folder = join(cacheFolder(), "demo", "registry");
  const before = runningRegistry(folder);
  const registry = await ensureRegistry(folder, tools.registry, log);
  log(`registry ${registry.host}: the builder must run on this machine's network to reach it`);
  const release = async (): Promise<void> => {
    if (before === undefined) await stopRegistry(folder);
  };
  const common = {
    engine,
    registry: registry.host,
    mirrored: [],
    crane: tools.crane,
    runc: undefined,
    release,
  };
  if (external.kind === "buildx") {
    const [program = "docker", ...args] = external.command;
    return {
      ...common,
      buildx: {
        command: [program, ...args],
        options: external.builder === undefined ? [] : ["--builder", external.builder],
        env: {},
      },
      buildkitHost: undefined,
    };
  }
  const { buildkitHost } = external;
  const name = `demo-${createHash("sha256").update(buildkitHost).digest("hex").slice(0, 12)}`;
  const stateDir = join(cacheFolder(), "demo", "builders", name);
  mkdirSync(stateDir, { recursive: true });
  const { name: builder, env } = await ensureBuildxBuilder({
    name,
    stateDir,
    buildkitHost,
    tools: { buildx: tools.buildx ?? "buildx" },
    env: { BUILDKIT_HOST: buildkitHost, BUILDX_CONFIG: join(stateDir, "buildx") },
  });
  return {
    ...common,
    buildx: { command: [tools.buildx ?? "buildx"], options: ["--builder", builder], env },
    buildkitHost,
  };
}
