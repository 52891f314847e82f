import { buildFaults } from "./builds.ts";
import { gatewayFaults } from "./gateway.ts";
import { networkFaults } from "./network.ts";
import type { Place } from "./place.ts";

/** Something that goes wrong around a build, and what must come of it. */
export interface FaultCase {
  /** Where it happens: a row's group in the table. */
  readonly where: string;
  readonly name: string;
  /** What is promised. */
  readonly promise: string;
  /** Whether `npm test` leaves it to `npm run faults`. */
  readonly long?: true;
  /** Whether it is most of its time waiting for a server: `npm run faults` tries these together. */
  readonly waits?: true;
  /**
   * Makes it happen.
   *
   * @param whole as often as `npm run faults` does, not only as `npm test` does
   * @returns what was seen, in a few words
   * @throws with what was seen where it is not what is promised
   */
  readonly try: (place: Place, whole: boolean) => Promise<string>;
}

/** All of docs/faults.md, in its order. */
export const faults: readonly FaultCase[] = [...networkFaults, ...gatewayFaults, ...buildFaults];
