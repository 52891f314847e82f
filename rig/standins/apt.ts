import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { readJson, readText, writeJson } from "../files.ts";
import { withLock } from "../lock.ts";
import { downloadsFolder } from "../paths.ts";
import { runCommand } from "../process.ts";
import { rigError, type Log } from "../text.ts";
import type { Architecture } from "./oci.ts";

export const suite = "bookworm";

/** Debian packages in the cache: archives with everything they depend on, for one architecture. */
export interface PackageSet {
  readonly architecture: Architecture;
  readonly archives: readonly string[];
}

const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** Where this host takes Debian from, or else Debian's own address. */
function mirror(name: "debian" | "debian-security"): string {
  const folder = "/etc/apt/sources.list.d";
  const files = [
    "/etc/apt/sources.list",
    ...(existsSync(folder) ? readdirSync(folder).map((file) => join(folder, file)) : []),
  ];
  const addresses = files.flatMap((file) => (readText(file) ?? "").match(/^[^#\n]*/gm) ?? []).join("\n");
  return (
    new RegExp(`https?://[^\\s]+/${name}(?=/?(\\s|$))`, "m").exec(addresses)?.[0] ??
    `http://deb.debian.org/${name}`
  );
}

interface Apt {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
}

const quoted = (text: string): string => `"${text}"`;

const store = (): string => join(downloadsFolder(), "standins");

/**
 * An apt of its own for one architecture: own lists, own cache, an empty system, so that the host's packages and
 * architecture play no part. The host's apt.conf (proxies) does, and so does its keyring: signatures are checked.
 */
function aptFor(architecture: Architecture): Apt {
  const folder = join(store(), "apt", architecture);
  for (const name of ["state/lists/partial", "cache/archives/partial", "empty"]) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  writeFileSync(join(folder, "status"), "");
  const entry = (address: string, name: string): string =>
    `deb [signed-by=${keyring}] ${address} ${name} main\n`;
  writeFileSync(
    join(folder, "sources.list"),
    entry(mirror("debian"), suite) +
      entry(mirror("debian"), `${suite}-updates`) +
      entry(mirror("debian-security"), `${suite}-security`),
  );
  const settings: readonly (readonly [string, string])[] = [
    ["APT::Architecture", architecture],
    ["APT::Architectures", architecture],
    ["APT::Install-Recommends", "0"],
    ["APT::Keep-Downloaded-Packages", "1"],
    ["APT::Sandbox::User", "root"],
    ["Acquire::Languages", "none"],
    ["Dir::State", join(folder, "state")],
    ["Dir::State::status", join(folder, "status")],
    ["Dir::Cache", join(folder, "cache")],
    ["Dir::Etc::SourceList", join(folder, "sources.list")],
    ["Dir::Etc::SourceParts", join(folder, "empty")],
    ["Dir::Etc::Preferences", join(folder, "none")],
    ["Dir::Etc::PreferencesParts", join(folder, "empty")],
  ];
  const file = join(folder, "apt.conf");
  writeFileSync(file, settings.map(([name, value]) => `${name} ${quoted(value)};\n`).join(""));
  return { folder, env: { ...process.env, APT_CONFIG: file, DEBIAN_FRONTEND: "noninteractive" } };
}

const isNames = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((name) => typeof name === "string");

/**
 * Fetches packages with all they depend on (without recommendations). What was fetched once under a name is kept
 * and used again without network.
 *
 * @throws RigError when apt-get is not there or cannot reach a mirror
 */
export const fetchPackages = async (
  architecture: Architecture,
  packages: readonly string[],
  log: Log,
): Promise<PackageSet> =>
  // apt-get runs once at a time in one state folder.
  withLock(
    `apt ${architecture}`,
    "fetching packages",
    () => undefined,
    async () => fetchLocked(architecture, packages, log),
    downloadsFolder(),
  );

const install = ["install", "-y", "-qq"] as const;

/** Downloads packages by the lists as they are, and tells the archives' names. */
async function download(
  { folder, env }: Apt,
  packages: readonly string[],
  log: Log,
): Promise<readonly string[]> {
  log(`fetching ${packages.join(" ")} from Debian (${basename(folder)})`);
  const empty = join(folder, "nothing");
  mkdirSync(join(empty, "partial"), { recursive: true });
  // Lines are 'URI' NAME SIZE HASH, for what is not in the archive folder: with an empty one, for everything.
  const args = ["--print-uris", "-o", `Dir::Cache::archives=${empty}`];
  const { stdout } = await runCommand("apt-get", [...install, ...args, ...packages], { env });
  await runCommand("apt-get", [...install, "--download-only", ...packages], { env });
  return stdout
    .split("\n")
    .flatMap((line) => line.split(" ")[1] ?? [])
    .toSorted();
}

async function fetchLocked(
  architecture: Architecture,
  packages: readonly string[],
  log: Log,
): Promise<PackageSet> {
  const question = JSON.stringify([suite, packages]);
  const key = createHash("sha256").update(question).digest("hex").slice(0, 16);
  const apt = aptFor(architecture);
  const set = (names: readonly string[]): PackageSet => ({
    architecture,
    archives: names.map((name) => join(apt.folder, "cache", "archives", name)),
  });
  const list = join(apt.folder, `packages-${key}.json`);
  const known = readJson(list, isNames);
  if (known !== undefined && set(known).archives.every((path) => existsSync(path))) return set(known);
  if (!existsSync(keyring)) {
    throw rigError(
      "stand-ins for images are made of Debian packages, and Debian's archive keys are not installed here",
      "install apt and debian-archive-keyring (Debian, Ubuntu), or use a machine that reaches docker.io",
    );
  }
  const lists = join(apt.folder, "state", "updated");
  const update = async (): Promise<void> => {
    log(`fetching Debian's package lists (${architecture})`);
    await runCommand("apt-get", ["update", "--error-on=any"], { env: apt.env });
    writeFileSync(lists, "");
  };
  const isFresh = !existsSync(lists);
  if (isFresh) await update();
  const names = await download(apt, packages, log).catch(async (error: unknown) => {
    if (isFresh) throw error;
    // Lists of another day name versions that mirrors have since replaced.
    await update();
    return download(apt, packages, log);
  });
  writeJson(list, names);
  return set(names);
}
