import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isRecord, readJson, writeJson } from "../files.ts";
import { withLock } from "../lock.ts";
import { mirrorReference } from "../mirrors.ts";
import { cacheFolder } from "../paths.ts";
import { runCommand } from "../process.ts";
import { rigError, secondsSince, type Log } from "../text.ts";
import { goVersions, standIns, type LayerName, type StandIn } from "./list.ts";
import { architectures, writeImage, type Architecture, type Layer } from "./oci.ts";
import { imageName } from "./recipes.ts";
import { debianLayers, goLayer } from "./rootfs.ts";
import { alpineLayer, busyboxLayer, debugLayer, staticLayer } from "./small-images.ts";
import { standInsFor } from "./wanted.ts";

export interface StandInOptions {
  /** `localhost:PORT`. */
  readonly registry: string;
  /** The hosts that the registry answers for. */
  readonly mirrored: readonly string[];
  readonly crane: string;
  readonly log: Log;
  /** Default: all there are. */
  readonly architectures?: readonly Architecture[];
}

const store = (): string => join(cacheFolder(), "standins");

async function layerOf(
  name: LayerName,
  standIn: StandIn,
  architecture: Architecture,
  log: Log,
): Promise<Layer> {
  switch (name) {
    case "slim":
      return (await debianLayers(store(), architecture, log)).slim;
    case "forGo":
      return (await debianLayers(store(), architecture, log)).forGo;
    case "alpine":
      return alpineLayer(store(), architecture, log);
    case "go":
      return goLayer(store(), architecture, standIn.go ?? "", log);
    case "busybox":
      return busyboxLayer(store(), architecture, log);
    case "static":
      return staticLayer(store(), architecture, log);
    case "debug":
      return debugLayer(store(), architecture, log);
  }
}

function shortName(standIn: StandIn): string {
  const repository = standIn.repository.replace(/^library\//, "");
  return `${standIn.host === "docker.io" ? "" : `${standIn.host}/`}${repository}:${standIn.tags[0] ?? "latest"}`;
}

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error));

// Of one image the layer with Go is made beside the others, which are made one after another, since they share
// downloads; the platforms side by side.
async function layersOf(standIn: StandIn, architecture: Architecture, log: Log): Promise<readonly Layer[]> {
  const others = async (): Promise<readonly (Layer | undefined)[]> => {
    const layers: (Layer | undefined)[] = [];
    for (const name of standIn.layers) {
      layers.push(name === "go" ? undefined : await layerOf(name, standIn, architecture, log));
    }
    return layers;
  };
  const go = async (): Promise<Layer | undefined> =>
    standIn.layers.includes("go") ? layerOf("go", standIn, architecture, log) : undefined;
  const [layers, goLayer] = await Promise.all([others(), go()]);
  return layers.map((layer) => layer ?? goLayer).filter((layer) => layer !== undefined);
}

async function build(
  standIn: StandIn,
  wanted: readonly Architecture[],
  log: Log,
): Promise<Readonly<{ layout: string; digest: string }>> {
  const platforms = await Promise.all(
    wanted.map(async (architecture) => ({
      architecture,
      layers: await layersOf(standIn, architecture, log),
      config: standIn.config,
    })),
  );
  return writeImage(store(), shortName(standIn).replaceAll(/[^a-z0-9.-]+/g, "_"), platforms);
}

async function digestAt(reference: string): Promise<string | undefined> {
  const [host = "", ...rest] = reference.split("/");
  const path = rest.join("/");
  const colon = path.lastIndexOf(":");
  const response = await fetch(
    `http://${host}/v2/${path.slice(0, colon)}/manifests/${path.slice(colon + 1)}`,
    {
      method: "HEAD",
      headers: { accept: "application/vnd.oci.image.index.v1+json" },
    },
  );
  return response.ok ? (response.headers.get("docker-content-digest") ?? undefined) : undefined;
}

const isDigests = (value: unknown): value is Readonly<Record<string, string>> =>
  isRecord(value) && Object.values(value).every((digest) => typeof digest === "string");

