// What inspection found of a description's services: what planning is made from.
import type { GoModule, MainPackage, ServiceFacts } from "../facts/index.ts";
import type { Diagnostic, Path, Platform, ServiceDescription } from "../description/index.ts";
import type { ImageFiles } from "./image-file.ts";
import type {
  Alterations,
  GeneratorPlan,
  InlineFile,
  ProfileSource,
  ToolchainPlan,
  VcsStamp,
} from "./types.ts";

export interface InspectedService {
  readonly description: ServiceDescription;
  readonly name: string;
  readonly platforms: readonly Platform[];
  /** SPDX identifier of the tree's license, where it is certain. */
  readonly license?: string | undefined;
  readonly toolchain: ToolchainPlan;
  /** Its steps, each behind those that it reads from. */
  readonly generators: readonly GeneratorPlan[];
  /** What of its tree is not as the build context has it, before its steps have run. */
  readonly alterations: Alterations;
  /** Files of its tree that its image has. */
  readonly imageFiles: readonly ImageFiles[];
  /** In the order of the description; at least one. */
  readonly programs: readonly InspectedProgram[];
}

/** A main package of a service: what is compiled, and linked by itself. */
export interface InspectedProgram {
  /** The settings of its service. */
  readonly description: ServiceDescription;
  /** Its service's name. */
  readonly service: string;
  /** The executable's name. */
  readonly name: string;
  /** Where it stands in the image. */
  readonly path: string;
  /** Where the description chooses the main package. */
  readonly at: Path;
  readonly module: GoModule;
  readonly main: MainPackage;
  readonly platforms: readonly Platform[];
  readonly facts: ServiceFacts;
  /** The PGO profile in the context: the one that `build.pgo` names, or the one beside main. */
  readonly profile: string | undefined;
  /** In place of it, those of a list. */
  readonly profiles?: readonly ProfileSource[] | undefined;
  /** Text of the module's go.mod, go.sum, go.work …, for the download step. */
  readonly modFiles: readonly InlineFile[];
  readonly toolchain: ToolchainPlan;
  readonly stamps: Stamps;
}

/** A program whose imports were followed. */
export type ScannedProgram = Omit<InspectedProgram, "stamps">;

/** What is known of the commit, for one service. */
export interface Stamps {
  /** By the name of a variable: `git.commit`. */
  readonly values: Readonly<Record<string, Stamp>>;
  /** What the linker writes into the build information. */
  readonly vcs?: VcsStamp | undefined;
}

export type Stamp =
  | { readonly known: true; readonly value: string }
  | { readonly known: false; readonly why: string; readonly help: string };

export interface Inspected {
  readonly services: readonly InspectedService[];
  readonly warnings: readonly Diagnostic[];
}
