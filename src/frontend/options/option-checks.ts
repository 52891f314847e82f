// What is said of options that can be read and do not fit the build.
import { type Diagnostic, errorAt, warningAt } from "../../description/index.ts";
import type { Plan } from "../../plan/index.ts";
import type { Options } from "./options.ts";

/** Errors of options that do not fit what is to be built, known before anything runs. */
export function checkOptions(
  { multiPlatform, filename }: Options,
  plans: readonly Plan[],
): readonly Diagnostic[] {
  const several = plans.map(({ service }) => service.platforms).find((all) => all.length > 1);
  if (multiPlatform !== false || several === undefined) return [];
  const names = several.map(({ id }) => id).join(", ");
  return [
    errorAt("GF081", `multi-platform=false, but the build is for ${names}`, {
      file: filename,
      option: "--opt multi-platform",
      help: "name one platform with --platform",
    }),
  ];
}

/** A warning for each option of the client that has no effect here. */
export function unusedOptions({ raw, filename }: Options): readonly Diagnostic[] {
  return Object.entries(CONTAINER_OPTIONS)
    .filter(([key]) => !["", "0", undefined].includes(raw.get(key)))
    .map(([, flag]) =>
      warningAt("GF081", `${flag} has no effect: build steps run with the limits of the builder`, {
        file: filename,
        option: flag,
        help: `leave it out, or set limits where the builder runs`,
      }),
    );
}

/**
 * Options of steps' containers, and what asks for them. A step here compiles or downloads, in a container of its own
 * making, and none of these is in its key.
 */
const CONTAINER_OPTIONS: Readonly<Record<string, string>> = {
  "cgroup-parent": "--cgroup-parent",
  cpuperiod: "--cpu-period",
  cpuquota: "--cpu-quota",
  cpusetcpus: "--cpuset-cpus",
  cpusetmems: "--cpuset-mems",
  cpushares: "--cpu-shares",
  hostname: "--opt hostname",
  memory: "--memory",
  memswap: "--memory-swap",
  "shm-size": "--shm-size",
  ulimit: "--ulimit",
  "build-arg:BUILDKIT_SANDBOX_HOSTNAME": "--build-arg BUILDKIT_SANDBOX_HOSTNAME",
};
