import type { GatewayClient, Result } from "../gateway/index.ts";
import { sourcesFor } from "../plan/index.ts";
import { isDiagnosticError } from "../description/index.ts";
import { build, type Progress } from "./build.ts";
import { toGatewayError } from "./errors.ts";
import { withinLimits } from "./limits.ts";

/** Ends work that takes too much; see {@link withinLimits}. */
type Guard = <T>(work: Promise<T>, description: () => string) => Promise<T>;

/** As {@link main}, in a process that does nothing else: one that takes too much of its machine is an error too. */
export function mainWithinLimits(client: GatewayClient): Promise<Result> {
  return main(client, withinLimits);
}

/** Builds, and gives every failure the form in which clients show it. */
export async function main(client: GatewayClient, guard: Guard = (work) => work): Promise<Result> {
  const progress: Progress = {};
  try {
    return await guard(build(client, progress), () => filenameOf(client, progress));
  } catch (error) {
    const { description, tree } = progress;
    const found = isDiagnosticError(error) ? error.diagnostics : [];
    const sources = description === undefined ? [] : await sourcesFor(found, description, tree);
    throw toGatewayError(error, sources, client);
  }
}

/** The description, read or not. */
function filenameOf(client: GatewayClient, { description }: Progress): string {
  return description?.filename ?? client.buildOpts.opts.get("filename") ?? "Dockerfile";
}
