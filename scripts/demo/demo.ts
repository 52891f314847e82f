import { rmSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { ensureFrontendImage } from "../../frontend-image/index.ts";
import { defaultTools, ensureRunc, ensureTools, type Log } from "../../rig/index.ts";
import { formatDiagnostics, isDiagnosticError } from "../../src/spec/index.ts";
import { type Build, type BuildTimes, gitOptions, runBuild, syntaxOf } from "./build.ts";
import { type Builder, ensureBuilder } from "./builder.ts";
import { caBundle } from "./ca.ts";
import { callAny, callOrders, waitForPorts } from "./call.ts";
import { type Container, startContainer } from "./container.ts";
import { type BuiltImage, readImage } from "./image.ts";
import { type DemoOptions, ordersExample } from "./options.ts";
import { type Source, sourceOf } from "./source.ts";
import { createStages, type Stages } from "./stages.ts";
import { ensureToolchain, planOf } from "./toolchain.ts";

/** How a container's run ended. */
export type RunResult = Readonly<{
  /** What it wrote. */
  output: string;
  /** Its exit status when it ended by itself. */
  exit: number | undefined;
  /** Whether it answered a request. */
  answered: boolean;
}>;

export type DemoResult = Readonly<{
  build: Build;
  image: BuiltImage;
  times: BuildTimes;
  stages: ReturnType<Stages["times"]>;
  goVersion: string;
  /** Undefined when it could not be run here; the reason has been said. */
  run: RunResult | undefined;
  standIns: readonly string[];
  buildkitHost: string;
}>;

/** Things to end, the last one first; each is ended once. */
type Cleanup = Readonly<{ add: (end: () => Promise<void>) => void; all: () => Promise<void> }>;

const createCleanup = (): Cleanup => {
  const ends: (() => Promise<void>)[] = [];
  return {
    add: (end) => ends.push(end),
    all: async () => {
      for (let end = ends.pop(); end !== undefined; end = ends.pop()) await end();
    },
  };
};

/** A run of the demo, and how to break it off. */
export type Demo = Readonly<{ result: Promise<DemoResult>; end: () => Promise<void> }>;

/**
 * Builds an image and runs it. What it starts ends with it: with its result, with its failure, or with `end`.
 */
export const startDemo = (options: DemoOptions, log: Log): Demo => {
  const cleanup = createCleanup();
  const whole = async (): Promise<DemoResult> => {
    try {
      return await run(options, log, cleanup);
    } finally {
      await cleanup.all();
    }
  };
  return { result: whole(), end: cleanup.all };
};

const run = async (options: DemoOptions, log: Log, cleanup: Cleanup): Promise<DemoResult> => {
  const stages = createStages(log);
  const source = await stages.run("source", async (say) => sourceOf(options.subject, say));
  // Before anything is started: what is wrong with a description is said at once.
  const plan = await stages.run("plan", async (say) => {
    const made = await readPlan(source, options);
    say(`${made.service.name}: ${made.service.importPath}, ${made.toolchain.reference}`);
    return made;
  });
  if (options.builder === undefined || options.builder === "rig") {
    await stages.run("tools", async (say) => ensureTools(defaultTools, say));
  }
  const builder = await stages.run("builder", async (say) => {
    const ready = await ensureBuilder(options.builder, options.rig, say);
    cleanup.add(ready.release);
    await ensureToolchain(plan, ready, say);
    return ready;
  });
  const frontend = await stages.run("frontend image", async (say) =>
    ensureFrontendImage({
      rig: builder,
      log: say,
      effort: "quick",
      // Without a buildkitd of ours there is no daemon for the image alone.
      ...(builder.tools.buildkitd === "" ? { builder } : {}),
    }),
  );
  const build: Build = {
    source,
    reference: `${builder.registry}/demo/${plan.service.name}:latest`,
    platforms: options.platforms,
    syntax: syntaxFor(source, builder, frontend.reference),
    caBundle: await caBundle(),
    git: await gitOptions(source.folder),
  };
  if (build.caBundle !== undefined) {
    log(
      `  TLS is re-signed on the way to the module proxy: handing ${basename(build.caBundle)} to the download step`,
    );
  }
  const times = await stages.run("build and push", async (say) => runBuild(build, builder, say));
  const folder = mkdtempSync(join(tmpdir(), "go-frontend-demo-"));
  cleanup.add(async () => rmSync(folder, { recursive: true, force: true }));
  const image = await stages.run("pull", async () => readImage(builder.tools.crane, build.reference, folder));
  const ran = await stages.run("run", async (say) => runImage(options, image, cleanup, say));
  return {
    build,
    image,
    times,
    stages: stages.times(),
    goVersion: plan.toolchain.goVersion,
    run: ran,
    standIns: builder.mirrored,
    buildkitHost: builder.buildkitHost,
  };
};

const readPlan = async (source: Source, { platforms, subject }: DemoOptions) => {
  try {
    return await planOf(source, platforms);
  } catch (error) {
    if (!isDiagnosticError(error)) throw error;
    const sources = (error as { readonly sources?: [] }).sources ?? [];
    const several = error.diagnostics.find(({ code }) => code === "GF005");
    const first = / (\.\/\S+?)(,|$)/.exec(several?.message ?? "")?.[1] ?? "./cmd/NAME";
    throw new Error(
      formatDiagnostics(error.diagnostics, sources).trimEnd() +
        (several !== undefined && subject.kind === "module"
          ? `\n      or, for the demo: --main ${first}`
          : ""),
      { cause: error },
    );
  }
};

/** The frontend as the build must be told: not at all when the description names it and the name leads to it. */
const syntaxFor = (source: Source, builder: Builder, reference: string): string | undefined => {
  const named = syntaxOf(source.file);
  if (named !== undefined && !/^(docker\.io\/)?org\/go-frontend(:|@|$)/.test(named)) return undefined;
  return named !== undefined && builder.mirrored.includes("docker.io") ? undefined : reference;
};

const nativePlatform = `linux/${process.arch === "arm64" ? "arm64" : "amd64"}`;

const runImage = async (
  options: DemoOptions,
  image: BuiltImage,
  cleanup: Cleanup,
  log: Log,
): Promise<RunResult | undefined> => {
  const native = image.platforms.find(({ platform }) => platform.startsWith(nativePlatform));
  if (native === undefined) {
    log(`not run: the image has no ${nativePlatform}`);
    return undefined;
  }
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    log("not run: a container needs Linux and root (sudo -E npm run demo)");
    return undefined;
  }
  const runc = await ensureRunc(log);
  const container = await startContainer(runc, native, options.run, cleanup.add);
  log(`running ${native.platform} as user ${native.config.User ?? "0"}, read-only, network of its own`);
  try {
    return await useContainer(options, container, log);
  } finally {
    await container.stop();
  }
};

