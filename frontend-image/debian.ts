import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rigError, runCommand, type Log } from "../rig/index.ts";
import { debianPackages, type DebianPackage } from "./debian-packages.ts";
import { fileHash, imageDownloads } from "./files.ts";
import type { Architecture } from "./layout.ts";

// Debian's pool keeps a version until the next one is out, the snapshot archive keeps all.
const mirrors = [
  "http://deb.debian.org/debian",
  "https://snapshot.debian.org/archive/debian/20261120T000000Z",
] as const;

/**
 * A pinned package's archive in the cache, downloaded when it is not there.
 *
 * @throws RigError when no mirror has it with the pinned SHA-256
 */
export async function fetchPackage(wanted: DebianPackage, log: Log): Promise<string> {
  const folder = imageDownloads();
  const name = wanted.path.slice(wanted.path.lastIndexOf("/") + 1);
  const archive = join(folder, name);
  if ((await fileHash(archive, "sha256", "hex")) === wanted.sha256) return archive;
  mkdirSync(folder, { recursive: true });
  const attempts: string[] = [];
  for (const mirror of mirrors) {
    const url = `${mirror}/${wanted.path}`;
    const temporary = mkdtempSync(join(folder, "download-"));
    const target = join(temporary, name);
    try {
      log(`fetching ${name} from Debian`);
      await download(url, target, wanted.sha256);
      const got = await fileHash(target, "sha256", "hex");
      if (got !== wanted.sha256) {
        throw new Error(`SHA-256 is ${got ?? "of nothing"}, pinned is ${wanted.sha256}`);
      }
      renameSync(target, archive);
      return archive;
    } catch (error) {
      attempts.push(
        `${url}: ${error instanceof Error ? (error.message.split("\n").at(-1) ?? "") : String(error)}`,
      );
    } finally {
      rmSync(temporary, { recursive: true, force: true });
    }
  }
  throw rigError(
    `cannot fetch the Debian package ${name}\n${attempts.join("\n")}`,
    "the frontend image takes glibc and libstdc++ from it: a network that reaches deb.debian.org is needed once",
  );
}

/** With apt's own downloader where there is one: it knows the host's proxies. */
async function download(url: string, target: string, sha256: string): Promise<void> {
  const helper = "/usr/lib/apt/apt-helper";
  if (existsSync(helper)) {
    // Its sandbox user could not write into our folder.
    const options = ["-o", "APT::Sandbox::User=root"];
    await runCommand(helper, [...options, "download-file", url, target, `SHA256:${sha256}`]);
    return;
  }
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the mirror answers ${response.status}`);
  writeFileSync(target, await response.bytes());
}

/** Unpacks a package's files below a folder, and gives its control fields. */
export async function unpackPackage(archive: string, folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  await runCommand("dpkg-deb", ["--extract", archive, folder]);
  return (await runCommand("dpkg-deb", ["--field", archive])).stdout;
}

/** The packages whose libraries Node needs on an architecture. */
export const libraryPackages = (architecture: Architecture): readonly DebianPackage[] =>
  debianPackages.filter((wanted) => wanted.architecture === architecture);
