import type { ImportPart } from "./deps-parts.ts";
import type { InspectedProgram, InspectedService } from "./inspected.ts";
import { type Labels, labelsOf } from "./labels.ts";
import type { Cutter } from "./strata.ts";
import { targetsOf } from "./targets.ts";
import type { ImportedModules, Target, VariantPlan } from "./types.ts";

/**
 * The services of a description, and what follows from all of them. Programs that are compiled alike share what is
 * compiled, whichever service they are of. A description may hold hundreds of services and the plan of each asks, so
 * the plans of one description share this.
 */
export interface Peers {
  readonly targets: readonly Target[];
  readonly labels: Labels;
  readonly serviceNamed: (name: string) => InspectedService | undefined;
  /** The programs that can share what is compiled ahead with this one: one module, the same flags. */
  readonly compiledAlike: (program: InspectedProgram) => readonly InspectedProgram[];
  /** Those that can share the packages of other modules. */
  readonly othersAlike: (program: InspectedProgram) => readonly InspectedProgram[];
  /** What the first plan that asks works out for all, by a key that holds all it depends on but the services. */
  readonly shared: {
    readonly variants: Once<VariantPlan>;
    readonly imports: Once<ImportedModules>;
    readonly cutters: Once<Cutter>;
    readonly deps: Once<SharedImports>;
  };
}

/** What programs that are compiled alike import of other modules, and how it is cut for their services. */
export interface SharedImports {
  readonly imports: readonly string[];
  /** By the name of the service. */
  readonly parts: ReadonlyMap<string, readonly ImportPart[]>;
}

/** Makes the value of a key where it is asked for first. */
export type Once<T> = (key: string, make: () => T) => T;

export function peersOf(services: readonly InspectedService[]): Peers {
  const programs = services.flatMap((service) => service.programs);
  const names = new Map(services.toReversed().map((service) => [service.name, service]));
  const alike = Map.groupBy(programs, compileKey);
  const others = Map.groupBy(programs, othersKey);
  return {
    targets: targetsOf(services),
    labels: labelsOf(services),
    serviceNamed: (name) => names.get(name),
    compiledAlike: (program) => alike.get(compileKey(program)) ?? [],
    othersAlike: (program) => others.get(othersKey(program)) ?? [],
    shared: { variants: once(), imports: once(), cutters: once(), deps: once() },
  };
}

/** What decides how a program is compiled: equal for those that are compiled alike. */
export function compileKey(program: InspectedProgram): string {
  return JSON.stringify([othersKey(program), program.description.build.cover]);
}

/** What decides how the packages of other modules are compiled for a program. */
export function othersKey({ module, facts, description, profile, profiles }: InspectedProgram): string {
  const { build, steps } = description;
  const { tags, cgo, experiments, levels, gcflags, asmflags, mode, fips140, race, asan, cover } = build;
  const counted = typeof cover === "boolean" ? [] : cover;
  const flags = [
    tags,
    experiments,
    Object.entries(levels),
    gcflags,
    asmflags,
    mode,
    fips140,
    race,
    asan,
    counted,
    profiles,
  ];
  // What steps write is known of those that have the same steps, and of no others.
  return JSON.stringify([module.dir, facts.vendor, profile, ...flags, [...steps], cgo]);
}

function once<T>(): Once<T> {
  const made = new Map<string, T>();
  return (key, make) => {
    const value = made.get(key) ?? make();
    made.set(key, value);
    return value;
  };
}
