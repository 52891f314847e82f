import type { LocatedDescription, ServiceDescription } from "../description/index.ts";
import type { InspectedProgram, InspectedService } from "./inspected.ts";
import type { Listing } from "./listing.ts";
import type { Peers } from "./peers.ts";
import type { BuildRequest } from "./types.ts";

/** What the parts of one plan are made from. */
export interface Planning {
  readonly located: LocatedDescription;
  /** The services that share what is compiled and fetched; {@link service} is among them. */
  readonly peers: Peers;
  readonly service: InspectedService;
  readonly request: BuildRequest;
  /** How the executables that ship are built, whose build id those with symbols have. */
  readonly ships: Pick<ServiceDescription["build"], "strip">;
  /** What the go command has listed of other modules, where that is known. */
  readonly listing: Listing | undefined;
}

/** What the parts of one plan that are about one program of the service are made from. */
export interface ProgramPlanning extends Planning {
  readonly program: InspectedProgram;
}
