import { readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import type { Log } from "../text.ts";
import { fetchPackages, suite, type PackageSet } from "./apt.ts";
import { packageLists, packageStatus, unpackPackages } from "./debian.ts";
import { fetchToolchain, toolchainEntries } from "./go-toolchain.ts";
import { makeLayer, type Architecture, type Layer } from "./oci.ts";
import { layerRecipes, type LayerRecipe } from "./recipes.ts";
import { directory, folderEntries, symlink, textFile, type TarEntry } from "./tar.ts";

// As Debian's slim images: no manuals and translations; copyright files stay.
const isLeftOut = (path: string): boolean =>
  /^usr\/share\/(man|info|locale|groff|lintian|linda)\//.test(path) ||
  (path.startsWith("usr/share/doc/") && !path.endsWith("/copyright"));

const nsswitch = "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\nnetworks: files\n";

/** As Debian's images have them: without the updates, packages that are there already would be newer than their peers. */
const sources = [
  `deb http://deb.debian.org/debian ${suite} main`,
  `deb http://deb.debian.org/debian ${suite}-updates main`,
  `deb http://deb.debian.org/debian-security ${suite}-security main`,
  "",
].join("\n");

/** Keeps of unpacked packages what a slim image has, without folders that are empty for that reason. */
function slim(entries: readonly TarEntry[]): readonly TarEntry[] {
  const needed = entries.filter((entry) => entry.type === "directory" || !isLeftOut(entry.path));
  const used = new Set<string>();
  for (const entry of needed) {
    if (entry.type === "directory" && isLeftOut(`${entry.path}/`)) continue;
    for (let path = entry.path; path.includes("/");) {
      path = path.slice(0, path.lastIndexOf("/"));
      used.add(path);
    }
  }
  return needed.filter(
    (entry) => entry.type !== "directory" || used.has(entry.path) || !isLeftOut(`${entry.path}/`),
  );
}

/** Mozilla's CA roots as Debian's package has them: never the host's bundle, which may hold others. */
export function caRoots(unpacked: string): Buffer {
  const folder = join(unpacked, "usr", "share", "ca-certificates", "mozilla");
  return Buffer.concat(
    readdirSync(folder)
      .toSorted()
      .map((name) => readFileSync(join(folder, name))),
  );
}

function replaced(entries: readonly TarEntry[], added: readonly TarEntry[]): readonly TarEntry[] {
  const paths = new Set(added.map((entry) => entry.path));
  return [...entries.filter((entry) => !paths.has(entry.path)), ...added];
}

const names = (archives: readonly string[]): string => archives.map((path) => basename(path)).join(" ");

/** A layer of packages: unpacked, cut down to what slim images have, and completed by `effects`. */
const packageLayer = async (
  store: string,
  { kind }: LayerRecipe,
  set: PackageSet,
  log: Log,
  effects: (folder: string) => Promise<readonly TarEntry[]>,
): Promise<Layer> =>
  makeLayer(store, `${kind} ${set.architecture} ${names(set.archives)}`, async (pack) => {
    log(`unpacking and packing ${set.archives.length} Debian packages (${set.architecture})`);
    const folder = await unpackPackages(store, set.architecture, set.archives);
    try {
      return await pack(replaced(slim(folderEntries(folder)), await effects(folder)));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

/** What dpkg would know of packages: their fields, those of all packages together, and the files of each. */
async function database(all: readonly string[], added: readonly string[]): Promise<readonly TarEntry[]> {
  return [
    textFile("var/lib/dpkg/status", await packageStatus(all)),
    directory("var/lib/dpkg/info"),
    // Names of packages that may stand there for several architectures end in `:amd64`.
    textFile("var/lib/dpkg/info/format", "1\n"),
    ...[...(await packageLists(added))].map(([name, text]) =>
      textFile(`var/lib/dpkg/info/${name}.list`, text),
    ),
  ];
}

// What the packages' scripts would have made of their own masters.
function baseEffects(folder: string): readonly TarEntry[] {
  const master = (name: string): Buffer =>
    readFileSync(join(folder, "usr", "share", "base-passwd", `${name}.master`));
  return [
    textFile("etc/passwd", master("passwd")),
    textFile("etc/group", master("group")),
    textFile("etc/nsswitch.conf", nsswitch),
    textFile("etc/apt/sources.list", sources),
    symlink("usr/bin/awk", "mawk"),
    symlink("usr/bin/which", "which.debianutils"),
    directory("root", 0o700),
    directory("tmp", 0o1777),
  ];
}

export interface DebianLayers {
  readonly slim: Layer;
  readonly forGo: Layer;
}

/**
 * The Debian part of the stand-ins: `debian:bookworm-slim`'s one layer, and on top of it what the golang image
 * has (git, ssh, a C compiler with headers, CA roots).
 */
export async function debianLayers(
  store: string,
  architecture: Architecture,
  log: Log,
): Promise<DebianLayers> {
  const { slim: ofSlim, forGo: ofGo } = layerRecipes;
  const small = await fetchPackages(architecture, ofSlim.packages, log);
  const large = await fetchPackages(architecture, ofGo.packages, log);
  const added = { architecture, archives: large.archives.filter((path) => !small.archives.includes(path)) };
  const slimLayer = await packageLayer(store, ofSlim, small, log, async (folder) => [
    ...baseEffects(folder),
    ...(await database(small.archives, small.archives)),
  ]);
  const goLayer = await packageLayer(store, ofGo, added, log, async (folder) => [
    textFile("etc/ssl/certs/ca-certificates.crt", caRoots(folder)),
    symlink("usr/bin/cc", "gcc"),
    ...(await database(large.archives, added.archives)),
  ]);
  return { slim: slimLayer, forGo: goLayer };
}

/** The Go toolchain's layer: /usr/local/go and an empty GOPATH, as upstream's image has them. */
export const goLayer = async (
  store: string,
  architecture: Architecture,
  version: string,
  log: Log,
): Promise<Layer> =>
  makeLayer(store, `${layerRecipes.go.kind} ${version} ${architecture}`, async (pack) => {
    log(`fetching and packing Go ${version} (${architecture})`);
    return pack([
      directory("go", 0o1777),
      directory("go/bin", 0o1777),
      directory("go/src", 0o1777),
      ...toolchainEntries(await fetchToolchain(version, architecture)),
    ]);
  });
