// The daemons that teams have, each started as it is and reached as its users reach it.
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import {
  cacheFolder,
  ensureBuildkitd,
  ensureBuildxBuilder,
  ensureEngine,
  ensureRunc,
  ensureTools,
  defaultTools,
  type EngineRelease,
  type Log,
  oldestBuildkitd,
  reset,
  type RigInstance,
  systemCaBundle,
  toolRecipes,
  type Tools,
  up,
  upEngine,
} from "../../rig/index.ts";
import { run, type Run, type RunOptions } from "../e2e/support/run.ts";

/** One of the daemons. */
export interface Daemon {
  /** Of the command line and of rigs: `buildkitd-0.13.2`, `docker-28.5-classic`. */
  readonly name: string;
  /** What a person calls it. */
  readonly title: string;
  /** What it can by its nature; a check that needs more does not concern it. */
  readonly can: Readonly<{
    /** Keep or push an index of several platforms. */
    platforms: boolean;
    /** Attach provenance and SBOM. */
    attestations: boolean;
    /** `--call`: sub-requests, of the client too. */
    calls: boolean;
    /** Keep an image under a name, `--load`. */
    load: boolean;
    /** Read layers of the frontend image as zstd. */
    zstd: boolean;
    /** Write a layer's tar headers as all others do; one that does not has image ids of its own. */
    sameHeaders: boolean;
  }>;
  readonly start: (log: Log) => Promise<RunningDaemon>;
}

export interface RunningDaemon {
  /** Runs a build: `docker buildx build`'s arguments. Its end is a result, whatever it is. */
  readonly build: (args: readonly string[], options?: RunOptions) => Promise<Run>;
  /** Pushes an image that was loaded under this name; undefined where only a build can push. */
  readonly push: ((reference: string) => Promise<Run>) | undefined;
  /** The id of an image that was loaded. */
  readonly imageId: ((reference: string) => Promise<string>) | undefined;
  /** What leads a user's own docker, buildx and buildctl to it. */
  readonly env: Readonly<Record<string, string>>;
  /** `localhost:PORT`. */
  readonly registry: string;
  readonly crane: string;
  readonly release: () => Promise<void>;
}

const everything = {
  platforms: true,
  attestations: true,
  calls: true,
  load: false,
  zstd: true,
  sameHeaders: true,
};

const rigName = (name: string): string => `compat-${name}`;

/** What steps with a network need behind a proxy that re-signs TLS. */
const bundle = systemCaBundle();
const secrets = bundle === undefined ? [] : [`--secret=id=ca-certificates,src=${bundle}`];

// No client sends a commit: one of them cannot.
const quiet = { BUILDX_GIT_INFO: "false", BUILDX_NO_DEFAULT_ATTESTATIONS: "1" };

const buildkitd = (version: string): Daemon => ({
  name: `buildkitd-${version}`,
  title: `buildkitd ${version}`,
  can: everything,
  start: async (log) => startBuildkitd(`buildkitd-${version}`, await buildkitdTools(version, log), log),
});

/** As a user who is nobody on this machine. */
function rootless(version: string): Daemon {
  const name = `buildkitd-${version}-rootless`;
  return {
    name,
    title: `buildkitd ${version}, rootless`,
    can: everything,
    start: async (log) => {
      const tools = await buildkitdTools(version, log);
      const runc = await ensureRunc(log);
      const program = join(cacheFolder(), "test", `${name}.sh`);
      const script = join(import.meta.dirname, "rootless.sh");
      const words = [script, runc, tools.buildkitd].map((word) => `'${word}'`);
      mkdirSync(dirname(program), { recursive: true });
      writeFileSync(program, `#!/bin/sh\nexec sh ${words.join(" ")} "$@"\n`, { mode: 0o755 });
      return startBuildkitd(name, { ...tools, buildkitd: program }, log);
    },
  };
}

async function buildkitdTools(version: string, log: Log): Promise<Tools> {
  const tools = await ensureTools(defaultTools, log);
  const pinned = toolRecipes.buildkitd.pin[1] === `v${version}`;
  return pinned ? tools : { ...tools, buildkitd: await ensureBuildkitd(`v${version}`, log) };
}

