import { statSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../../rig/index.ts";

/** What the demo uses of an image's configuration (opencontainers/image-spec:config.md). */
export type ImageConfig = Readonly<{
  User?: string;
  Env?: readonly string[];
  Entrypoint?: readonly string[];
  Cmd?: readonly string[];
  WorkingDir?: string;
  ExposedPorts?: Readonly<Record<string, unknown>>;
}>;

export type PlatformImage = Readonly<{
  platform: string;
  digest: string;
  /** Bytes of the layers as they are pulled. */
  compressed: number;
  /** Bytes of the root filesystem as one tar archive. */
  unpacked: number;
  layers: number;
  config: ImageConfig;
  /** That archive. */
  tar: string;
}>;

export type BuiltImage = Readonly<{ reference: string; digest: string; platforms: readonly PlatformImage[] }>;

type Descriptor = Readonly<{
  digest: string;
  size: number;
  platform?: Readonly<{ os: string; architecture: string; variant?: string }>;
}>;
type Manifest = Readonly<{ manifests?: readonly Descriptor[]; layers?: readonly Descriptor[] }>;
type Config = Readonly<{ os: string; architecture: string; variant?: string; config?: ImageConfig }>;

/**
 * Reads an image back from its registry, whole: what is reported and run is what others would pull.
 *
 * @param folder where the root filesystems' archives go
 */
export const readImage = async (crane: string, reference: string, folder: string): Promise<BuiltImage> => {
  const repository = reference.slice(0, reference.lastIndexOf(":"));
  const ask = async (command: string, of: string): Promise<string> =>
    (await runCommand(crane, [command, of])).stdout;
  const digest = (await ask("digest", reference)).trim();
  const top = JSON.parse(await ask("manifest", `${repository}@${digest}`)) as Manifest;
  const digests = top.manifests
    ?.filter(({ platform }) => platform !== undefined && platform.os !== "unknown")
    .map((each) => each.digest) ?? [digest];
  const platforms: PlatformImage[] = [];
  for (const each of digests) {
    const image = `${repository}@${each}`;
    const { layers = [] } = JSON.parse(await ask("manifest", image)) as Manifest;
    const { os, architecture, variant, config = {} } = JSON.parse(await ask("config", image)) as Config;
    const tar = join(folder, `${architecture}${variant ?? ""}.tar`);
    await runCommand(crane, ["export", image, tar]);
    platforms.push({
      platform: [os, architecture, variant].filter((part) => part !== undefined && part !== "").join("/"),
      digest: each,
      compressed: layers.reduce((sum, { size }) => sum + size, 0),
      unpacked: statSync(tar).size,
      layers: layers.length,
      config,
      tar,
    });
  }
  return { reference, digest, platforms };
};
