import { diagnosticError, errorAt, type LocatedDescription, suggest } from "../description/index.ts";
import type { InspectedService } from "./inspected.ts";
import { relativeTo } from "./labels.ts";
import type { Output, Target } from "./types.ts";

/** Every name that `--target` accepts, in the order of the description. */
export function targetsOf(services: readonly InspectedService[]): readonly Target[] {
  const [only] = services;
  if (only !== undefined && services.length === 1) {
    return [
      target("image", only, "image", true),
      // A service may be called `debug`, and then that is its image.
      ...others
        .filter((output) => output !== only.description.key)
        .map((output) => target(output, only, output, false)),
      ...(only.description.key === undefined ? [] : named(only.name, only)),
    ];
  }
  return services.flatMap((service) => {
    return named(service.description.key ?? service.name, service);
  });
}

/** All that a service comes to but its image. */
const others = ["binary", "symbols", "debug"] as const;

function named(name: string, service: InspectedService): readonly Target[] {
  return [
    target(name, service, "image", false),
    ...others.map((output) => target(`${name}.${output}`, service, output, false)),
  ];
}

/** What a target is, before "of NAME". */
const kinds: Readonly<Record<Output, string>> = {
  image: "image",
  binary: "bare executable",
  symbols: "executable with symbols",
  debug: "unoptimized image with a debugger",
};

/**
 * Finds the target that the client named; without a name, the only service's image.
 *
 * @throws GF032 for an unknown name, GF032 when several services stand to choose
 */
export function chooseTarget(
  name: string | undefined,
  targets: readonly Target[],
  located: LocatedDescription,
): Target {
  const file = located.source.filename;
  if (name === undefined || name === "") {
    const found = targets.find((target) => target.default);
    if (found !== undefined) return found;
    const names = targets.map((target) => target.name);
    const help = `add --target with one of: ${names.join(", ")}`;
    throw diagnosticError([
      errorAt("GF032", "this file describes several services and no target was chosen", {
        file,
        range: located.keyRangeOf(["services"]),
        help,
      }),
    ]);
  }
  const called = (wanted: string): Target | undefined => targets.find((target) => target.name === wanted);
  const found = called(name.toLowerCase()) ?? called(name);
  if (found !== undefined) return found;
  const names = targets.map((target) => target.name);
  const close = suggest(name, names);
  const help =
    close === undefined
      ? `targets of this file: ${names.join(", ")}`
      : `did you mean --target ${close}? Targets of this file: ${names.join(", ")}`;
  const path = located.has(["services"]) ? ["services"] : ["name"];
  throw diagnosticError([
    errorAt("GF032", `unknown target ${JSON.stringify(name)}`, {
      file,
      range: located.keyRangeOf(path),
      help,
    }),
  ]);
}

function target(name: string, service: InspectedService, output: Output, isDefault: boolean): Target {
  return {
    name,
    service: service.name,
    output,
    description: `${kinds[output]} of ${service.name} (${service.programs.map(({ main }) => relativeTo(".", main.dir)).join(", ")})`,
    default: isDefault,
  };
}
