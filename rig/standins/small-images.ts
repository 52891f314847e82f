import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import type { Log } from "../text.ts";
import { fetchPackages } from "./apt.ts";
import { unpackPackages } from "./debian.ts";
import { makeLayer, type Architecture, type Layer } from "./oci.ts";
import { layerRecipes, type LayerRecipe } from "./recipes.ts";
import { caRoots } from "./rootfs.ts";
import { directory, folderEntries, symlink, textFile, type TarEntry } from "./tar.ts";

/** Unpacks just the named packages, without what they depend on, for as long as `use` runs. */
async function withPackages<T>(
  store: string,
  architecture: Architecture,
  packages: readonly string[],
  log: Log,
  use: (folder: string, archives: readonly string[]) => Promise<T>,
): Promise<T> {
  const set = await fetchPackages(architecture, packages, log);
  const archives = set.archives.filter((path) => packages.includes(basename(path).split("_")[0] ?? ""));
  const folder = await unpackPackages(store, architecture, archives);
  try {
    return await use(folder, archives);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const busyboxIn = (folder: string): string => join(folder, "usr", "bin", "busybox");

// An applet list of the host's architecture is that of every architecture: it is one package version.
function appletsOf(program: string): readonly string[] {
  const { stdout, status } = spawnSync(program, ["--list"], { encoding: "utf8" });
  if (status === 0) return stdout.split("\n").filter(Boolean);
  return [
    "cat",
    "chmod",
    "cp",
    "date",
    "echo",
    "env",
    "false",
    "find",
    "grep",
    "head",
    "id",
    "ls",
    "mkdir",
    "mv",
    "ps",
  ].concat([
    "rm",
    "sed",
    "sh",
    "sleep",
    "sort",
    "tail",
    "test",
    "touch",
    "true",
    "vi",
    "wc",
    "wget",
    "which",
  ]);
}

const keyOf = ({ kind, packages }: LayerRecipe, architecture: Architecture): string =>
  [kind, ...packages, architecture].join(" ");

const hostArchitecture: Architecture = process.arch === "arm64" ? "arm64" : "amd64";

/** Debian's static busybox in one folder, with a link for each of its applets. */
const busyboxEntries = async (
  store: string,
  architecture: Architecture,
  folder: string,
  log: Log,
): Promise<readonly TarEntry[]> =>
  withPackages(store, hostArchitecture, layerRecipes.busybox.packages, log, async (host) =>
    withPackages(store, architecture, layerRecipes.busybox.packages, log, async (unpacked) => [
      directory(folder),
      textFile(`${folder}/busybox`, readFileSync(busyboxIn(unpacked)), 0o755),
      ...appletsOf(busyboxIn(host))
        .filter((name) => name !== "busybox")
        .map((name) => symlink(`${folder}/${name}`, "busybox")),
    ]),
  );

/** `busybox`'s one layer. */
export const busyboxLayer = async (store: string, architecture: Architecture, log: Log): Promise<Layer> =>
  makeLayer(store, keyOf(layerRecipes.busybox, architecture), async (pack) =>
    pack([
      ...(await busyboxEntries(store, architecture, "bin", log)),
      directory("etc"),
      textFile("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n"),
      textFile("etc/group", "root:x:0:\nnobody:x:65534:\n"),
      directory("home"),
      directory("root", 0o700),
      directory("tmp", 0o1777),
      directory("usr"),
      directory("usr/bin"),
      symlink("usr/bin/env", "../../bin/env"),
      directory("var"),
    ]),
  );

/**
 * What `golang:…-alpine` has below Go, as far as a build meets it: a shell with small tools in /bin, CA roots where
 * Alpine's package has them too, no git, no C compiler. musl and apk are not there.
 */
export const alpineLayer = async (store: string, architecture: Architecture, log: Log): Promise<Layer> =>
  makeLayer(store, keyOf(layerRecipes.alpine, architecture), async (pack) =>
    withPackages(store, architecture, layerRecipes.alpine.packages, log, async (folder) =>
      pack([
        ...(await busyboxEntries(store, architecture, "bin", log)),
        ...["etc", "etc/ssl", "etc/ssl/certs"].map((path) => directory(path)),
        textFile(
          "etc/passwd",
          "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n",
        ),
        textFile("etc/group", "root:x:0:root\nnobody:x:65534:\n"),
        textFile("etc/nsswitch.conf", "hosts: files dns\n"),
        textFile("etc/ssl/certs/ca-certificates.crt", caRoots(folder)),
        directory("root", 0o700),
        directory("tmp", 0o1777),
        ...["usr", "usr/bin", "var"].map((path) => directory(path)),
        symlink("usr/bin/env", "../../bin/env"),
      ]),
    ),
  );

const users = `root:x:0:0:root:/root:/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin
nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin
`;

const groups = "root:x:0:\ntty:x:5:\nstaff:x:50:\nnobody:x:65534:\nnonroot:x:65532:\n";

/** `gcr.io/distroless/static-debian12`'s content: users, CA roots, time zones, network names; no program. */
export const staticLayer = async (store: string, architecture: Architecture, log: Log): Promise<Layer> =>
  makeLayer(store, keyOf(layerRecipes.static, architecture), async (pack) =>
    withPackages(store, architecture, layerRecipes.static.packages, log, async (folder) => {
      const read = (path: string): Buffer => readFileSync(join(folder, path));
      const zones = folderEntries(join(folder, "usr/share/zoneinfo"));
      return pack([
        directory("etc"),
        directory("etc/ssl"),
        directory("etc/ssl/certs"),
        textFile("etc/debian_version", read("etc/debian_version")),
        textFile("etc/group", groups),
        textFile("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n"),
        textFile("etc/passwd", users),
        textFile("etc/protocols", read("etc/protocols")),
        textFile("etc/services", read("etc/services")),
        textFile("etc/ssl/certs/ca-certificates.crt", caRoots(folder)),
        directory("home"),
        directory("home/nonroot", 0o700, 65532),
        directory("root", 0o700),
        directory("tmp", 0o1777),
        directory("usr"),
        directory("usr/lib"),
        textFile("usr/lib/os-release", read("usr/lib/os-release")),
        symlink("etc/os-release", "../usr/lib/os-release"),
        directory("usr/share"),
        directory("usr/share/zoneinfo"),
        ...zones.map((entry): TarEntry => {
          const path = `usr/share/zoneinfo/${entry.path}`;
          return entry.type === "hardlink"
            ? { ...entry, path, target: `usr/share/zoneinfo/${entry.target}` }
            : { ...entry, path };
        }),
        directory("var"),
        directory("var/run"),
      ]);
    }),
  );

/** What distroless's `debug` variants add: busybox in /busybox. */
export const debugLayer = async (store: string, architecture: Architecture, log: Log): Promise<Layer> =>
  makeLayer(store, keyOf(layerRecipes.debug, architecture), async (pack) =>
    pack(await busyboxEntries(store, architecture, "busybox", log)),
  );
