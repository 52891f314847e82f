import { rmSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pushQuickImage, quickFrontendImage } from "../../frontend-image/index.ts";
import {
  endCommands,
  ensureRunc,
  hostOf,
  type Log,
  prepareStandIns,
  provideStandIns,
  unreachableHosts,
} from "../../rig/index.ts";
import type { Plan } from "../../src/plan/index.ts";
import { formatDiagnostics, isDiagnosticError } from "../../src/description/index.ts";
import { type Build, type BuildTimes, gitOptions, runBuild, syntaxOf } from "./build.ts";
import { type Builder, startBuilder } from "./builder.ts";
import { caBundle } from "./ca.ts";
import { callAny, callOrders, waitForPorts } from "./call.ts";
import { type Container, startContainer } from "./container.ts";
import { type BuiltImage, readImage } from "./image.ts";
import { fetchKit } from "./kit.ts";
import { type DemoOptions, ordersExample } from "./options.ts";
import { imagesOf, planOf } from "./plan.ts";
import { type Source, sourceOf } from "./source.ts";
import { createStages, type StageTime } from "./stages.ts";
import { chooseWay, type Way } from "./way.ts";

/** How a container's run ended. */
export interface RunResult {
  /** What it wrote. */
  readonly output: string;
  /** Its exit status when it ended by itself. */
  readonly exit: number | undefined;
  /** Whether it answered a request. */
  readonly answered: boolean;
}

export interface DemoResult {
  readonly build: Build;
  readonly image: BuiltImage;
  readonly times: BuildTimes;
  readonly stages: readonly StageTime[];
  /** From the first stage to the last. */
  readonly seconds: number;
  readonly goVersion: string;
  /** Undefined when it could not be run here; the reason has been said. */
  readonly run: RunResult | undefined;
  readonly standIns: readonly string[];
  readonly buildx: Builder["buildx"];
  readonly buildkitHost: string | undefined;
}

/** Things to end, the last one first; each is ended once. */
interface Cleanup {
  readonly add: (end: () => Promise<void>) => void;
  readonly all: () => Promise<void>;
}

function createCleanup(): Cleanup {
  const ends: (() => Promise<void>)[] = [];
  return {
    add: (end) => ends.push(end),
    all: async () => {
      for (let end = ends.pop(); end !== undefined; end = ends.pop()) await end();
    },
  };
}

/** A run of the demo, and how to break it off. */
export interface Demo {
  readonly result: Promise<DemoResult>;
  readonly end: () => Promise<void>;
}

/**
 * Builds an image and runs it. What it starts ends with it: with its result, with its failure, or with `end`.
 */
export function startDemo(options: DemoOptions, log: Log): Demo {
  const cleanup = createCleanup();
  const whole = async (): Promise<DemoResult> => {
    try {
      return await run(options, log, cleanup);
    } finally {
      await cleanup.all();
    }
  };
  return { result: whole(), end: cleanup.all };
}

/** About how long the first run takes on two cores with a network; later ones take seconds. */
const about = { own: "2 to 4 minutes", external: "1 to 2 minutes" } as const;

