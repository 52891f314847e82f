import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isRecord, readJson, writeJson } from "../files.ts";
import { withLock } from "../lock.ts";
import { mirrorReference } from "../mirrors.ts";
import { cacheFolder } from "../paths.ts";
import { runCommand } from "../process.ts";
import { rigError, secondsSince, type Log } from "../text.ts";
import { golang, goVersions, standIns, type LayerName, type StandIn } from "./list.ts";
import { architectures, writeImage, type Architecture, type Layer } from "./oci.ts";
import { debianLayers, goLayer } from "./rootfs.ts";
import { alpineLayer, busyboxLayer, debugLayer, staticLayer } from "./small-images.ts";

export type StandInOptions = Readonly<{
  /** `localhost:PORT`. */
  registry: string;
  /** The hosts that the registry answers for. */
  mirrored: readonly string[];
  crane: string;
  log: Log;
}>;

const store = (): string => join(cacheFolder(), "standins");

const layerOf = async (
  name: LayerName,
  standIn: StandIn,
  architecture: Architecture,
  log: Log,
): Promise<Layer> => {
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
};

const shortName = (standIn: StandIn): string => {
  const repository = standIn.repository.replace(/^library\//, "");
  return `${standIn.host === "docker.io" ? "" : `${standIn.host}/`}${repository}:${standIn.tags[0] ?? "latest"}`;
};

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error));

// Layers of one image are made one after another, since they share downloads; the platforms side by side.
const build = async (standIn: StandIn, log: Log): Promise<Readonly<{ layout: string; digest: string }>> => {
  const platforms = await Promise.all(
    architectures.map(async (architecture) => {
      const layers: Layer[] = [];
      for (const name of standIn.layers) layers.push(await layerOf(name, standIn, architecture, log));
      return { architecture, layers, config: standIn.config };
    }),
  );
  return writeImage(store(), shortName(standIn).replaceAll(/[^a-z0-9.-]+/g, "_"), platforms);
};

const digestAt = async (reference: string): Promise<string | undefined> => {
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
};

const isDigests = (value: unknown): value is Readonly<Record<string, string>> =>
  isRecord(value) && Object.values(value).every((digest) => typeof digest === "string");

/** Makes one stand-in and puts it into the registry under all its tags, unless it is there. */
const provide = async (standIn: StandIn, { registry, crane, log }: StandInOptions): Promise<void> => {
  const memo = join(store(), "digests.json");
  const name = JSON.stringify([standIn, 1]);
  const references = standIn.tags.map((tag) =>
    mirrorReference(registry, `${standIn.host}/${standIn.repository}:${tag}`),
  );
  const known = readJson(memo, isDigests)?.[name];
  const present = await Promise.all(references.map(digestAt));
  if (known !== undefined && present.every((digest) => digest === known)) return;
  const start = Date.now();
  const { layout, digest } = await build(standIn, log).catch((error: unknown) => {
    throw rigError(
      `${standIn.host} cannot be reached, and no stand-in for ${shortName(standIn)} could be made: ${message(error)}`,
      "connect to a network once, so that what it is made of can be kept; or use a builder of your own (--builder)",
    );
  });
  const [first = "", ...others] = references;
  await runCommand(crane, ["push", "--insecure", layout, first]);
  for (const other of others) {
    await runCommand(crane, ["tag", "--insecure", first, other.slice(other.lastIndexOf(":") + 1)]);
  }
  writeJson(memo, { ...readJson(memo, isDigests), [name]: digest });
  log(`made the stand-in for ${shortName(standIn)} (${secondsSince(start)})`);
};

/** Removes what interrupted runs left; the lock says that nobody else is at work here. */
const removeLeftovers = (): void => {
  for (const folder of [store(), join(store(), "blobs")]) {
    if (!existsSync(folder)) continue;
    for (const name of readdirSync(folder)) {
      if (!name.startsWith("unpacked-") && !name.endsWith(".tmp")) continue;
      rmSync(join(folder, name), { recursive: true, force: true });
    }
  }
};

const provideAll = async (wanted: readonly StandIn[], options: StandInOptions): Promise<void> => {
  await withLock("stand-ins", "making stand-ins for images", options.log, async () => {
    removeLeftovers();
    for (const standIn of wanted) {
      await provide(standIn, options);
      options.log(
        `stand-in for ${standIn.host}/${standIn.repository}:${standIn.tags.join(", :")}: ${standIn.madeOf}`,
      );
    }
  });
};

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
 * A further `golang:<version>` stand-in for a running rig, for a Go version that is not in the list (one that a
 * go.mod names). Does nothing where docker.io can be reached.
 *
 * @param version as in `1.26.3`
 * @throws RigError when the Go module proxy has no such toolchain
 */
export const ensureGoStandIn = async (
  version: string,
  rig: Readonly<{ registry: string; mirrored: readonly string[]; tools: Readonly<{ crane: string }> }>,
  log: Log,
): Promise<void> => {
  if (!rig.mirrored.includes("docker.io") || goVersions.includes(version)) return;
  const { registry, mirrored, tools } = rig;
  const tags = { debian: [`${version}-bookworm`, version], alpine: [`${version}-alpine`] };
  await provideAll(golang(version, tags), {
    registry,
    mirrored,
    crane: tools.crane,
    log,
  });
};
