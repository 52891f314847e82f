import { statSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../../rig/index.ts";

/** What the demo uses of an image's configuration (opencontainers/image-spec:config.md). */
export interface ImageConfig {
  readonly User?: string;
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly WorkingDir?: string;
  readonly ExposedPorts?: Readonly<Record<string, unknown>>;
}

export interface PlatformImage {
  readonly platform: string;
  readonly digest: string;
  /** Bytes of the layers as they are pulled. */
  readonly compressed: number;
  /** Bytes of the root filesystem as one tar archive. */
  readonly unpacked: number;
  readonly layers: number;
  readonly config: ImageConfig;
  /** That archive. */
  readonly tar: string;
}

export interface BuiltImage {
  readonly reference: string;
  readonly digest: string;
  readonly platforms: readonly PlatformImage[];
}

interface Descriptor {
  readonly digest: string;
  readonly size: number;
  readonly platform?: Readonly<{ os: string; architecture: string; variant?: string }>;
}
interface Manifest {
  readonly manifests?: readonly Descriptor[];
  readonly layers?: readonly Descriptor[];
}
interface Config {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly config?: ImageConfig;
}

/**
 * Reads an image back from its registry, whole: what is reported and run is what others would pull.
 *
 * @param folder where the root filesystems' archives go
 */
export async function readImage(crane: string, reference: string, folder: string): Promise<BuiltImage> {
  const repository = reference.slice(0, reference.lastIndexOf(":"));
  const ask = async (command: string, of: string): Promise<string> =>
    (await runCommand(crane, [command, of])).stdout;
  const digest = (await ask("digest", reference)).trim();
  const top = JSON.parse(await ask("manifest", `${repository}@${digest}`)) as Manifest;
  const digests = top.manifests
    ?.filter(({ platform }) => platform !== undefined && platform.os !== "unknown")
    .map((manifest) => manifest.digest) ?? [digest];
  const platforms: PlatformImage[] = [];
  for (const imageDigest of digests) {
    const image = `${repository}@${imageDigest}`;
    const { layers = [] } = JSON.parse(await ask("manifest", image)) as Manifest;
    const { os, architecture, variant, config = {} } = JSON.parse(await ask("config", image)) as Config;
    const tar = join(folder, `${architecture}${variant ?? ""}.tar`);
    await runCommand(crane, ["export", image, tar]);
    platforms.push({
      platform: [os, architecture, variant].filter((part) => part !== undefined && part !== "").join("/"),
      digest: imageDigest,
      compressed: layers.reduce((sum, { size }) => sum + size, 0),
      unpacked: statSync(tar).size,
      layers: layers.length,
      config,
      tar,
    });
  }
  return { reference, digest, platforms };
}
