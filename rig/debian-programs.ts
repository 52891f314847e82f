import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { type DebianPackage, engine28 } from "./debian-packages.ts";
import { download } from "./download.ts";
import { withLock } from "./lock.ts";
import { downloadsFolder } from "./paths.ts";
import { runCommand } from "./process.ts";
import { secondsSince, type Log } from "./text.ts";
import { together } from "./together.ts";

/** Programs that Debian's packages hold, by the names that the rig has for them. */
export type DebianProgram =
  | "dockerd"
  | "containerd"
  | "containerd-shim-runc-v2"
  | "buildx"
  | "registry"
  | "crane";

// Of the suite sid on 28 November 2026. They need glibc 2.34 (Debian 12, Ubuntu 22.04), and dockerd libsystemd0.
const packages: readonly DebianPackage<DebianProgram>[] = [
  engine28.dockerd,
  engine28.containerd,
  {
    path: "pool/main/d/docker-buildx/docker-buildx_0.29.1+ds1-4_",
    sha256: {
      amd64: "6103bcc4eab8169ae679f806d3949ffc99a1545a61fddea6124da826f115f2bf",
      arm64: "4d6b995fdfd10e2f045d020b108abb33df699cf66f213c1acf97a8d893b74bc4",
    },
    programs: { buildx: "usr/libexec/docker/cli-plugins/docker-buildx" },
  },
  {
    path: "pool/main/d/docker-registry/docker-registry_2.8.3+ds1-3_",
    sha256: {
      amd64: "fb8cf848a812bc4de6bfabe964356205578706eb1e3186e4c4e34412f30dc181",
      arm64: "da5dd66b4852bfa88d876f0b84c74453cdea5a3d279041996e2401b09bb407d4",
    },
    programs: { registry: "usr/bin/docker-registry" },
  },
  {
    path: "pool/main/g/go-containerregistry/crane_0.20.7+ds1-5_",
    sha256: {
      amd64: "2d4bdb12724eda42214bb8957aecc472e561317938da3c95402a9ee30c73fa3b",
      arm64: "41b0dc30615b28a52ef810600ee3a6f42d52ae4d4ad404937e8e4376624c4001",
    },
    programs: { crane: "usr/bin/crane" },
  },
];

// Debian's pool keeps a version until the next one is out, the snapshot archive keeps all.
const mirrors = [
  "http://deb.debian.org/debian",
  "https://snapshot.debian.org/archive/debian/20261128T000000Z",
] as const;

const architecture = process.arch === "arm64" ? "arm64" : "amd64";

function packageOf<Program extends string>(
  among: readonly DebianPackage<Program>[],
  name: Program,
): DebianPackage<Program> {
  const found = among.find(({ programs }) => programs[name] !== undefined);
  if (found === undefined) throw new Error(`no package has ${name}`);
  return found;
}

const folderOf = ({ sha256 }: DebianPackage): string =>
  join(downloadsFolder(), "tools", `debian-${sha256[architecture].slice(0, 16)}`);

const pathsOf = <Program extends string, Name extends Program>(
  among: readonly DebianPackage<Program>[],
  names: readonly Name[],
): Readonly<Record<Name, string>> =>
  Object.fromEntries(names.map((name) => [name, join(folderOf(packageOf(among, name)), name)])) as Record<
    Name,
    string
  >;

/** Programs of Debian's packages when they have been fetched before; see {@link fetchDebianPrograms}. */
export function debianPrograms<Name extends DebianProgram>(
  names: readonly Name[],
): Readonly<Record<Name, string>> | undefined {
  const paths = pathsOf(packages, names);
  return Object.values<string>(paths).every((path) => existsSync(path)) ? paths : undefined;
}

/**
 * Programs of Debian's packages, for the demo; see {@link fetchPrograms}.
 *
 * @returns undefined when they cannot be had, or do not run here; why has gone to the log
 */
export async function fetchDebianPrograms<Name extends DebianProgram>(
  names: readonly Name[],
  log: Log,
): Promise<Readonly<Record<Name, string>> | undefined> {
  try {
    return await fetchPrograms(packages, names, log);
  } catch (error) {
    log(`Debian's packages do not serve: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/**
 * Programs out of some of Debian's packages, each package pinned by its SHA-256: unpacked aside, not installed, so
 * that nothing of the system changes. Needs dpkg-deb, and a C library that is not older than theirs.
 *
 * @throws Error when a package cannot be had, or a program does not run here
 */
export async function fetchPrograms<Program extends string, Name extends Program>(
  among: readonly DebianPackage<Program>[],
  names: readonly Name[],
  log: Log,
): Promise<Readonly<Record<Name, string>>> {
  const wanted = [...new Set(names.map((name) => packageOf(among, name)))];
  const fetch = async (): Promise<void> =>
    together(
      wanted
        .filter((wantedPackage) => !existsSync(folderOf(wantedPackage)))
        .map((wantedPackage) => async (signal) => fetchPackage(wantedPackage, log, signal)),
    );
  await withLock("Debian's programs", "fetching Debian's packages", log, fetch, downloadsFolder());
  const paths = pathsOf(among, names);
  // Those that are linked against the C library say so when they are started.
  await Promise.all(
    names.map(async (name) => runCommand(paths[name], [versionArguments[name] ?? "--version"])),
  );
  return paths;
}

/** What programs are asked for their version with, other than `--version`. */
const versionArguments: Readonly<Record<string, string>> = {
  "containerd-shim-runc-v2": "-v",
  buildx: "version",
  crane: "version",
};

async function fetchPackage(wanted: DebianPackage, log: Log, signal: AbortSignal): Promise<void> {
  const folder = folderOf(wanted);
  const path = `${wanted.path}${architecture}.deb`;
  const start = Date.now();
  mkdirSync(dirname(folder), { recursive: true });
  const temporary = mkdtempSync(`${folder}-`);
  try {
    const archive = join(temporary, "archive.deb");
    await fromAnyMirror(path, archive, wanted.sha256[architecture], signal);
    const [all, out] = [join(temporary, "all"), join(temporary, "out")];
    await runCommand("dpkg-deb", ["--extract", archive, all]);
    mkdirSync(out);
    for (const [name, file] of Object.entries(wanted.programs)) {
      if (file !== undefined) renameSync(join(all, file), join(out, name));
    }
    renameSync(out, folder);
    log(`${path.slice(path.lastIndexOf("/") + 1)} from Debian, unpacked aside (${secondsSince(start)})`);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

async function fromAnyMirror(
  path: string,
  target: string,
  sha256: string,
  signal: AbortSignal,
): Promise<void> {
  const failures: string[] = [];
  for (const mirror of mirrors) {
    try {
      await download(`${mirror}/${path}`, target, { sha256, signal, milliseconds: 10_000 });
      return;
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(failures.join("; "));
}
