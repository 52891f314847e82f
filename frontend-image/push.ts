import { type Log, mirrorReference, type RigInstance, runCommand } from "../rig/index.ts";
import { type BuiltImage, version } from "./build.ts";

/** What of a rig the push needs. */
export type Registry = Pick<RigInstance, "registry"> & {
  readonly tools: Pick<RigInstance["tools"], "crane">;
};

/** The name users write in `# syntax=`. */
export const imageName = "org/go-frontend";

/**
 * Pushes an image as `latest` and as the package's version, unless the registry has that very image there.
 *
 * @returns the reference of `latest` in the registry
 * @throws Error with crane's last lines
 */
export const pushFrontendImage = async (
  image: BuiltImage,
  { registry, tools }: Registry,
  log: Log,
): Promise<string> => {
  const [latest = "", ...others] = ["latest", version()].map((tag) =>
    mirrorReference(registry, `${imageName}:${tag}`),
  );
  if (!(await has(tools.crane, latest, image.digest))) {
    log(`frontend image: pushing ${latest}`);
    await runCommand(tools.crane, ["push", "--insecure", image.layout, latest]);
  }
  for (const reference of others) {
    if (await has(tools.crane, reference, image.digest)) continue;
    await runCommand(tools.crane, [
      "tag",
      "--insecure",
      latest,
      reference.slice(reference.lastIndexOf(":") + 1),
    ]);
  }
  return latest;
};

/**
 * Pushes an image to any repository by digest, and puts tags on it. Credentials are Docker's.
 *
 * @returns `REPOSITORY@DIGEST`
 */
export const pushTo = async (
  image: BuiltImage,
  repository: string,
  tags: readonly string[],
  crane: string,
  log: Log,
): Promise<string> => {
  const reference = `${repository}@${image.digest}`;
  log(`frontend image: pushing ${reference}`);
  await runCommand(crane, ["push", image.layout, reference]);
  for (const tag of tags) await runCommand(crane, ["tag", reference, tag]);
  return reference;
};

const has = async (crane: string, reference: string, digest: string): Promise<boolean> => {
  try {
    return (await runCommand(crane, ["digest", "--insecure", reference])).stdout.trim() === digest;
  } catch {
    return false; // not there, or not reachable: the push tells which
  }
};
