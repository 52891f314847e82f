import type { GatewayClient, Result } from "../gateway/index.ts";
import { build, type Progress } from "./build.ts";
import { toGatewayError } from "./errors.ts";

/** Builds, and gives every failure the form in which clients show it. */
export async function main(client: GatewayClient): Promise<Result> {
  const progress: Progress = {};
  try {
    return await build(client, progress);
  } catch (error) {
    throw toGatewayError(error, progress.description, client);
  }
}
