import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readJson, readText, writeJson } from "../files.ts";
import { withLock } from "../lock.ts";
import { runCommand } from "../process.ts";
import { rigError, type Log } from "../text.ts";
import type { Architecture } from "./oci.ts";

export const suite = "bookworm";

/** Debian packages in the cache: archives with everything they depend on, for one architecture. */
export type PackageSet = Readonly<{ architecture: Architecture; archives: readonly string[] }>;

const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** Where this host takes Debian from, or else Debian's own address. */
const mirror = (name: "debian" | "debian-security"): string => {
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
};

const quoted = (text: string): string => `"${text}"`;

/**
 * An apt of its own for one architecture: own lists, own cache, an empty system, so that the host's packages and
 * architecture play no part. The host's apt.conf (proxies) does, and so does its keyring: signatures are checked.
 */
const aptFor = (
  store: string,
  architecture: Architecture,
): Readonly<{ folder: string; env: NodeJS.ProcessEnv }> => {
  const folder = join(store, "apt", architecture);
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
};

const isNames = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((name) => typeof name === "string");

/**
 * Fetches packages with all they depend on (without recommendations). What was fetched once under a name is kept
 * and used again without network.
 *
 * @throws RigError when apt-get is not there or cannot reach a mirror
 */
export const fetchPackages = async (
  store: string,
  architecture: Architecture,
  packages: readonly string[],
  log: Log,
): Promise<PackageSet> =>
  // apt-get runs once at a time in one state folder.
  withLock(
    `apt ${store} ${architecture}`,
    "fetching packages",
    () => undefined,
    async () => fetchLocked(store, architecture, packages, log),
  );

const fetchLocked = async (
  store: string,
  architecture: Architecture,
  packages: readonly string[],
  log: Log,
): Promise<PackageSet> => {
  const key = createHash("sha256")
    .update(JSON.stringify([suite, packages]))
    .digest("hex")
    .slice(0, 16);
  const { folder, env } = aptFor(store, architecture);
  const archives = join(folder, "cache", "archives");
  const list = join(folder, `packages-${key}.json`);
  const known = readJson(list, isNames);
  if (known?.every((name) => existsSync(join(archives, name))) === true) {
    return { architecture, archives: known.map((name) => join(archives, name)) };
  }
  if (!existsSync(keyring)) {
    throw rigError(
      "stand-ins for images are made of Debian packages, and Debian's archive keys are not installed here",
      "install apt and debian-archive-keyring (Debian, Ubuntu), or use a machine that reaches docker.io",
    );
  }
  const lists = join(folder, "state", "updated");
  if (!existsSync(lists)) {
    log(`fetching Debian's package lists (${architecture})`);
    await runCommand("apt-get", ["update", "--error-on=any"], { env });
    writeFileSync(lists, "");
  }
  log(`fetching ${packages.join(" ")} from Debian (${architecture})`);
  const install = [
    "install",
    "-y",
    "-qq",
    "--print-uris",
    "-o",
    `Dir::Cache::archives=${join(folder, "nothing")}`,
  ];
  mkdirSync(join(folder, "nothing", "partial"), { recursive: true });
  // Lines are 'URI' NAME SIZE HASH, for what is not in the archive folder: with an empty one, for everything.
  const { stdout } = await runCommand("apt-get", [...install, ...packages], { env });
  const names = stdout
    .split("\n")
    .flatMap((line) => line.split(" ")[1] ?? [])
    .toSorted();
  await runCommand("apt-get", ["install", "-y", "-qq", "--download-only", ...packages], { env });
  writeJson(list, names);
  return { architecture, archives: names.map((name) => join(archives, name)) };
};

const pipeTo = async (archive: string, folder: string): Promise<void> => {
  const source = spawn("dpkg-deb", ["--fsys-tarfile", archive], { stdio: ["ignore", "pipe", "ignore"] });
  const target = spawn("tar", ["-x", "--keep-directory-symlink", "--numeric-owner", "-p", "-C", folder], {
    stdio: [source.stdout, "ignore", "pipe"],
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    source.on("error", reject);
    target.on("error", reject);
    target.on("close", resolve);
  });
  if (code !== 0) throw rigError(`unpacking ${archive}: tar ended with ${code ?? "a signal"}`);
};

/** The top-level folders that are links into /usr since Debian 12. */
const mergedFolders = (architecture: Architecture): readonly string[] =>
  architecture === "amd64" ? ["bin", "lib", "lib64", "sbin"] : ["bin", "lib", "sbin"];

/**
 * Unpacks packages into a new folder with merged /usr. Their scripts are not run (they could not, for a foreign
 * architecture); what matters of their effects is added by the caller.
 */
export const unpackPackages = async (
  store: string,
  architecture: Architecture,
  archives: readonly string[],
): Promise<string> => {
  const folder = mkdtempSync(join(store, `unpacked-${architecture}-`));
  for (const name of mergedFolders(architecture)) {
    mkdirSync(join(folder, "usr", name), { recursive: true });
    symlinkSync(`usr/${name}`, join(folder, name));
  }
  try {
    for (const archive of archives) await pipeTo(archive, folder);
    return folder;
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
};

/** dpkg's status file for these packages, so that scanners see what an image is made of. */
export const packageStatus = async (archives: readonly string[]): Promise<string> => {
  const fields = await Promise.all(
    archives.map(async (archive) => (await runCommand("dpkg-deb", ["--field", archive])).stdout.trim()),
  );
  return fields.map((text) => `${text.replace("\n", "\nStatus: install ok installed\n")}\n\n`).join("");
};
