// Names of steps tell them apart within one plan, and are part of their cache keys. What a service of several programs
// can be compiled in more than one way has longer names; and it has them in every target of the description, so that
// targets share steps.
import { visible } from "../description/index.ts";
import type { InspectedProgram, InspectedService } from "./inspected.ts";

export interface Labels {
  /** Whether programs of one service are of several modules. */
  readonly modules: boolean;
  /** Whether programs of one service are compiled with several profiles. */
  readonly profiles: boolean;
  /** Whether a service has several programs. */
  readonly programs: boolean;
}

/** What the names of steps have to tell apart in a description. */
export function labelsOf(services: readonly InspectedService[]): Labels {
  return {
    modules: services.some(({ programs }) => differ(programs.map(({ module }) => module.dir))),
    profiles: services.some(({ programs }) => differ(programs.map(({ profile }) => profile))),
    programs: services.some(({ programs }) => programs.length > 1),
  };
}

const differ = (values: readonly (string | undefined)[]): boolean => new Set(values).size > 1;

/** What tells a program's module from others; empty for the module in the context's root. */
export function moduleLabel(labels: Labels, { module }: Pick<InspectedProgram, "module">): string {
  return labels.modules && module.dir !== "." ? visible(`./${module.dir}`) : "";
}

/** What tells a program's profile from others; empty where it has none. */
export function profileLabel(labels: Labels, { profile }: Pick<InspectedProgram, "profile">): string {
  return labels.profiles && profile !== undefined ? visible(`pgo=${profile}`) : "";
}

/** A program's main package: as the go command is told, or from the context's root where modules have to be told apart. */
export function mainLabel(labels: Labels, { module, main }: InspectedProgram): string {
  return relativeTo(labels.modules ? "." : module.dir, main.dir);
}

/** `./cmd/orders`, or `.`. */
export function relativeTo(dir: string, path: string): string {
  if (dir === ".") return path === "." ? "." : `./${path}`;
  return path === dir ? "." : `./${path.slice(dir.length + 1)}`;
}

/** The name of a step: its words, without those that are empty. */
export function stepName(...words: readonly string[]): string {
  return words.filter((word) => word !== "").join(" ");
}
