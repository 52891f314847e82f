import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Log, type RigInstance, runCommand } from "../rig/index.ts";
import { type Bundle, bundleFrontend, writeBundle } from "./bundle.ts";
import { qemuPackage } from "./debian-packages.ts";
import { fetchPackage, unpackPackage } from "./debian.ts";
import { forgetOld, hashOf, imageCache, madeOnce, plainModes, repository } from "./files.ts";
import { frontendImageGraph, localNames, qemuName } from "./graph.ts";
import { architectures, imageConfig, paths, type Architecture } from "./layout.ts";
import { addCompressed, type Descriptor, type Manifest, readBlob, writeIndex } from "./oci.ts";
import { rootfsFolder, rootfsKey } from "./rootfs.ts";

/** What of a rig the build needs; a rig, or any BuildKit with its buildctl. */
export type Builder = Pick<RigInstance, "buildkitHost"> & {
  readonly tools: Pick<RigInstance["tools"], "buildctl">;
};

export type BuildImageOptions = Readonly<{
  builder: Builder;
  log: Log;
  platforms?: readonly Architecture[];
  /** Fill the compile cache of the other architecture too, in a pinned qemu (63 MB from Debian). Default: no. */
  emulate?: boolean;
  /** Build even if the same sources were built before, into this folder. */
  into?: string;
}>;

/** An image in a layout on disk. */
export type BuiltImage = Readonly<{
  /** An OCI image layout with one image index. */
  layout: string;
  /** The index's digest. */
  digest: string;
  sizes: readonly PlatformSize[];
}>;

export type PlatformSize = Readonly<{
  architecture: Architecture;
  digest: string;
  /** Bytes of the config and the layers, as pulled. */
  compressed: number;
  layers: readonly number[];
}>;

/**
 * Builds the frontend image for all platforms, or gives the one that the same sources gave before.
 *
 * @throws Error with buildctl's or esbuild's last lines
 */
export const buildFrontendImage = async (options: BuildImageOptions): Promise<BuiltImage> => {
  const { log, platforms = architectures } = options;
  const bundle = await bundleFrontend();
  const key = imageKey(bundle, platforms, options.emulate === true);
  const folder = options.into ?? join(imageCache(), `image-${key}`);
  const layout = await madeOnce(folder, async (target) => {
    const manifests: Descriptor[] = [];
    for (const architecture of platforms) {
      manifests.push(await buildPlatform(options, architecture, bundle, target));
    }
    writeIndex(target, manifests);
    log(`frontend image: built for ${platforms.join(" and ")}`);
  });
  forgetOld(imageCache(), /^image-/, 8);
  forgetOld(imageCache(), /^rootfs-/, 4);
  forgetOld(join(imageCache(), "layers"), /^[0-9a-f]{64}-19\.zst$/, 24);
  return describe(layout);
};

/** Where the build runs: the architecture of this machine, whose native Node fills the compile cache. */
const nativeArchitecture = (): Architecture => (process.arch === "arm64" ? "arm64" : "amd64");

/** One hash of everything that the image's bytes depend on. */
const imageKey = (bundle: Bundle, platforms: readonly Architecture[], emulate: boolean): string => {
  const graphs = platforms.map((architecture) =>
    frontendImageGraph({ architecture, bakeOn: bakeOn(architecture, emulate) }),
  );
  return hashOf(
    ...bundle.files.flatMap(({ name, text }) => [name, text]),
    bundle.notices,
    readFileSync(join(repository, "frontend-image", "bake.ts")),
    readFileSync(join(repository, "frontend-image", "compress.ts")),
    readFileSync(join(repository, "frontend-image", "oci.ts")),
    JSON.stringify(
      platforms.map((architecture) => [rootfsKey(architecture), imageConfig(architecture, version())]),
    ),
    ...graphs.map((graph) => graph.head),
  ).slice(0, 16);
};

const bakeOn = (architecture: Architecture, emulate: boolean): Architecture | undefined =>
  architecture === nativeArchitecture() || emulate ? nativeArchitecture() : undefined;

