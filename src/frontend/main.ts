import type { GatewayClient, Result } from "../gateway/index.ts";
import { sourcesFor } from "../plan/index.ts";
import { isDiagnosticError } from "../description/index.ts";
import { build } from "./build.ts";
import { toGatewayError } from "./errors.ts";
import { withinLimits } from "./limits.ts";
import { open, type Opened } from "./open.ts";

/** Ends work that takes too much; see {@link withinLimits}. */
type Guard = <T>(work: Promise<T>, description: () => string) => Promise<T>;

/** As {@link main}, in a process that does nothing else: one that takes too much of its machine is an error too. */
export function mainWithinLimits(client: GatewayClient): Promise<Result> {
  return main(client, withinLimits);
}

/** Builds, and gives every failure the form in which clients show it. */
export async function main(client: GatewayClient, guard: Guard = (work) => work): Promise<Result> {
  const opened = await inForm(
    client,
    guard(open(client), () => filenameOf(client)),
  );
  const { filename } = opened.description;
  return inForm(
    client,
    guard(build(client, opened), () => filename),
    opened,
  );
}

/** The work's result; or its failure, with lines of the files that it is about, as far as they are known. */
async function inForm<T>(client: GatewayClient, work: Promise<T>, opened?: Opened): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const found = isDiagnosticError(error) ? error.diagnostics : [];
    const sources = opened === undefined ? [] : await sourcesFor(found, opened.description, treeOf(opened));
    throw toGatewayError(error, sources, client);
  }
}

/** The source tree, unless its ignore file keeps it from being read. */
const treeOf = ({ context }: Opened): Opened["context"]["tree"] | undefined =>
  context.problems.length > 0 ? undefined : context.tree;

/** The description, before it was read. */
function filenameOf(client: GatewayClient): string {
  return client.buildOpts.opts.get("filename") ?? "Dockerfile";
}
