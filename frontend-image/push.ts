import { spawn } from "node:child_process";
import { type Log, mirrorReference, type RigInstance, runCommand } from "../rig/index.ts";
import { type BuiltImage, version } from "./build.ts";
import type { LayerForm } from "./compress.ts";
import { checkImage, type CheckedPlatform, type Descriptor } from "./oci.ts";

/** What of a rig the push needs. */
export type Registry = Pick<RigInstance, "registry"> & {
  readonly tools: Pick<RigInstance["tools"], "crane">;
};

/** The name users write in `# syntax=`. */
export const imageName = "org/go-frontend";

/** The tag of the image's other form: `gzip` beside `latest`, `1.2.3-gzip` beside `1.2.3`. */
export const tagOf = (tag: string, form: LayerForm): string =>
  form === "zstd" ? tag : tag === "latest" ? form : `${tag}-${form}`;

/** An image as a registry has it, all of it read back. */
export interface PushedImage {
  readonly reference: string;
  readonly platforms: readonly CheckedPlatform[];
}

/**
 * Pushes an image as `latest` and as the package's version, unless the registry has that very image there; then reads
 * all of it back.
 *
 * @returns the reference of `latest` in the registry
 * @throws Error with crane's last lines, or that names the layer which the registry does not have as it should
 */
export async function pushFrontendImage(
  image: BuiltImage,
  { registry, tools }: Registry,
  log: Log,
): Promise<PushedImage> {
  const [latest = "", ...others] = ["latest", version()].map((tag) =>
    mirrorReference(registry, `${imageName}:${tagOf(tag, image.form)}`),
  );
  if (!(await has(tools.crane, latest, image.digest))) {
    log(`frontend image: pushing ${latest}`);
    await runCommand(tools.crane, ["push", "--insecure", image.layout, latest]);
  }
  const platforms = await readBack(tools.crane, repositoryOf(latest), image.digest);
  for (const reference of others) {
    if (await has(tools.crane, reference, image.digest)) continue;
    await runCommand(tools.crane, ["tag", "--insecure", latest, tagIn(reference)]);
  }
  return { reference: latest, platforms };
}

/**
 * Pushes an image to any repository by digest, reads all of it back, and only then puts tags on it. Credentials are
 * Docker's.
 *
 * @returns `REPOSITORY@DIGEST`
 */
export async function pushTo(
  image: BuiltImage,
  repository: string,
  tags: readonly string[],
  crane: string,
  log: Log,
): Promise<PushedImage> {
  const reference = `${repository}@${image.digest}`;
  log(`frontend image: pushing ${reference}`);
  await runCommand(crane, ["push", image.layout, reference]);
  log("frontend image: reading it back");
  const platforms = await readBack(crane, repository, image.digest);
  for (const tag of tags) await runCommand(crane, ["tag", reference, tagOf(tag, image.form)]);
  return { reference, platforms };
}

/**
 * An image of a registry, all of it read and compared with its digests.
 *
 * @throws Error that names what the registry lacks or has otherwise
 */
export async function readBack(
  crane: string,
  repository: string,
  digest: string,
): Promise<readonly CheckedPlatform[]> {
  const index = await output(crane, ["manifest", `${repository}@${digest}`]);
  const read = async (descriptor: Descriptor): Promise<Buffer> => {
    const command = /manifest|index/.test(descriptor.mediaType) ? "manifest" : "blob";
    return output(crane, [command, `${repository}@${descriptor.digest}`]);
  };
  const mediaType = "application/vnd.oci.image.index.v1+json";
  return checkImage({ mediaType, digest, size: index.length }, read);
}

/** What a command writes, as bytes. */
async function output(command: string, args: readonly string[]): Promise<Buffer> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  const chunks: Buffer[] = [];
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  if (code !== 0) {
    throw new Error(`${[command, ...args].join(" ")}: exit status ${code ?? "?"}\n${said.trim()}`);
  }
  return Buffer.concat(chunks);
}

const tagIn = (reference: string): string => reference.slice(reference.lastIndexOf(":") + 1);
const repositoryOf = (reference: string): string => reference.slice(0, reference.lastIndexOf(":"));

async function has(crane: string, reference: string, digest: string): Promise<boolean> {
  try {
    return (await runCommand(crane, ["digest", "--insecure", reference])).stdout.trim() === digest;
  } catch {
    return false; // not there, or not reachable: the push tells which
  }
}
