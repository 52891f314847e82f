// Solving a plan; and another one, where a step says that the plan missed something.
import type { GatewayClient, Result } from "../gateway/index.ts";
import { exitCodeOf, imageResult } from "../gateway/index.ts";
import { allowOwnOps, buildGraph, type Graph, type Inputs } from "../graph/index.ts";
import { allowOps, platform as onPlatform, type State, withCaps } from "../llb/index.ts";
import {
  type AuthPlan,
  type ContextStep,
  EXIT,
  importedBack,
  type Learned,
  type Listing,
  isImage,
  type Plan,
  type Resolved,
  retryScope,
  stepsOf,
} from "../plan/index.ts";
import { diagnosticError, type LocatedDescription } from "../description/index.ts";
import { missingCredential } from "./credentials.ts";
import { isHidden } from "./failures.ts";
import { learnListing } from "./listing.ts";
import type { Options } from "./options/options.ts";
import type { Solve } from "./solve.ts";

/** What the attempts of one build have in common. */
export interface Attempt {
  readonly client: GatewayClient;
  readonly solve: Solve;
  readonly located: LocatedDescription;
  readonly resolved: Resolved;
  readonly inputs: Inputs;
  /** Learns what `inputs` has to know of the files that steps need. */
  readonly lookAt: (steps: readonly ContextStep[]) => Promise<void>;
  readonly options: Options;
  /** Whether the client is known to have given all that the download step asks for. */
  readonly allThere: boolean;
  /** Ends a build of which the other modules' packages show that it must fail, and warns of what they show. */
  readonly checkListing: (listing: Listing) => Promise<void>;
  /** Another plan of the same build; `back` are packages of the tree that other modules import. */
  readonly planAgain: (learned: Learned, back: readonly string[]) => Promise<Plan>;
}

/**
 * Solves a plan; and another one, of a wider or a narrower scope, where a step says by its exit code that the plan
 * missed something.
 */
export async function solvePlan(attempt: Attempt, plan: Plan): Promise<Result> {
  try {
    return await solveOnce(attempt, plan);
  } catch (error) {
    // What fails together, where a download has parts, is the download.
    const isDownload = isHidden(error) && plan.modules.some(({ parts }) => parts !== undefined);
    const scope = retryScope(plan.retries, isDownload ? EXIT.unfetched : exitCodeOf(error));
    if (scope === undefined && isHidden(error)) return solveOnce(attempt, plan, false);
    if (scope === undefined) throw error;
    return solvePlan(attempt, await attempt.planAgain({ scope }, []));
  }
}

/** @param mayWait whether an error may be met here, to be learned from, and not when BuildKit exports the result */
async function solveOnce(attempt: Attempt, plan: Plan, mayWait = true): Promise<Result> {
  const { solve, options, allThere } = attempt;
  const first = await graphOf(attempt, plan);
  if (!allThere) await checkCredentials(attempt, plan, first.ahead.download);
  const { listing, running } = await learnListing(solve, plan, first.ahead, options);
  if (listing === undefined) return solveGraph(attempt, plan, first, mayWait && waits(plan, running));
  await attempt.checkListing(listing);
  const complete = await attempt.planAgain({ scope: plan.scope, listing }, importedBack(listing));
  const graph = await graphOf(attempt, complete);
  return solveGraph(attempt, complete, graph, mayWait && waits(complete, running));
}

async function graphOf({ resolved, inputs, lookAt }: Attempt, plan: Plan): Promise<Graph> {
  const build = stepsOf(plan, resolved);
  await lookAt(build.steps.filter((step) => step.kind === "context"));
  return buildGraph(build, inputs);
}

/**
 * On a builder that cannot be asked for credentials the download step is run first, since only then can a secret that
 * the client did not give be reported at its line, with the flag to add. It has to run anyway.
 */
async function checkCredentials(
  { solve, located }: Attempt,
  { modules, buildPlatform }: Plan,
  download: State | undefined,
): Promise<void> {
  if (download === undefined) return;
  try {
    const reference = await solve(download.marshal(onPlatform(buildPlatform), allowOps(allowOwnOps)));
    await reference.evaluate();
  } catch (error) {
    const auth: readonly AuthPlan[] = modules[0]?.auth ?? [];
    const missing = auth.flatMap((entry) => missingCredential(error, entry, located) ?? []).slice(0, 1);
    throw missing.length > 0 ? diagnosticError(missing) : error;
  }
}

/**
 * Whether the graph is waited for: where steps of it run already, since BuildKit stops one that nobody waits for; and
 * where the plan may have missed something, since there is another one to try.
 */
function waits(plan: Plan, running: boolean): boolean {
  const isExact = plan.listing?.exact === true || Object.keys(plan.retries).length === 0;
  return running || !isExact;
}

async function solveGraph(
  { client, solve, options }: Attempt,
  { output, epoch }: Plan,
  graph: Graph,
  wait: boolean,
): Promise<Result> {
  const { cacheImports } = options;
  const results = await Promise.all(
    graph.platforms.map(async ({ platform, state, config, baseConfig }) => {
      const checks = [withCaps(client.llbCaps.ids), allowOps(graph.allow)];
      const definition = state.marshal(onPlatform(platform), ...checks);
      return { platform, ref: await solve(definition, { cacheImports, evaluate: wait }), config, baseConfig };
    }),
  );
  return imageResult(results, {
    multi: options.multiPlatform ?? results.length > 1,
    metadata: isImage(output) ? { "source.date.epoch": String(epoch) } : {},
  });
}
