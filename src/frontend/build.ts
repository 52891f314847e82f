import { setTimeout } from "node:timers/promises";
import type { SourceTree } from "../facts/index.ts";
import type { GatewayClient, Result } from "../gateway/index.ts";
import { exitCodeOf, imageResult, isCanceled, isConnectionLost } from "../gateway/index.ts";
import { allowOwnOps, buildGraph, type Graph, type Inputs } from "../graph/index.ts";
import {
  allowOps,
  type Definition,
  platform as onPlatform,
  scratch,
  type State,
  withCaps,
} from "../llb/index.ts";
import {
  type AuthPlan,
  type BuildRequest,
  cgoProblems,
  EXIT,
  importedBack,
  LISTING_FILE,
  type Resolved,
  stepsOf,
  inspect,
  type Inspected,
  type Listing,
  type Plan,
  planBuild,
  readListing as listingFrom,
  refinePlan,
  retryScope,
  type Scope,
  type ToolchainPlan,
  toolchainNames,
} from "../plan/index.ts";
import {
  type Diagnostic,
  diagnosticError,
  formatPlatform,
  MAX_BYTES,
  parseDescription,
  type LocatedDescription,
  type Platform,
  type Source,
} from "../description/index.ts";
import { basePlatformWarnings } from "./base-platform.ts";
import { checkBuilder, hasClassicStore } from "./builder.ts";
import { openContext } from "./context.ts";
import { askForCredentials, missingCredential } from "./credentials.ts";
import { type FoundImage, imageResolver, isAsChosen, type ResolveImage } from "./images.ts";
import { checkOptions, type Options, readOptions, unusedOptions, withCommit } from "./options.ts";
import { answerSubrequest } from "./subrequests.ts";
import { warn } from "./warnings.ts";

/** What is known when something fails, for the excerpts. */
export interface Progress {
  description?: Source;
  tree?: SourceTree;
}

/**
 * One build, from the client's options to references that BuildKit exports.
 *
 * The references are lazy: BuildKit runs the steps after this process has ended, and prints what fails
 * at the description's lines. Only what the plan is made from is run from here, and what is begun beside it.
 */
export async function build(client: GatewayClient, progress: Progress): Promise<Result> {
  const buildPlatform = workerPlatform(client);
  const asked = readOptions(client.buildOpts.opts, buildPlatform, hasClassicStore(client));
  const solve = solver(client);
  const context = await openContext(
    client,
    (state) => solve(state.marshal(onPlatform(buildPlatform))),
    asked.filename,
    MAX_BYTES + 1,
  );
  const options = withCommit(asked, context.commit);
  progress.description = { filename: options.filename, text: new TextDecoder().decode(context.description) };
  if (context.problems.length > 0) throw diagnosticError(context.problems);
  progress.tree = context.tree;
  const parsed = parseDescription({ filename: options.filename, bytes: context.description });
  if (options.requestId !== undefined) {
    return answerSubrequest(options.requestId, parsed, context.tree, options, client);
  }
  if (!parsed.ok) throw diagnosticError(parsed.diagnostics);
  const { located } = parsed;

  const resolveImage = imageResolver(client, options);
  const inspectFor = (request: BuildRequest, back: readonly string[] = []): Promise<Inspected> =>
    inspect(
      located,
      context.tree,
      request,
      (chosen) => {
        // Begun early, awaited below; a failure is reported there, after those of the source tree.
        resolveToolchain(chosen).catch(() => {});
      },
      back,
    );
  const resolveToolchain = ({ reference, at }: ToolchainPlan): Promise<FoundImage> =>
    resolveImage({ reference, platform: buildPlatform, use: "toolchain", at });
  let { request } = options;
  let inspected = await inspectFor(request);
  let plan = planBuild(located, inspected, request);
  const impossible = [...checkBuilder(client, [plan], located.source), ...checkOptions(options, [plan])];
  if (impossible.length > 0) throw diagnosticError(impossible);
  const auth = plan.modules?.auth ?? [];
  const [toolchain, bases, allThere] = await Promise.all([
    resolveToolchain(plan.toolchain),
    resolveBases(plan, resolveImage),
    askForCredentials(client, auth, located),
  ]);
  if (!isAsChosen(plan.toolchain, toolchain.config)) {
    request = { ...request, imageContexts: toolchainNames(plan.toolchain.reference) };
    inspected = await inspectFor(request);
    plan = planBuild(located, inspected, request);
  }
  const resolved: Resolved = {
    toolchain,
    bases,
    context: context.rules,
    settings: {
      noCache: options.noCache,
      networkMode: options.networkMode === "default" ? undefined : options.networkMode,
      extraHosts: options.extraHosts,
      proxy: { ...options.proxy },
      resolveMode: options.resolveMode,
      caps: new Set(client.llbCaps.ids),
    },
    description: located.source,
  };
  const inputs: Inputs = {
    context: context.files,
    image: ({ use, platform }) =>
      (use === "toolchain" ? toolchain : bases[formatPlatform(platform)])?.state ?? scratch(),
  };
  const warnAbout = (warnings: readonly Diagnostic[]): Promise<void> =>
    warn(client, context, located, warnings);
  await warnAbout([
    ...parsed.warnings,
    ...inspected.warnings,
    ...basePlatformWarnings(plan, bases),
    ...unusedOptions(options),
  ]);
  const service = inspected.services.find(({ name }) => name === plan.service.name);
  const checkListing = async (listing: Listing): Promise<void> => {
    const found = service === undefined ? [] : cgoProblems(service, listing, options.filename);
    const errors = found.filter(({ severity }) => severity === "error");
    if (errors.length > 0) throw diagnosticError(errors);
    await warnAbout(found);
  };
  const planAgain = async (scope: Scope, back: readonly string[]): Promise<Plan> =>
    planBuild(located, back.length === 0 ? inspected : await inspectFor(request, back), request, scope);
  const attempt = {
    client,
    solve,
    located,
    resolved,
    inputs,
    options,
    buildPlatform,
    allThere,
    checkListing,
    planAgain,
  };
  return tryPlan(attempt, plan);
}