const startBuildkitd = async (name: string, tools: Tools, log: Log): Promise<RunningDaemon> =>
  runningRig(
    await up({
      name: rigName(name),
      mirrors: "always",
      // They are in the registry, which all daemons share.
      standIns: false,
      ephemeral: true,
      tools,
      log,
    }),
  );

/** A rig as one of the daemons. */
export async function runningRig(rig: RigInstance): Promise<RunningDaemon> {
  const { env, name } = await ensureBuildxBuilder(rig);
  return {
    build: (args, options = {}) =>
      run(rig.tools.buildx, ["build", "--builder", name, "--progress=plain", ...secrets, ...args], {
        ...options,
        env: { ...env, ...quiet, ...options.env },
      }),
    push: undefined,
    imageId: undefined,
    env,
    registry: rig.registry,
    crane: rig.tools.crane,
    release: rig.release,
  };
}

function engine(release: EngineRelease, store: "classic" | "containerd"): Daemon {
  const name = `docker-${release}-${store}`;
  const containerd = store === "containerd";
  const old = release === "20.10";
  return {
    name,
    title: old ? `Docker Engine ${release}` : `Docker Engine ${release}, ${store} store`,
    can: {
      platforms: containerd,
      attestations: containerd,
      calls: !old,
      load: true,
      zstd: !old,
      // Docker's older archives hold the file's type in its mode, and the owner's name.
      sameHeaders: !old,
    },
    start: async (log) => {
      const tools = await ensureTools(defaultTools, log);
      const { programs, docker } = await ensureEngine(release, tools.registry, log);
      const running = await upEngine({ name: rigName(name), programs, store, mirrors: "always", log });
      const config = join(cacheFolder(), "rig", rigName(name), "docker");
      const plugin = join(config, "cli-plugins", "docker-buildx");
      mkdirSync(dirname(plugin), { recursive: true });
      rmSync(plugin, { force: true });
      symlinkSync(tools.buildx, plugin);
      const env = {
        ...quiet,
        DOCKER_HOST: running.dockerHost,
        DOCKER_CONFIG: config,
        BUILDX_CONFIG: join(config, "buildx"),
        DOCKER_BUILDKIT: "1",
      };
      // The engine has no bridge: a step with a network has the host's. Its own docker is the client of the oldest,
      // which today's buildx does not speak to.
      const [program, first]: [string, readonly string[]] = old
        ? [docker, ["build", "--network", "host"]]
        : [tools.buildx, ["build", "--builder", "default", "--network", "host"]];
      return {
        build: (args, options = {}) =>
          run(program, [...first, "--progress=plain", ...secrets, ...args], {
            ...options,
            env: { ...env, ...options.env },
          }),
        push: (reference) => run(docker, ["push", reference], { env }),
        imageId: async (reference) =>
          (await run(docker, ["image", "inspect", "--format", "{{.Id}}", reference], { env })).stdout.trim(),
        env: { ...env, PATH: [dirname(docker), process.env["PATH"] ?? ""].join(delimiter) },
        registry: running.registry,
        crane: tools.crane,
        release: running.release,
      };
    },
  };
}

/** The pinned release, with which the others are compared. */
export const reference: Daemon = buildkitd(toolRecipes.buildkitd.pin[1].slice(1));

/** All daemons of docs/compatibility.md, in its order. */
export const daemons: readonly Daemon[] = [
  ...[oldestBuildkitd.slice(1), "0.17.3", "0.20.2", "0.25.2"].map(buildkitd),
  reference,
  rootless("0.34.2"),
  engine("28.5", "containerd"),
  engine("28.5", "classic"),
  engine("26.1", "containerd"),
  engine("26.1", "classic"),
  engine("20.10", "classic"),
];

export function daemonOf(name: string): Daemon {
  const found = daemons.find((daemon) => daemon.name === name);
  if (found === undefined) {
    throw new Error(`no daemon ${name}; there are ${daemons.map((daemon) => daemon.name).join(", ")}`);
  }
  return found;
}

/** Removes what a daemon has stored, so that it starts as one that has seen nothing. */
export async function forget(daemon: Daemon): Promise<void> {
  await reset(rigName(daemon.name));
  rmSync(join(cacheFolder(), "rig", rigName(daemon.name)), { recursive: true, force: true });
}
