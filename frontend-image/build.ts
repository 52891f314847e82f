import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureEmulator, type Log, reset, type RigInstance, runCommand, up } from "../rig/index.ts";
import { type Bundle, bundleFrontend, type TransportName, writeBundle } from "./bundle.ts";
import type { Effort, LayerForm } from "./compress.ts";
import { forgetOld, hashOf, imageCache, madeOnce, plainModes, repository, sources } from "./files.ts";
import { frontendImageGraph, localNames, qemuName } from "./graph.ts";
import { architectures, imageConfig, paths, type Architecture } from "./layout.ts";
import {
  addCompressed,
  checkImage,
  checkLayers,
  type CheckedPlatform,
  type Descriptor,
  layoutIndex,
  layoutSource,
  writeIndex,
  writeInForm,
} from "./oci.ts";
import { makeRootfs, rootfsKey } from "./rootfs.ts";

/** What of a rig the build needs. */
type Builder = Pick<RigInstance, "buildkitHost"> & {
  readonly tools: Pick<RigInstance["tools"], "buildctl">;
};

export interface BuildImageOptions {
  readonly log: Log;
  readonly platforms?: readonly Architecture[];
  /** Default: `small`, as it is released; `quick` is what `quickFrontendImage` makes without a builder. */
  readonly effort?: Effort;
  /** Fill the compile cache of the other architecture too, in a pinned qemu (63 MB from Debian). Default: no. */
  readonly emulate?: boolean;
  /** What speaks gRPC in it. Default: `own`. */
  readonly transport?: TransportName;
  /** Make all of it anew, into this folder: of what was made before nothing is used. */
  readonly into?: string;
}

/** An image in a layout on disk, whole: every blob was compared with its digest. */
export interface BuiltImage {
  /** An OCI image layout with one image index. */
  readonly layout: string;
  readonly form: LayerForm;
  /** The index's digest. */
  readonly digest: string;
  readonly platforms: readonly CheckedPlatform[];
}

/**
 * Builds the frontend image for all platforms, or gives the one that the same sources gave before.
 *
 * @throws Error with buildctl's or esbuild's last lines, or that names a layer which is not what it should be
 */
export async function buildFrontendImage(options: BuildImageOptions): Promise<BuiltImage> {
  const { log, platforms = architectures } = options;
  const bundle = await bundleFrontend(options.transport);
  const make = async (target: string, store: string): Promise<void> =>
    withBuilder(options, async (builder) => {
      const manifests = await Promise.all(
        platforms.map(async (architecture) =>
          buildPlatform({ ...options, builder, store }, architecture, bundle, target),
        ),
      );
      writeIndex(target, manifests);
      checkLayers(await checkImage(layoutIndex(target), layoutSource(target)));
      log(`frontend image: built for ${platforms.join(" and ")}`);
    });
  if (options.into !== undefined) {
    const store = mkdtempSync(join(tmpdir(), "go-frontend-image-"));
    try {
      rmSync(options.into, { recursive: true, force: true });
      mkdirSync(options.into, { recursive: true });
      await make(options.into, store);
    } finally {
      rmSync(store, { recursive: true, force: true });
    }
    return readLayout(options.into, "zstd");
  }
  const folder = join(imageCache(), `image-${imageKey(bundle, platforms, options)}`);
  const store = join(imageCache(), "layers");
  await madeOnce(folder, async (target) => make(target, store), isWhole("zstd", log));
  forgetOld(imageCache(), /^(image|gzip)-/, 8);
  forgetOld(store, /^[0-9a-f]{64}-\d+\.zst$/, 24);
  return readLayout(folder, "zstd");
}

/**
 * The same image with its layers as gzip, for builders that cannot read zstd: Docker Engine before 23. Made from the
 * layout, without a builder; the configurations, and so the image ids, are the same.
 */
export async function gzipForm(image: BuiltImage, log: Log): Promise<BuiltImage> {
  const folder = join(
    imageCache(),
    `gzip-${hashOf(image.digest, ...sources(["compress.ts", "oci.ts"])).slice(0, 16)}`,
  );
  const make = async (target: string): Promise<void> => {
    log("frontend image: packing its layers as gzip");
    await writeInForm(image.layout, image.platforms, target, "gzip");
    checkLayers(await checkImage(layoutIndex(target), layoutSource(target)));
  };
  await madeOnce(folder, make, isWhole("gzip", log));
  return readLayout(folder, "gzip");
}

