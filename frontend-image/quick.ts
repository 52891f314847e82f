import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { folderEntries, type Log, runCommand, tarBlocks } from "../rig/index.ts";
import { nativeArchitecture, version } from "./build.ts";
import { type Bundle, bundleFrontend, writeBundle } from "./bundle.ts";
import { compress, decompress, type LayerForm } from "./compress.ts";
import { forgetOld, hashOf, imageCache, madeOnce, plainModes, repository, sources } from "./files.ts";
import { layerNames } from "./graph.ts";
import { type Architecture, imageConfig, paths } from "./layout.ts";
import {
  checkImage,
  type Descriptor,
  digestOf,
  layoutIndex,
  layoutSource,
  mediaTypes,
  putBlob,
  putJson,
  writeIndex,
} from "./oci.ts";
import { imageName, readBack } from "./push.ts";
import { makeRootfs, rootfsKey } from "./rootfs.ts";

/**
 * The frontend image of these sources for this machine's architecture alone, in the seconds that a first use has for
 * it: without a builder, and packed as fast as that goes, since it is pushed no further than the loopback address. As
 * zstd it is byte for byte what BuildKit builds with the effort `quick`.
 *
 * @returns an OCI image layout
 * @throws Error that says what could not be fetched or made
 */
export async function quickFrontendImage(
  form: LayerForm,
  log: Log,
): Promise<Readonly<{ layout: string; digest: string }>> {
  const architecture = nativeArchitecture();
  const bundle = await bundleFrontend();
  const layout = await madeOnce(
    join(imageCache(), `quick-${keyOf(bundle, architecture, form)}`),
    async (target) => {
      const layers = await layersOf(bundle, architecture, log);
      const packed = await Promise.all(layers.map(async (tar) => putLayer(target, tar, form)));
      const manifest = putJson(target, mediaTypes.manifest, {
        schemaVersion: 2,
        mediaType: mediaTypes.manifest,
        config: putJson(target, "application/vnd.oci.image.config.v1+json", configOf(architecture, layers)),
        layers: packed,
      });
      writeIndex(target, [{ ...manifest, platform: { architecture, os: "linux" } }]);
    },
    async (target) => isWhole(target),
  );
  forgetOld(imageCache(), /^quick-/, 4);
  return { layout, digest: layoutIndex(layout).digest };
}

/**
 * Pushes it by its digest, under no tag: what others use as `org/go-frontend` stays. Then reads all of it back.
 *
 * @returns the reference
 * @throws Error that names a layer which the registry does not have as it should
 */
export async function pushQuickImage(
  { layout, digest }: Readonly<{ layout: string; digest: string }>,
  registry: string,
  crane: string,
): Promise<string> {
  const reference = `${registry}/${imageName}@${digest}`;
  const there = await runCommand(crane, ["digest", "--insecure", reference]).then(
    () => true,
    () => false,
  );
  if (!there) await runCommand(crane, ["push", "--insecure", layout, reference]);
  await readBack(crane, `${registry}/${imageName}`, digest);
  return reference;
}

/** Whether a layout from before is as it was made. */
const isWhole = async (layout: string): Promise<boolean> =>
  checkImage(layoutIndex(layout), layoutSource(layout)).then(
    () => true,
    () => false,
  );

const keyOf = (bundle: Bundle, architecture: Architecture, form: LayerForm): string =>
  hashOf(
    ...bundle.files.flatMap(({ name, text }) => [name, text]),
    bundle.notices,
    ...sources(["bake.ts", "compress.ts", "graph.ts", "oci.ts", "quick.ts"]),
    readFileSync(join(repository, "rig", "standins", "tar.ts")),
    JSON.stringify([rootfsKey(architecture), imageConfig(architecture, version()), form]),
  ).slice(0, 16);

/** The configuration as BuildKit writes it: the fields by their names, and a history. */
function configOf(architecture: Architecture, layers: readonly Buffer[]): object {
  const created = "1970-01-01T00:00:00Z";
  const config: Readonly<Record<string, unknown>> = {
    ...imageConfig(architecture, version()),
    history: layerNames(architecture).map((name) => ({
      created,
      created_by: name,
      comment: "buildkit.exporter.image.v0",
    })),
    rootfs: { type: "layers", diff_ids: layers.map(digestOf) },
  };
  return Object.fromEntries(Object.entries(config).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** The two layers as tar: Node and its libraries, and the bundle with its compile cache. */
async function layersOf(bundle: Bundle, architecture: Architecture, log: Log): Promise<readonly Buffer[]> {
  mkdirSync(imageCache(), { recursive: true });
  // Where the cache is: a folder for temporary files may not run programs.
  const work = mkdtempSync(join(imageCache(), "making-"));
  const remove = (): void => rmSync(work, { recursive: true, force: true });
  process.once("exit", remove);
  try {
    const [root, app] = [join(work, "root"), join(work, "app")];
    mkdirSync(root, { mode: 0o755 });
    await makeRootfs(root, architecture, log);
    const below = tarOf(root);
    mkdirSync(app, { mode: 0o755 });
    writeBundle(bundle, app, paths.app, join(paths.licences, "go-frontend"));
    plainModes(app);
    await fillCompileCache(root, app, log);
    return [below, tarOf(app)];
  } finally {
    process.off("exit", remove);
    remove();
  }
}

/** Lets the image's own Node fill its compile cache, at the paths that it has in the image. Needs root. */
async function fillCompileCache(root: string, app: string, log: Log): Promise<void> {
  if (process.getuid?.() !== 0) {
    log(
      "without a compile cache, which only root can have filled: the frontend compiles itself at each start",
    );
    return;
  }
  cpSync(app, root, { recursive: true });
  mkdirSync(join(root, "bake"));
  copyFileSync(join(repository, "frontend-image", "bake.ts"), join(root, "bake", "bake.ts"));
  // What programs are started with as nothing to read and nowhere to write.
  mkdirSync(join(root, "dev"));
  writeFileSync(join(root, "dev", "null"), "");
  await runCommand(
    "chroot",
    [root, paths.node, "--no-warnings", "/bake/bake.ts", paths.compileCache, paths.entry],
    { env: { PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin` }, cwd: "/" },
  );
  cpSync(join(root, paths.compileCache), join(app, paths.compileCache), { recursive: true });
}

/** A folder's files as root's, at the epoch. */
const tarOf = (folder: string): Buffer =>
  Buffer.concat([
    ...tarBlocks(
      folderEntries(folder).map((entry) => ({ ...entry, uid: 0, gid: 0 })),
      { time: 0, deviceNumbers: true },
    ),
  ]);

/** Packs a layer as fast as that goes, and unpacks it again: what is pushed is what was meant. */
async function putLayer(layout: string, tar: Buffer, form: LayerForm): Promise<Descriptor> {
  const packed = await compress(tar, form, "quick");
  decompress(packed, form, digestOf(tar));
  return putBlob(layout, `${mediaTypes.layer}+${form}`, packed);
}
