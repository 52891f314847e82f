import { setTimeout } from "node:timers/promises";
import { exitCodeOf, isCanceled, isConnectionLost } from "../gateway/index.ts";
import { allowOwnOps, type Graph } from "../graph/index.ts";
import { allowOps, type Definition, platform as onPlatform, type State } from "../llb/index.ts";
import {
  EXIT,
  type Listing,
  LISTING_FILE,
  type Plan,
  readListing as listingFrom,
  retryScope,
} from "../plan/index.ts";
import { isHidden } from "./failures.ts";
import type { Options } from "./options/options.ts";
import type { Solve } from "./solve.ts";

/** Milliseconds after which a listing is taken to be in the making and not in the cache. */
const SOON = 150;

/** Bytes of a listing that are read. One of a thousand packages has a tenth of it. */
const MAX_LISTING = 4 << 20;

export interface ListingAnswer {
  /** Absent where nobody asked, or nobody knows. */
  readonly listing: Listing | undefined;
  /** Whether steps of the build run already: BuildKit stops them when nobody waits for a graph that has them. */
  readonly running: boolean;
}

/**
 * Learns which packages of other modules there are, where the plan says that it pays. The listing is a
 * small cached result; where it has to be made, the standard library is compiled in the meantime.
 *
 * A listing that fails is no error: the build goes on in one group and says itself what is wrong. So is one that
 * nobody can read, since the step runs a toolchain that anyone may have made.
 *
 * @throws what ends a build in any case: it was canceled, or what it needs cannot be downloaded
 */
export async function learnListing(
  solve: Solve,
  plan: Plan,
  { listing, std }: Graph["ahead"],
  { cacheImports }: Pick<Options, "cacheImports">,
): Promise<ListingAnswer> {
  if (listing === undefined) return { listing, running: false };
  const definition = (state: State): Definition =>
    state.marshal(onPlatform(plan.buildPlatform), allowOps(allowOwnOps));
  let running = false;
  try {
    const reading = solve(definition(listing), { cacheImports }).then((reference) =>
      reference.readFile(LISTING_FILE, { length: MAX_LISTING }),
    );
    const cached = await Promise.race([reading, setTimeout(SOON)]);
    running = cached === undefined;
    // Failures are met again, and reported, by the graph that needs the results.
    for (const state of running ? std : []) {
      solve(definition(state), { cacheImports, evaluate: true }).catch(() => {});
    }
    const text = new TextDecoder().decode(cached ?? (await reading));
    return { listing: listingFrom(JSON.parse(text)), running };
  } catch (error) {
    if (isCanceled(error) || isConnectionLost(error) || isOfDownload(error, plan)) throw error;
    return { listing: undefined, running };
  }
}

/** Whether the download failed: it would be asked for again, for as long, by a graph in one group. */
function isOfDownload(error: unknown, { modules, retries }: Plan): boolean {
  const exitCode = exitCodeOf(error);
  if (exitCode === EXIT.unfetched || retryScope(retries, exitCode) !== undefined) return true;
  return isHidden(error) && modules.some(({ parts }) => parts !== undefined);
}