async function readLayout(layout: string, form: LayerForm): Promise<BuiltImage> {
  const index = layoutIndex(layout);
  return { layout, form, digest: index.digest, platforms: await checkImage(index, layoutSource(layout)) };
}

/** Whether a layout from before is as it was made. */
const isWhole =
  (form: LayerForm, log: Log) =>
  async (layout: string): Promise<boolean> => {
    try {
      await readLayout(layout, form);
      return true;
    } catch (error) {
      log(`${layout} is damaged and made anew: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    }
  };

/** With a daemon of the image's own, so that every other one has to pull the image. */
async function withBuilder(
  { into, log }: BuildImageOptions,
  use: (builder: Builder) => Promise<void>,
): Promise<void> {
  const anew = into !== undefined;
  const name = anew ? `frontend-image-${process.pid}` : "frontend-image";
  const rig = await up({ name, ephemeral: true, mirrors: "never", standIns: false, log });
  try {
    await use(rig);
  } finally {
    await rig.release();
    if (anew) await reset(name, log);
  }
}

/** Where the build runs: the architecture of this machine, whose native Node fills the compile cache. */
export const nativeArchitecture = (): Architecture => (process.arch === "arm64" ? "arm64" : "amd64");

/** One hash of everything that the image's bytes depend on. */
function imageKey(
  bundle: Bundle,
  platforms: readonly Architecture[],
  { emulate = false, effort = "small" }: BuildImageOptions,
): string {
  const graphs = platforms.map((architecture) =>
    frontendImageGraph({ architecture, bakeOn: bakeOn(architecture, emulate) }),
  );
  return hashOf(
    ...bundle.files.flatMap(({ name, text }) => [name, text]),
    bundle.notices,
    ...sources(["bake.ts", "build.ts", "compress.ts", "oci.ts"]),
    effort,
    JSON.stringify(
      platforms.map((architecture) => [rootfsKey(architecture), imageConfig(architecture, version())]),
    ),
    ...graphs.map((graph) => graph.head),
  ).slice(0, 16);
}

const bakeOn = (architecture: Architecture, emulate: boolean): Architecture | undefined =>
  architecture === nativeArchitecture() || emulate ? nativeArchitecture() : undefined;

/** The version of the package, which is the image's. */
export function version(): string {
  const manifest = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as {
    readonly version: string;
  };
  return manifest.version;
}

async function buildPlatform(
  {
    builder,
    log,
    emulate = false,
    effort = "small",
    store,
  }: BuildImageOptions & Readonly<{ builder: Builder; store: string }>,
  architecture: Architecture,
  bundle: Bundle,
  layout: string,
): Promise<Descriptor> {
  const on = bakeOn(architecture, emulate);
  if (on === undefined) {
    log(`frontend image: no compile cache for ${architecture}, which this machine does not run`);
  }
  const work = mkdtempSync(join(tmpdir(), "go-frontend-image-"));
  try {
    const folder = (name: string): string => {
      const path = join(work, name);
      mkdirSync(path, { mode: 0o755 });
      return path;
    };
    const [rootfs, app, bake, exported] = [
      folder(localNames.rootfs),
      folder(localNames.app),
      folder(localNames.bake),
      join(work, "exported"),
    ];
    log(`frontend image: building for ${architecture}`);
    await makeRootfs(rootfs, architecture, log);
    writeBundle(bundle, app, paths.app, join(paths.licences, "go-frontend"));
    plainModes(app);
    copyFileSync(join(repository, "frontend-image", "bake.ts"), join(bake, "bake.ts"));
    const emulated = on !== undefined && on !== architecture;
    const folders: Record<string, string> = {
      [localNames.rootfs]: rootfs,
      [localNames.app]: app,
      [localNames.bake]: bake,
      ...(emulated ? { [localNames.qemu]: folder(localNames.qemu) } : {}),
    };
    if (emulated) await addQemu(join(work, localNames.qemu), architecture, log);
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
        ...Object.entries(folders).flatMap(([name, path]) => ["--local", `${name}=${path}`]),
        "--output",
        output.map(csvField).join(","),
      ],
      { input: definition },
    );
    return await addCompressed(exported, layout, store, effort, architecture);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const csvField = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** Puts the pinned static qemu for an architecture into a folder, under the name the graph calls it by. */
async function addQemu(folder: string, architecture: Architecture, log: Log): Promise<void> {
  copyFileSync(await ensureEmulator(architecture, log), join(folder, qemuName));
  chmodSync(join(folder, qemuName), 0o755);
}
