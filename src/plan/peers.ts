import type { InspectedProgram, InspectedService } from "./inspect.ts";

type Services = readonly InspectedService[];
type Programs = readonly InspectedProgram[];

/**
 * The programs of all services, one list: those that are compiled alike share what is compiled, whoever's they are. The
 * same array whenever it is asked for, so that what follows from all of them is worked out once: a description may hold
 * hundreds of services, and the plan of each asks.
 */
function programsOf(services: Services): Programs {
  const found = flat.get(services) ?? services.flatMap((service) => service.programs);
  flat.set(services, found);
  return found;
}

const flat = new WeakMap<Services, Programs>();

/**
 * The programs of a description that can share what is compiled ahead with one of them: one module, the same flags.
 * The same array whenever it is asked for.
 */
export function compiledAlike(services: Services, program: InspectedProgram): Programs {
  return groupsOf(compiling, programsOf(services), compileKey).get(compileKey(program)) ?? none;
}

/** A service of a description by its name. */
export function serviceNamed(services: Services, name: string): InspectedService | undefined {
  return groupsOf(names, services, (service) => service.name).get(name)?.[0];
}

/** What decides how a program is compiled: equal for those that are compiled alike. */
export function compileKey({ module, facts, description, profile }: InspectedProgram): string {
  return JSON.stringify([module.dir, facts.vendor, description.build.tags.join(), profile]);
}

type Groups<T> = WeakMap<readonly T[], ReadonlyMap<string, readonly T[]>>;

const compiling: Groups<InspectedProgram> = new WeakMap();
const names: Groups<InspectedService> = new WeakMap();
const none: Programs = [];

function groupsOf<T>(
  known: Groups<T>,
  all: readonly T[],
  keyOf: (item: T) => string,
): ReadonlyMap<string, readonly T[]> {
  const found = known.get(all) ?? Map.groupBy(all, keyOf);
  known.set(all, found);
  return found;
}

/** Works out what follows from some programs or services once for each key. */
export function onceFor<T>(): (of: readonly object[], key: string, make: () => T) => T {
  const known = new WeakMap<readonly object[], Map<string, T>>();
  return (of, key, make) => {
    const made = known.get(of) ?? new Map<string, T>();
    known.set(of, made);
    const found = made.get(key) ?? make();
    made.set(key, found);
    return found;
  };
}
