import type { GatewayClient } from "../gateway/index.ts";
import { platform as onPlatform, type State } from "../llb/index.ts";
import { MAX_BYTES, type Platform, type Source } from "../description/index.ts";
import { hasClassicStore } from "./builder.ts";
import { type BuildContext, openContext } from "./context/context.ts";
import { namedContexts, type OpenContexts } from "./context/named-contexts.ts";
import type { Options } from "./options/options.ts";
import { readOptions, withCommit } from "./options/read-options.ts";
import { type Solve, solver } from "./solve.ts";

/** A build of which the options and the description were read, and nothing was looked at yet. */
export interface Opened {
  readonly options: Options;
  readonly context: BuildContext;
  /** What the client hands in beside it. */
  readonly contexts: OpenContexts;
  readonly description: Source;
  /** Where steps run. */
  readonly buildPlatform: Platform;
  readonly solve: Solve;
}

/** Reads the client's options, the description and the ignore files. */
export async function open(client: GatewayClient): Promise<Opened> {
  const buildPlatform = workerPlatform(client);
  const asked = readOptions(client.buildOpts.opts, buildPlatform, hasClassicStore(client));
  const solve = solver(client);
  const solveState = (state: State): ReturnType<Solve> => solve(state.marshal(onPlatform(buildPlatform)));
  const context = await openContext(
    client,
    solveState,
    asked.filename,
    // One byte more than a description may have, so that its own error tells of it.
    MAX_BYTES + 1,
  );
  const options = withCommit(asked, context.commit);
  const description = { filename: options.filename, text: new TextDecoder().decode(context.description) };
  const contexts = namedContexts(client, solveState);
  return { options, context, contexts, description, buildPlatform, solve };
}

function workerPlatform(client: GatewayClient): Platform {
  const platform = client.workers[0]?.platforms[0];
  return platform === undefined
    ? { os: "linux", architecture: "amd64" }
    : { os: platform.os, architecture: platform.architecture };
}