/** What the attempts of one build have in common. */
interface Attempt {
  readonly client: GatewayClient;
  readonly solve: SolveDefinition;
  readonly located: LocatedDescription;
  readonly resolved: Resolved;
  readonly inputs: Inputs;
  readonly options: Options;
  readonly buildPlatform: Platform;
  /** Whether the client is known to have given all that the download step asks for. */
  readonly allThere: boolean;
  /** Ends a build of which the other modules' packages show that it must fail, and warns of what they show. */
  readonly checkListing: (listing: Listing) => Promise<void>;
  /** Another plan of the same build; `back` are packages of the tree that other modules import. */
  readonly planAgain: (scope: Scope, back: readonly string[]) => Promise<Plan>;
}

/**
 * Solves a plan; and another one, of a wider or a narrower scope, where a step says by its exit code that the plan
 * missed something.
 */
async function tryPlan(attempt: Attempt, plan: Plan): Promise<Result> {
  try {
    return await solvePlan(attempt, plan);
  } catch (error) {
    // What fails together, where a download has parts, is the download.
    const isDownload = isHidden(error) && plan.modules?.parts !== undefined;
    const scope = retryScope(plan.retries, isDownload ? EXIT.unfetched : exitCodeOf(error));
    if (scope === undefined && isHidden(error)) return solvePlan(attempt, plan, false);
    if (scope === undefined) throw error;
    return tryPlan(attempt, await attempt.planAgain(scope, []));
  }
}

/**
 * Whether BuildKit has lost the error of a step: v0.34 does of the second step that fails while a frontend waits, when
 * both had an input in common (moby/buildkit:frontend/gateway/gateway.go, registerResultIDsLocked). Of a result that
 * the frontend does not wait for it says what happened.
 */
function isHidden(error: unknown): boolean {
  return error instanceof Error && error.message.includes("releasing already released reference");
}

/** @param mayWait whether an error may be met here, to be learned from, and not when BuildKit exports the result */
async function solvePlan(attempt: Attempt, plan: Plan, mayWait = true): Promise<Result> {
  const { solve, located, options, buildPlatform, allThere } = attempt;
  const auth = plan.modules?.auth ?? [];
  const ahead = !allThere || plan.listing !== undefined ? graphOf(attempt, plan).ahead : undefined;
  if (!allThere) await checkCredentials(solve, auth, ahead?.download, located, buildPlatform);
  const { listing, compiling } = await readListing(solve, plan, ahead, options);
  if (listing === undefined) return solveImages(attempt, plan, mayWait && waits(plan, compiling));
  await attempt.checkListing(listing);
  const back = importedBack(listing);
  const complete = back.length === 0 ? plan : await attempt.planAgain(plan.scope, back);
  const refined = refinePlan(complete, listing);
  return solveImages(attempt, refined, mayWait && waits(refined, compiling));
}

function graphOf({ resolved, inputs }: Attempt, plan: Plan): Graph {
  return buildGraph(stepsOf(plan, resolved), inputs);
}

/** Milliseconds after which a listing is taken to be in the making and not in the cache. */
const SOON = 150;

/** Bytes of a listing that are read. One of a thousand packages has a tenth of it. */
const MAX_LISTING = 4 << 20;