async function run(options: DemoOptions, log: Log, cleanup: Cleanup): Promise<DemoResult> {
  const stages = createStages(log);
  const way = await stages.run("choice", async (say) => {
    const chosen = await chooseWay(options, say);
    say(`builder: ${chosen.name}`);
    say(
      "fetches or makes what is missing (programs, the toolchain image, the frontend image), builds, pulls the image " +
        `back and runs it: ${about[chosen.kind]} the first time, seconds the next`,
    );
    return chosen;
  });
  const source = await stages.run("source", async (say) => sourceOf(options.subject, say));
  // Before anything is started: what is wrong with a description is said at once.
  const plan = await stages.run("plan", async (say) => {
    const made = await readPlan(source, options);
    say(
      `${made.service.name}: ${made.service.programs.map(({ importPath }) => importPath).join(" and ")}, ${made.toolchain.reference}, for ${platformsOf(made).join(" and ")}`,
    );
    return made;
  });
  const wanted = imagesOf(plan);
  const standIns = way.kind === "external" ? [] : await standInsOf(plan);
  const [kit, frontend] = await allOf(
    stages.run("tools", async (say) => fetchKit(way, standIns, say)),
    stages.run("frontend image", async (say) => quickFrontendImage(formFor(way), say)),
    standIns.length === 0
      ? undefined
      : stages.run("stand-ins", async (say) => {
          say(`${standIns.join(" and ")} cannot be reached from here (docs/rig.md)`);
          for (const standIn of wanted) {
            await prepareStandIns(standIn.references, { ...standIn, mirrored: standIns, log: say });
          }
        }),
  );
  const builder = await stages.run("builder", async (say) => {
    const ready = await startBuilder(way, kit, say);
    cleanup.add(ready.release);
    const { registry, mirrored, crane } = ready;
    for (const standIn of wanted) {
      await provideStandIns(standIn.references, { ...standIn, registry, mirrored, crane, log: say });
    }
    return ready;
  });
  const pushed = await pushQuickImage(frontend, builder.registry, builder.crane);
  const build: Build = {
    source,
    reference: `${builder.registry}/demo/${plan.service.name}:latest`,
    platforms: platformsFor(builder, plan, options, log),
    target: options.target,
    syntax: syntaxFor(source, pushed),
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
  const image = await stages.run("pull", async () => readImage(builder.crane, build.reference, folder));
  const ran = await stages.run("run", async (say) => runImage(options, image, builder.runc, cleanup, say));
  return {
    build,
    image,
    times,
    stages: stages.times(),
    seconds: stages.elapsed(),
    goVersion: plan.toolchain.goVersion,
    run: ran,
    standIns: builder.mirrored,
    buildx: builder.buildx,
    buildkitHost: builder.buildkitHost,
  };
}

/**
 * All results; when one fails, the commands of the others are ended, and they themselves are waited for.
 *
 * @throws what failed first
 */
async function allOf<A, B>(a: Promise<A>, b: Promise<B>, c: Promise<void> | undefined): Promise<[A, B]> {
  try {
    const [first, second] = await Promise.all([a, b, c]);
    return [first, second];
  } catch (error) {
    endCommands();
    await Promise.allSettled([a, b, c]);
    throw error;
  }
}

/** The hosts that the demo's own builder cannot reach, when the plan needs an image of one of them. */
async function standInsOf(plan: Plan): Promise<readonly string[]> {
  const needed = new Set(imagesOf(plan).flatMap(({ references }) => references.map(hostOf)));
  return (await unreachableHosts(() => undefined)).filter((host) => needed.has(host));
}

const platformsOf = (plan: Plan): readonly string[] => plan.service.platforms.map(({ id }) => id);

/** Docker Engine before 23 unpacks no zstd. */
const formFor = (way: Way): "gzip" | "zstd" =>
  way.kind === "external" && way.engine !== undefined && Number.parseInt(way.engine.version, 10) < 23
    ? "gzip"
    : "zstd";

/** The platforms to ask for: none but this machine's where a Docker Engine's image store holds only one. */
function platformsFor({ engine }: Builder, plan: Plan, options: DemoOptions, log: Log): readonly string[] {
  if (engine === undefined || engine.containerdStore || platformsOf(plan).length < 2) {
    return options.platforms;
  }
  log(
    `  for ${nativePlatform} alone: the classic image store of this Docker Engine holds images for one platform ` +
      "(https://docs.docker.com/go/build-multi-platform)",
  );
  return [nativePlatform];
}

async function readPlan(source: Source, { platforms, subject, target }: DemoOptions) {
  try {
    return await planOf(source, platforms, target);
  } catch (error) {
    if (!isDiagnosticError(error)) throw error;
    const several = error.diagnostics.find(({ code }) => code === "GF005");
    const first = / (\.\/\S+?)(,|$)/.exec(several?.message ?? "")?.[1] ?? "./cmd/NAME";
    throw new Error(
      formatDiagnostics(error.diagnostics, error.sources).trimEnd() +
        (several !== undefined && subject.kind === "module"
          ? `\n      or, for the demo: --main ${first}`
          : ""),
      { cause: error },
    );
  }
}

/** The frontend as the build must be told: that of this checkout, where the description names ours or none. */
function syntaxFor(source: Source, reference: string): string | undefined {
  const named = syntaxOf(source.file);
  return named === undefined || /^(docker\.io\/)?org\/go-frontend(:|@|$)/.test(named) ? reference : undefined;
}

const nativePlatform = `linux/${process.arch === "arm64" ? "arm64" : "amd64"}`;

async function runImage(
  options: DemoOptions,
  image: BuiltImage,
  found: string | undefined,
  cleanup: Cleanup,
  log: Log,
): Promise<RunResult | undefined> {
  const native = image.platforms.find(({ platform }) => platform.startsWith(nativePlatform));
  if (native === undefined) {
    log(`not run: the image has no ${nativePlatform}`);
    return undefined;
  }
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    log("not run: a container needs Linux and root (sudo -E npm run demo)");
    return undefined;
  }
  const runc = found ?? (await ensureRunc(log));
  const container = await startContainer(runc, native, options.run, cleanup.add);
  log(`running ${native.platform} as user ${native.config.User ?? "0"}, read-only, network of its own`);
  try {
    return await useContainer(options, container, log);
  } finally {
    await container.stop();
  }
}

const isOrders = ({ subject, run: args }: DemoOptions): boolean =>
  subject.kind === "folder" && subject.folder === ordersExample && args === undefined;

async function useContainer(options: DemoOptions, container: Container, log: Log): Promise<RunResult> {
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
}

/** The first lines of what a container wrote. */
function say(container: Container, log: Log): void {
  const lines = container.output().trimEnd().split("\n");
  for (const line of lines.slice(0, 12)) log(`  ${line.slice(0, 160)}`);
  if (lines.length > 12) log(`  … and ${lines.length - 12} lines more`);
}
