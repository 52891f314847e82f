import { buildctlArguments, buildxArguments, shellLine } from "./build.ts";
import type { DemoResult } from "./demo.ts";
import type { StepTime } from "./progress.ts";

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(2)} MB`;
const seconds = (value: number): string => `${value.toFixed(1)} s`.padStart(8);

/** The steps worth a line: those that ran, longest first cut, in the order they began. */
function worthTelling(steps: readonly StepTime[]): readonly StepTime[] {
  const ran = steps.filter((step) => !step.cached && step.seconds >= 0.05);
  const longest = new Set(ran.toSorted((a, b) => b.seconds - a.seconds).slice(0, 12));
  return ran.filter((step) => longest.has(step));
}

/** The report at the end of the demo, for people. */
export function report(result: DemoResult, folder: string): string {
  const { image, times, stages } = result;
  const first = image.platforms[0]?.config;
  const cached = times.steps.filter((step) => step.cached).length;
  const platforms = image.platforms.map(
    ({ platform, compressed, unpacked, layers, digest }) =>
      `  ${platform.padEnd(14)} ${megabytes(compressed).padStart(10)} compressed ${megabytes(unpacked).padStart(10)} unpacked  ` +
      `${layers} ${layers === 1 ? "layer" : "layers"}  ${digest}`,
  );
  const lines = [
    "",
    `image      ${image.reference}`,
    `digest     ${image.digest}`,
    ...platforms,
    `user       ${first?.User ?? "0 (root)"}`,
    `entrypoint ${JSON.stringify(first?.Entrypoint ?? [])}`,
    "",
    "time",
    ...stages.flatMap((stage) => [
      `  ${seconds(stage.seconds)}  ${stage.name}`,
      ...(stage.name === "build and push"
        ? [
            ...worthTelling(times.steps).map((step) => `  ${seconds(step.seconds)}    ${step.name}`),
            `  ${seconds(times.pushSeconds)}    pushing, of the export`,
            `            ${cached} of ${times.steps.length} steps were cached; steps run side by side`,
          ]
        : []),
    ]),
    `  ${seconds(result.seconds)}  together; tools, frontend image and stand-ins side by side`,
    "",
    ...commands(result, folder),
    ...(result.standIns.length === 0
      ? []
      : [
          "",
          `${result.standIns.join(", ")} cannot be reached from here: their images are stand-ins (docs/rig.md)`,
        ]),
  ];
  return `${lines.join("\n")}\n`;
}

/** The commands that build the same; on an engine they name a registry that has ended with the demo. */
function commands({ build, buildx, buildkitHost }: DemoResult, folder: string): readonly string[] {
  const options = buildx.options.filter(
    (_, index, all) => all[index] !== "--builder" && all[index - 1] !== "--builder",
  );
  const withBuildx = `  ${shellLine(["docker", "buildx", ...buildxArguments(build, options)], folder)}`;
  if (buildkitHost === undefined) {
    return [
      "what built it (the registry, and an engine of the demo's own, have ended with the demo; `npm run rig -- up` starts ones that stay)",
      withBuildx,
    ];
  }
  return [
    'the same with docker buildx, and with buildctl (after `npm run rig -- up` and `eval "$(npm run --silent rig -- env)"`)',
    withBuildx,
    `  ${shellLine(["buildctl", ...buildctlArguments(build)], folder)}`,
  ];
}
