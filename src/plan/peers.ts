import type { InspectedService } from "./inspect.ts";

type Services = readonly InspectedService[];

/**
 * The services of a description that can share what is compiled ahead with one of them: one module, the same flags.
 * The same array whenever it is asked for, so that what follows from all of them is worked out once: a description may
 * hold hundreds of services, and the plan of each asks.
 */
export function compiledAlike(services: Services, service: InspectedService): Services {
  return groupsOf(compiling, services, compileKey).get(compileKey(service)) ?? none;
}

/** The services of a description that are of one module. */
export function ofModule(services: Services, dir: string): Services {
  return groupsOf(modules, services, ({ module }) => module.dir).get(dir) ?? none;
}

/** A service of a description by its name. */
export function serviceNamed(services: Services, name: string): InspectedService | undefined {
  return groupsOf(names, services, (service) => service.name).get(name)?.[0];
}

/** What decides how a service is compiled: equal for those that are compiled alike. */
export function compileKey({ module, facts, description, profile }: InspectedService): string {
  return JSON.stringify([module.dir, facts.vendor, description.build.tags.join(), profile]);
}

type Groups = WeakMap<Services, ReadonlyMap<string, Services>>;

const compiling: Groups = new WeakMap();
const modules: Groups = new WeakMap();
const names: Groups = new WeakMap();
const none: Services = [];

function groupsOf(
  known: Groups,
  services: Services,
  keyOf: (service: InspectedService) => string,
): ReadonlyMap<string, Services> {
  const found = known.get(services) ?? Map.groupBy(services, keyOf);
  known.set(services, found);
  return found;
}

/** Works out what follows from some services once for each key. */
export function onceFor<T>(): (services: Services, key: string, make: () => T) => T {
  const known = new WeakMap<Services, Map<string, T>>();
  return (services, key, make) => {
    const made = known.get(services) ?? new Map<string, T>();
    known.set(services, made);
    const found = made.get(key) ?? make();
    made.set(key, found);
    return found;
  };
}
