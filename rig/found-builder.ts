import { connect } from "node:net";
import type { ExternalBuilder } from "./external.ts";
import { isRecord } from "./files.ts";
import { runCommand } from "./process.ts";

/** What is known of a Docker Engine. */
export interface Engine {
  readonly version: string;
  readonly containerdStore: boolean;
}

/** A builder that the user has, and that a registry on this machine's loopback address can serve. */
export interface FoundBuilder {
  readonly builder: ExternalBuilder;
  /** For people: `the Docker Engine 28.5.2 that runs here`. */
  readonly name: string;
  /** Undefined for a BuildKit of its own. */
  readonly engine: Engine | undefined;
}

export interface Search {
  readonly found: FoundBuilder | undefined;
  /** What was there and could not be used, each with the reason. */
  readonly passedOver: readonly string[];
}

/** The first buildx whose `--progress=rawjson` tells of each step (docker/buildx:v0.13.0). */
const oldestBuildx = [0, 13] as const;

/**
 * Looks for a builder that the user has: BUILDKIT_HOST, or else docker buildx's current builder with a running engine.
 * One that cannot reach the loopback registry of this machine (another machine, a network of its own) is passed over.
 */
export async function findBuilder(env: NodeJS.ProcessEnv = process.env): Promise<Search> {
  const passedOver: string[] = [];
  for (const look of [atBuildkitHost, atDocker]) {
    const result = await look(env);
    if (typeof result === "string") passedOver.push(result);
    else if (result !== undefined) return { found: result, passedOver };
  }
  return { found: undefined, passedOver };
}

/** @returns the builder, why it is passed over, or undefined when there is none */
type Look = (env: NodeJS.ProcessEnv) => Promise<FoundBuilder | string | undefined>;

const atBuildkitHost: Look = async (env) => {
  const address = env["BUILDKIT_HOST"] ?? "";
  if (address === "") return undefined;
  const unix = /^unix:\/\/(.+)$/.exec(address)?.[1];
  const tcp = /^tcp:\/\/(?:localhost|127\.0\.0\.1|\[::1\]):(\d+)$/.exec(address)?.[1];
  const passed = `the BuildKit of BUILDKIT_HOST=${address}`;
  if (unix === undefined && tcp === undefined) {
    return `${passed} is not on this machine's network, where the demo's registry is (--builder ${address} uses it all the same)`;
  }
  if (!(await answers(unix === undefined ? { port: Number(tcp) } : { path: unix }))) {
    return `${passed} does not answer`;
  }
  return {
    builder: { kind: "buildkit", buildkitHost: address },
    name: `the BuildKit at ${address} (BUILDKIT_HOST)`,
    engine: undefined,
  };
};

const answers = async (address: Readonly<{ port: number } | { path: string }>): Promise<boolean> =>
  await new Promise((resolve) => {
    const socket = connect({ ...address, timeout: 3000 });
    const end = (good: boolean) => (): void => {
      socket.destroy();
      resolve(good);
    };
    socket.on("connect", end(true)).on("error", end(false)).on("timeout", end(false));
  });

const atDocker: Look = async (env) => {
  const info = await engineInfo(env);
  if (info === undefined) return undefined;
  const passed = `the Docker Engine ${info.version}`;
  if (info.elsewhere !== undefined) return `${passed} ${info.elsewhere}`;
  const version = await output(env, ["buildx", "version"]);
  if (version === undefined) return `${passed} has no docker buildx (https://docs.docker.com/go/buildx)`;
  const [major = 0, minor = 0] = (/v?(\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number);
  if (major < oldestBuildx[0] || (major === oldestBuildx[0] && minor < oldestBuildx[1])) {
    return `${passed} has docker buildx ${major}.${minor}, older than ${oldestBuildx.join(".")}`;
  }
  const inspected = (await output(env, ["buildx", "inspect"])) ?? "";
  const field = (name: string): string =>
    new RegExp(`^${name}:\\s*(.+)$`, "m").exec(inspected)?.[1]?.trim() ?? "";
  const driver = field("Driver");
  if (driver !== "docker" && !/network="?host/.test(field("Driver Options"))) {
    return `docker buildx's current builder ${field("Name")} (${driver}) has a network of its own, where the demo's registry is not`;
  }
  const engine = { version: info.version, containerdStore: info.containerdStore };
  return {
    builder: { kind: "buildx", command: ["docker", "buildx"], builder: undefined },
    name:
      driver === "docker"
        ? `the Docker Engine ${info.version} that runs here`
        : `docker buildx's builder ${field("Name")} (${driver})`,
    engine: driver === "docker" ? engine : undefined,
  };
};

async function output(env: NodeJS.ProcessEnv, args: readonly string[]): Promise<string | undefined> {
  try {
    return (await runCommand("docker", args, { env, signal: AbortSignal.timeout(20_000) })).stdout;
  } catch {
    return undefined;
  }
}

type EngineInfo = Engine &
  Readonly<{
    /** Why its network is not this machine's. */
    elsewhere: string | undefined;
  }>;

/** What the running engine says of itself (moby/moby:api/types/system/info.go). */
async function engineInfo(env: NodeJS.ProcessEnv): Promise<EngineInfo | undefined> {
  const text = await output(env, ["info", "--format", "{{json .}}"]);
  if (text === undefined) return undefined;
  let info: unknown;
  try {
    info = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(info) || typeof info["ServerVersion"] !== "string" || info["ServerVersion"] === "") {
    return undefined;
  }
  const host =
    env["DOCKER_HOST"] ??
    (await output(env, ["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"]));
  const security = Array.isArray(info["SecurityOptions"]) ? info["SecurityOptions"].join() : "";
  return {
    version: info["ServerVersion"],
    containerdStore: JSON.stringify(info["DriverStatus"] ?? "").includes("io.containerd.snapshotter"),
    elsewhere: /^(tcp|ssh|https?):/.test(host?.trim() ?? "")
      ? `is at ${String(host).trim()}, not on this machine`
      : security.includes("rootless")
        ? "is rootless and has a network of its own, where the demo's registry is not"
        : info["OperatingSystem"] === "Docker Desktop"
          ? "runs in Docker Desktop's own machine, where the demo's registry is not"
          : undefined,
  };
}
