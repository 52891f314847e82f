import type { GatewayClient } from "../gateway/index.ts";
import { platform as onPlatform } from "../llb/index.ts";
import { MAX_BYTES, type Platform, type Source } from "../description/index.ts";
import { hasClassicStore } from "./builder.ts";
import { type BuildContext, openContext } from "./context/context.ts";
import type { Options } from "./options/options.ts";
import { readOptions, withCommit } from "./options/read-options.ts";
import { type Solve, solver } from "./solve.ts";

/** A build of which the options and the description were read, and nothing was looked at yet. */
export interface Opened {
  readonly options: Options;
  readonly context: BuildContext;
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
  const context = await openContext(
    client,
    (state) => solve(state.marshal(onPlatform(buildPlatform))),
    asked.filename,
    // One byte more than a description may have, so that its own error tells of it.
    MAX_BYTES + 1,
  );
  const options = withCommit(asked, context.commit);
  const description = { filename: options.filename, text: new TextDecoder().decode(context.description) };
  return { options, context, description, buildPlatform, solve };
}

function workerPlatform(client: GatewayClient): Platform {
  const platform = client.workers[0]?.platforms[0];
  return platform === undefined
    ? { os: "linux", architecture: "amd64" }
    : { os: platform.os, architecture: platform.architecture };
}
