// What is planned when the first plan of a build missed something. A plan says exactly what is fetched and sent;
// what it cannot know is learned from a step that fails, by the exit code of our program
// (src/plan/helper/run.go), and the build is planned once more.

/**
 * How exact a plan is.
 * - `planned`: what the source tree and go.mod say.
 * - `narrow`: of other modules only what this service's imports need. A module that cannot be fetched, and that only
 *   tests or other services use, is then not asked for.
 * - `wide`: the modules of the source tree as a whole, and every module that go.mod requires. Packages that only
 *   other modules import, which no file of the tree names, are then there.
 */
export type Scope = "planned" | "narrow" | "wide";

/** Exit codes of our program. */
export const EXIT = {
  /** The download step: something that it was asked for cannot be had. */
  unfetched: 81,
  /** Another module imports a package of the source tree that was not sent. */
  imported: 82,
} as const;

/** For each of the two failures, the scope of the next plan; absent: the failure is final. */
export interface Retries {
  readonly unfetched?: Scope | undefined;
  readonly imported?: Scope | undefined;
}

/** The scope to plan with after a step has failed; undefined: the failure is the build's. */
export function retryScope(retries: Retries, exitCode: number | undefined): Scope | undefined {
  switch (exitCode) {
    case EXIT.unfetched:
      return retries.unfetched;
    case EXIT.imported:
      return retries.imported;
    default:
      return undefined;
  }
}
