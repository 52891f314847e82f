// What targets of one service come to: how its settings differ from those of the description.
import {
  type Diagnostic,
  diagnosticError,
  errorAt,
  formatPlatform,
  goMinor,
  type ServiceDescription,
} from "../description/index.ts";
import { proxiesOf } from "./allowed.ts";
import { DELVE, DELVE_FILES } from "./delve.ts";
import type { InspectedService } from "./inspected.ts";
import type { Planning } from "./planning.ts";
import { oldestRelease } from "./toolchain.ts";
import type { ModulesPlan, Output } from "./types.ts";

/** Whether it is an image, which has a base and a configuration. */
export function isImage(output: Output): boolean {
  return output === "image" || output === "debug";
}

/**
 * A service as one of its targets has it. `symbols` is the very same link without the linker's `-s -w`: what is loaded
 * is the same, byte for byte, and all that is compiled is shared. `debug` compiles everything without optimization.
 */
export function serviceFor(service: InspectedService, output: Output): InspectedService {
  switch (output) {
    case "image":
    case "binary":
      return service;
    case "symbols":
      return changed(service, (build) => ({ ...build, strip: false }));
    case "debug": {
      const { programs, ...debugged } = changed(service, (build) => ({
        ...build,
        strip: false,
        pgo: { kind: "off" },
        gcflags: [...new Set([...build.gcflags, "-N", "-l"])],
      }));
      return {
        ...debugged,
        programs: programs.map((program) => ({ ...program, profile: undefined, profiles: undefined })),
      };
    }
  }
}

function changed(
  service: InspectedService,
  change: (build: ServiceDescription["build"]) => ServiceDescription["build"],
): InspectedService {
  const { description: written, programs } = service;
  const description = { ...written, build: change(written.build) };
  return {
    ...service,
    description,
    programs: programs.map((program) => ({ ...program, description })),
  };
}

/**
 * The download of the debugger.
 *
 * @throws GF015 for a release that cannot compile it, GF034 for a platform that it does not run on
 */
export function planDebugger({ located, service, request }: Planning): ModulesPlan {
  const { toolchain, platforms } = service;
  const release = oldestRelease(toolchain);
  const others = platforms.filter(
    ({ architecture }) => !DELVE.architectures.some((known) => known === architecture),
  );
  const problems: readonly Diagnostic[] = [
    ...((goMinor(release) ?? 0) >= DELVE.goMinor
      ? []
      : [
          errorAt("GF015", `the debugger takes Go 1.${DELVE.goMinor}, and this may be Go ${release}`, {
            ...toolchain.at,
            help: `build the executable with its symbols (target symbols), or write \`go: "1.${DELVE.goMinor}"\``,
          }),
        ]),
    ...(others.length === 0
      ? []
      : [
          errorAt("GF034", `the debugger does not run on ${others.map(formatPlatform).join(", ")}`, {
            file: located.source.filename,
            range: service.description.rangeOf(["platforms"]),
            help: `build for one of linux/${DELVE.architectures.join(", linux/")}`,
          }),
        ]),
  ];
  if (problems.length > 0) throw diagnosticError(problems);
  const { GOSUMDB } = request.buildArgs;
  return {
    label: "delve",
    files: DELVE_FILES,
    dir: ".",
    private: [],
    proxy: proxiesOf(located, request),
    env: GOSUMDB === undefined ? {} : { GOSUMDB },
    auth: [],
    git: false,
    at: { file: located.source.filename, range: located.rangeOf([]) },
  };
}
