import { join } from "node:path";
import { commandError } from "./errors.ts";
import type { Bench } from "../bench.ts";
import { stderrOf, timedCommand } from "../command.ts";
import { countCompiled, readProgress } from "../progress.ts";
import type { Measurement, Subject } from "../types.ts";
import { benchFolder } from "../workspace.ts";

/** The designs that BuildKit builds. */
export const buildkitDesigns = [
  "D0",
  "D1",
  "D1 external",
  "D1 alpine",
  "D2",
  "D3",
  "xx",
  "ours",
  "ours before",
] as const;
export type BuildkitDesign = (typeof buildkitDesigns)[number];

/** Whether a frontend of ours builds: that of this checkout, or that of another one. */
export const isOurs = (design: BuildkitDesign): boolean => design === "ours" || design === "ours before";

/** A design in names of folders, images and caches. */
export const slugOf = (design: BuildkitDesign): string => design.toLowerCase().replaceAll(" ", "-");

/** One build of a subject by a design. */
export interface BuildRequest {
  readonly subject: Subject;
  readonly design: BuildkitDesign;
  /** The daemon's address. */
  readonly address: string;
  /** The source folder. */
  readonly context: string;
  /** A folder of ours instead of bench/designs/dockerfiles. */
  readonly dockerfile?: Readonly<{ folder: string; name: string }>;
  /** `NAME:TAG` in the benchmark's registry. */
  readonly importCache?: string;
  readonly exportCache?: string;
  readonly platforms?: readonly string[];
  /** Push the image (default), or only build it. */
  readonly push?: boolean;
  readonly limit?: number;
}

function fileOf(request: BuildRequest): Readonly<{ folder: string; name: string }> {
  if (request.dockerfile !== undefined) return request.dockerfile;
  if (isOurs(request.design)) return { folder: request.context, name: "service.yaml" };
  const name = request.design.toLowerCase().split(" ")[0] ?? "";
  return { folder: join(benchFolder, "designs", "dockerfiles"), name: `${name}.Dockerfile` };
}

const cacheOptions = "mode=max,compression=zstd,oci-mediatypes=true";

/** The command line: the same for all designs but for the description and what it needs to be told. */
function argumentsFor(bench: Bench, request: BuildRequest): readonly string[] {
  const { subject, design } = request;
  const file = fileOf(request);
  const image = `${bench.registry}/bench/image-${subject.name}-${slugOf(design)}:latest`;
  const option = (name: string, value: string): readonly string[] => ["--opt", `${name}=${value}`];
  const { importCache, exportCache, platforms = ["linux/amd64"], push = true } = request;
  const cache = (name: string): string => `type=registry,ref=${bench.registry}/${name}`;
  const output = `type=image,name=${image},push=${String(push)},compression=zstd,oci-mediatypes=true`;
  const options: readonly (readonly string[])[] = [
    ["--addr", request.address, "build", "--progress", "rawjson", "--frontend", "dockerfile.v0"],
    ["--local", `context=${request.context}`, "--local", `dockerfile=${file.folder}`],
    option("filename", file.name),
    option("build-arg:GOPROXY", bench.proxy.url),
    isOurs(design) ? [] : option("build-arg:MAIN", `./${subject.main}`),
    isOurs(design) && subject.target !== undefined ? option("target", subject.target) : [],
    // What a `# syntax=docker/dockerfile:1` line would say, without a second copy of the Dockerfile.
    design === "D1 external" ? option("build-arg:BUILDKIT_SYNTAX", "docker/dockerfile:1") : [],
    // What our description chooses by itself: the same Go on a smaller system.
    design === "D1 alpine" ? option("build-arg:GO_IMAGE", "golang:1.26-alpine") : [],
    // Said always: a description may name more platforms than a Dockerfile builds.
    option("platform", platforms.join(",")),
    ["--secret", `id=ca-certificates,src=${bench.proxy.caFile}`],
    importCache === undefined ? [] : ["--import-cache", cache(importCache)],
    exportCache === undefined ? [] : ["--export-cache", `${cache(exportCache)},${cacheOptions}`],
    ["--output", output],
  ];
  return options.flat();
}

/**
 * Builds and measures, from the client's start to its end.
 *
 * @throws an error with the build's own messages
 */
export async function buildOnce(bench: Bench, request: BuildRequest): Promise<Measurement> {
  const before = { ...bench.link.passed(), modules: bench.proxy.sent() };
  const cpuBefore = bench.cpuSeconds(request.address);
  try {
    const { seconds, stderr } = await timedCommand(bench.tools.buildctl, argumentsFor(bench, request), {
      limit: request.limit ?? 600,
    });
    const after = bench.link.passed();
    const progress = readProgress(stderr);
    return {
      seconds,
      cpuSeconds: bench.cpuSeconds(request.address) - cpuBefore,
      vertices: progress.vertices,
      compiled: countCompiled(progress.logs, request.subject.module),
      contextBytes: progress.contextBytes,
      pulledBytes: after.fromTarget - before.fromTarget,
      pushedBytes: after.toTarget - before.toTarget,
      moduleBytes: bench.proxy.sent() - before.modules,
    };
  } catch (error) {
    throw commandError(error, readProgress(stderrOf(error)));
  }
}
