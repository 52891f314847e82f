import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, delimiter, isAbsolute, join } from "node:path";
import { withLock } from "./lock.ts";
import { downloadsFolder } from "./paths.ts";
import { runCommand } from "./process.ts";
import { fetchPackages } from "./standins/apt.ts";
import { rigError, type Log } from "./text.ts";

/**
 * The runc of a machine: the first program of that name in PATH that says its version. A
 * file that only has the name is none: a folder, a script of another's, one that may not be run, a broken link.
 */
export async function installedRunc(env: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  for (const folder of (env["PATH"] ?? "").split(delimiter).filter(isAbsolute)) {
    const path = join(folder, "runc");
    if (existsSync(path) && (await isRunc(path))) return path;
  }
  return undefined;
}

async function isRunc(path: string): Promise<boolean> {
  try {
    return /^runc version /m.test((await runCommand(path, ["--version"])).stdout);
  } catch {
    return false;
  }
}

/** The archive of Debian's package, by the lists of this system, or where it has none by lists of our own. */
async function fetchRunc(folder: string, log: Log): Promise<string> {
  try {
    await runCommand("apt-get", ["download", "runc"], { cwd: folder });
    const archive = readdirSync(folder).find((name) => name.endsWith(".deb"));
    if (archive !== undefined) return join(folder, archive);
  } catch (error) {
    log(`apt-get download runc: ${lastLine(error)}; asking Debian itself`);
  }
  const architecture = process.arch === "arm64" ? "arm64" : "amd64";
  const { archives } = await fetchPackages(architecture, ["runc"], log);
  const archive = archives.find((path) => basename(path).startsWith("runc_"));
  if (archive === undefined) throw new Error("Debian's answer to a question for runc has no runc");
  return archive;
}

const lastLine = (error: unknown): string => String(error).trim().split("\n").at(-1) ?? "";

/**
 * The path of runc: the installed one, or else the one of Debian's package, unpacked into the cache folder
 * (not installed: nothing of the system changes).
 *
 * @throws RigError when neither is possible
 */
export async function ensureRunc(log: Log): Promise<string> {
  const installed = await installedRunc();
  if (installed !== undefined) return installed;
  const folder = join(downloadsFolder(), "tools", "runc-debian");
  const path = join(folder, "usr", "sbin", "runc");
  if (await isRunc(path)) return path;
  const unpack = async (): Promise<string> => {
    if (await isRunc(path)) return path;
    log("runc is not installed: fetching Debian's package");
    const temporary = `${folder}.${process.pid}.tmp`;
    try {
      mkdirSync(temporary, { recursive: true });
      const archive = await fetchRunc(temporary, log);
      await runCommand("dpkg-deb", ["--extract", archive, join(temporary, "out")]);
      // What is unpacked may lack a library here.
      await runCommand(join(temporary, "out", "usr", "sbin", "runc"), ["--version"]);
      rmSync(folder, { recursive: true, force: true });
      renameSync(join(temporary, "out"), folder);
    } catch (error) {
      throw rigError(
        `runc is missing and Debian's package could not be fetched or does not run here: ${error instanceof Error ? error.message : String(error)}`,
        "install runc with your package manager (Debian: apt-get update && apt-get install runc)",
      );
    } finally {
      rmSync(temporary, { recursive: true, force: true });
    }
    return path;
  };
  return await withLock("runc", "unpacking runc", log, unpack, downloadsFolder());
}