const isOrders = ({ subject, run: args }: DemoOptions): boolean =>
  subject.kind === "folder" && subject.folder === ordersExample && args === undefined;

const useContainer = async (options: DemoOptions, container: Container, log: Log): Promise<RunResult> => {
  const begin = performance.now();
  if (options.run !== undefined) {
    const exit = await container.ended(60);
    say(container, log);
    log(exit === undefined ? "still running after 60 s: ending it" : `ended with status ${exit}`);
    if (exit !== undefined && exit !== 0) throw new Error(`the image ended with status ${exit}`);
    return { output: container.output(), exit, answered: false };
  }
  const ports = await waitForPorts(container, 30);
  const [port] = ports;
  if (port === undefined) {
    const exit = container.exit();
    say(container, log);
    log(exit === undefined ? "it runs, and listens on no TCP port" : `ended with status ${exit}`);
    if (exit !== undefined && exit !== 0) {
      throw new Error(`the image ended with status ${exit}; --run ARG… gives it arguments`);
    }
    return { output: container.output(), exit, answered: false };
  }
  log(`listens on ${ports.join(", ")} after ${(performance.now() - begin).toFixed(0)} ms`);
  if (isOrders(options)) await callOrders(container, port, log);
  const answered = isOrders(options) || (await callAny(container, ports, options.call, log)) !== undefined;
  return { output: container.output(), exit: undefined, answered };
};

/** The first lines of what a container wrote. */
const say = (container: Container, log: Log): void => {
  const lines = container.output().trimEnd().split("\n");
  for (const line of lines.slice(0, 12)) log(`  ${line.slice(0, 160)}`);
  if (lines.length > 12) log(`  … and ${lines.length - 12} lines more`);
};
