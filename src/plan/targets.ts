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
      target("binary", only, "binary", false),
      ...(only.description.key === undefined
        ? []
        : [target(only.name, only, "image", false), target(`${only.name}.binary`, only, "binary", false)]),
    ];
  }
  return services.flatMap((service) => {
    const name = service.description.key ?? service.name;
    return [target(name, service, "image", false), target(`${name}.binary`, service, "binary", false)];
  });
}

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
  const what = output === "image" ? "image of" : "bare executable of";
  return {
    name,
    service: service.name,
    output,
    description: `${what} ${service.name} (${service.programs.map(({ main }) => relativeTo(".", main.dir)).join(", ")})`,
    default: isDefault,
  };
}