interface Read {
  readonly listing: Listing | undefined;
  /** Whether the standard library is being compiled; the build's graph, which needs it, has to be waited for. */
  readonly compiling: boolean;
}

/**
 * Learns which packages of other modules there are, where the plan says that it pays. The listing is a
 * small cached result; where it has to be made, the standard library is compiled in the meantime.
 *
 * A listing that fails is no error: the build goes on in one group and says itself what is wrong.
 */
async function readListing(
  solve: SolveDefinition,
  plan: Plan,
  ahead: Graph["ahead"] | undefined,
  options: Options,
): Promise<Read> {
  if (ahead?.listing === undefined) return { listing: undefined, compiling: false };
  const { cacheImports } = options;
  const marshal = (state: State): Definition =>
    state.marshal(onPlatform(plan.buildPlatform), allowOps(allowOwnOps));
  let compiling = false;
  try {
    const reading = solve(marshal(ahead.listing), { cacheImports }).then((reference) =>
      reference.readFile(LISTING_FILE, { length: MAX_LISTING }),
    );
    const cached = await Promise.race([reading, setTimeout(SOON)]);
    compiling = cached === undefined;
    if (compiling) {
      // Failures are met again, and reported, by the graph that needs the results.
      for (const std of ahead.std) solve(marshal(std), { cacheImports, evaluate: true }).catch(() => {});
    }
    const text = cached ?? (await reading);
    return { listing: listingFrom(JSON.parse(new TextDecoder().decode(text))), compiling };
  } catch (error) {
    const exitCode = exitCodeOf(error);
    // What cannot be downloaded would be asked for again, for as long, by a graph in one group.
    const isFinal = exitCode === EXIT.unfetched || retryScope(plan.retries, exitCode) !== undefined;
    const isDownload = isHidden(error) && plan.modules?.parts !== undefined;
    if (isCanceled(error) || isConnectionLost(error) || isFinal || isDownload) throw error;
    return { listing: undefined, compiling };
  }
}

type SolveDefinition = ReturnType<typeof solver>;

function solver(client: GatewayClient) {
  return async (
    definition: Definition,
    extra: { cacheImports?: Options["cacheImports"]; evaluate?: boolean } = {},
  ) => {
    const result = await client.solve({ definition, ...extra });
    if (result.ref === undefined) throw new Error("BuildKit solved a definition to no reference");
    return result.ref;
  };
}

function workerPlatform(client: GatewayClient): Platform {
  const platform = client.workers[0]?.platforms[0];
  return platform === undefined
    ? { os: "linux", architecture: "amd64" }
    : { os: platform.os, architecture: platform.architecture };
}

/** The images that those of the plan stand on, by platform. */
async function resolveBases(
  { output, service }: Plan,
  resolveImage: ResolveImage,
): Promise<Readonly<Record<string, FoundImage>>> {
  if (output === "binary") return {};
  const found = service.platforms.map(async ({ link, image: { base } }) => {
    const { id, platform } = link.variant;
    if (base.kind !== "image") return [];
    const { reference, at } = base;
    return [[id, await resolveImage({ reference, platform, use: "base", at })] as const];
  });
  return Object.fromEntries((await Promise.all(found)).flat());
}

/**
 * On a builder that cannot be asked for credentials the download step is run first, since only then can a secret that
 * the client did not give be reported at its line, with the flag to add. It has to run anyway.
 */
async function checkCredentials(
  solve: SolveDefinition,
  auth: readonly AuthPlan[],
  download: State | undefined,
  located: LocatedDescription,
  buildPlatform: Platform,
): Promise<void> {
  if (download === undefined) return;
  try {
    const reference = await solve(download.marshal(onPlatform(buildPlatform), allowOps(allowOwnOps)));
    await reference.evaluate();
  } catch (error) {
    const missing = auth.flatMap((each) => missingCredential(error, each, located) ?? []).slice(0, 1);
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

async function solveImages(attempt: Attempt, plan: Plan, wait: boolean): Promise<Result> {
  const { client, solve, options } = attempt;
  const results = await Promise.all(
    graphOf(attempt, plan).platforms.map(async ({ platform: target, state, config, baseConfig }) => {
      const definition = state.marshal(
        onPlatform(target),
        withCaps(client.llbCaps.ids),
        allowOps(allowOwnOps),
      );
      const ref = await solve(definition, { cacheImports: options.cacheImports, evaluate: wait });
      return { platform: target, ref, config, baseConfig };
    }),
  );
  const multi = options.multiPlatform ?? results.length > 1;
  return imageResult(results, {
    multi,
    metadata: plan.output === "image" ? { "source.date.epoch": String(plan.epoch) } : {},
  });
}