/** The version of the package, which is the image's. */
export const version = (): string => {
  const manifest = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as {
    readonly version: string;
  };
  return manifest.version;
};

const buildPlatform = async (
  { builder, log, emulate = false }: BuildImageOptions,
  architecture: Architecture,
  bundle: Bundle,
  layout: string,
): Promise<Descriptor> => {
  const on = bakeOn(architecture, emulate);
  if (on === undefined) {
    log(`frontend image: no compile cache for ${architecture}, which this machine does not run`);
  }
  const work = mkdtempSync(join(tmpdir(), "go-frontend-image-"));
  try {
    const [app, bake, exported] = [join(work, "app"), join(work, "bake"), join(work, "exported")];
    for (const folder of [app, bake]) mkdirSync(folder, { mode: 0o755 });
    writeBundle(bundle, app, paths.app, join(paths.licences, "go-frontend"));
    plainModes(app);
    copyFileSync(join(repository, "frontend-image", "bake.ts"), join(bake, "bake.ts"));
    const folders: Record<string, string> = {
      [localNames.rootfs]: await rootfsFolder(architecture, log),
      [localNames.app]: app,
      [localNames.bake]: bake,
      ...(on === undefined || on === architecture
        ? {}
        : { [localNames.qemu]: await qemuFolder(architecture, log) }),
    };
    log(`frontend image: building for ${architecture}`);
    const output = [
      "type=oci",
      "tar=false",
      `dest=${exported}`,
      "compression=uncompressed",
      "force-compression=true",
      "oci-mediatypes=true",
      "source-date-epoch=0",
      `containerimage.config=${JSON.stringify(imageConfig(architecture, version()))}`,
    ];
    const definition = frontendImageGraph({ architecture, bakeOn: on }).toBytes();
    await runCommand(
      builder.tools.buildctl,
      [
        "--addr",
        builder.buildkitHost,
        "build",
        "--progress=plain",
        ...Object.entries(folders).flatMap(([name, folder]) => ["--local", `${name}=${folder}`]),
        "--output",
        output.map(csvField).join(","),
      ],
      { input: definition },
    );
    return await addCompressed(exported, layout, join(imageCache(), "layers"), architecture);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
};

const csvField = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** A folder with the pinned static qemu for an architecture, under the name the graph calls it by. */
const qemuFolder = async (architecture: Architecture, log: Log): Promise<string> => {
  const archive = await fetchPackage(qemuPackage, log);
  const names = { amd64: "qemu-x86_64-static", arm64: "qemu-aarch64-static" } as const;
  return madeOnce(
    join(imageCache(), "debian", `qemu-${architecture}-${qemuPackage.sha256.slice(0, 16)}`),
    async (folder) => {
      const unpacked = mkdtempSync(join(tmpdir(), "go-frontend-qemu-"));
      try {
        await unpackPackage(archive, unpacked);
        cpSync(join(unpacked, "usr", "bin", names[architecture]), join(folder, qemuName));
        chmodSync(folder, 0o755);
        chmodSync(join(folder, qemuName), 0o755);
      } finally {
        rmSync(unpacked, { recursive: true, force: true });
      }
    },
  );
};

const describe = (layout: string): BuiltImage => {
  const root = JSON.parse(readFileSync(join(layout, "index.json"), "utf8")) as {
    readonly manifests: readonly Descriptor[];
  };
  const [index] = root.manifests;
  if (index === undefined || !existsSync(layout)) throw new Error(`${layout} holds no image`);
  const { manifests } = JSON.parse(readBlob(layout, index.digest).toString()) as {
    readonly manifests: readonly Descriptor[];
  };
  const sizes = manifests.map(({ digest, platform }): PlatformSize => {
    const manifest = JSON.parse(readBlob(layout, digest).toString()) as Manifest;
    const layers = manifest.layers.map((layer) => layer.size);
    const compressed = layers.reduce((sum, size) => sum + size, manifest.config.size);
    return {
      architecture: platform?.architecture === "arm64" ? "arm64" : "amd64",
      digest,
      compressed,
      layers,
    };
  });
  return { layout, digest: index.digest, sizes };
};