/** Makes one stand-in and puts it into the registry under all its tags, unless it is there. */
async function provide(standIn: StandIn, options: StandInOptions): Promise<void> {
  const { registry, crane, log, architectures: wanted = architectures } = options;
  const memo = join(store(), "digests.json");
  const name = imageName(standIn, wanted);
  const references = standIn.tags.map((tag) =>
    mirrorReference(registry, `${standIn.host}/${standIn.repository}:${tag}`),
  );
  const known = readJson(memo, isDigests);
  // An image for all architectures will do where fewer are wanted.
  const right = [known?.[name], known?.[imageName(standIn, architectures)]].filter(Boolean);
  const present = await Promise.all(references.map(digestAt));
  if (right.some((digest) => present.every((found) => found === digest))) return;
  const start = Date.now();
  const { layout, digest } = await make(standIn, wanted, log);
  const [first = "", ...others] = references;
  await runCommand(crane, ["push", "--insecure", layout, first]);
  for (const other of others) {
    await runCommand(crane, ["tag", "--insecure", first, other.slice(other.lastIndexOf(":") + 1)]);
  }
  writeJson(memo, { ...readJson(memo, isDigests), [name]: digest });
  log(`made the stand-in for ${shortName(standIn)} (${secondsSince(start)})`);
}

const make = async (
  standIn: StandIn,
  wanted: readonly Architecture[],
  log: Log,
): Promise<Readonly<{ layout: string; digest: string }>> =>
  build(standIn, wanted, log).catch((error: unknown) => {
    throw rigError(
      `${standIn.host} cannot be reached, and no stand-in for ${shortName(standIn)} could be made: ${message(error)}`,
      "connect to a network once, so that what it is made of can be kept; or use a builder of your own (--builder)",
    );
  });

/** Removes what interrupted runs left; the lock says that nobody else is at work here. */
function removeLeftovers(): void {
  for (const folder of [store(), join(store(), "blobs")]) {
    if (!existsSync(folder)) continue;
    for (const name of readdirSync(folder)) {
      if (!name.startsWith("unpacked-") && !name.endsWith(".tmp")) continue;
      rmSync(join(folder, name), { recursive: true, force: true });
    }
  }
}

async function provideAll(wanted: readonly StandIn[], options: StandInOptions): Promise<void> {
  await withLock("stand-ins", "making stand-ins for images", options.log, async () => {
    removeLeftovers();
    for (const standIn of wanted) {
      await provide(standIn, options);
      options.log(
        `stand-in for ${standIn.host}/${standIn.repository}:${standIn.tags.join(", :")}: ${standIn.madeOf}`,
      );
    }
  });
}

/**
 * Puts the stand-ins of the registries that are answered for into the local registry, made when they are not
 * there yet, and says which ones are in use.
 */
export const ensureStandIns = async (options: StandInOptions): Promise<void> =>
  provideAll(
    standIns(goVersions).filter(({ host }) => options.mirrored.includes(host)),
    options,
  );

/**
 * Makes the stand-ins that these image references lead to, ahead of the registry they go to: what takes time is
 * done when {@link provideStandIns} is asked for them.
 */
export async function prepareStandIns(
  references: readonly string[],
  options: Pick<StandInOptions, "mirrored" | "architectures" | "log">,
): Promise<void> {
  const { log, mirrored, architectures: wanted = architectures } = options;
  const standIns = await standInsFor(references, mirrored);
  if (standIns.length === 0) return;
  await withLock("stand-ins", "making stand-ins for images", log, async () => {
    removeLeftovers();
    for (const standIn of standIns) await make(standIn, wanted, log);
  });
}

/**
 * Puts the stand-ins that these image references lead to into the registry; references of registries that can be
 * reached, and those that nothing stands in for, are left to the build.
 *
 * @throws RigError when one cannot be made: the Go module proxy has no such toolchain, Debian is not reached
 */
export async function provideStandIns(references: readonly string[], options: StandInOptions): Promise<void> {
  const standIns = await standInsFor(references, options.mirrored);
  if (standIns.length > 0) await provideAll(standIns, options);
}
