import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { withLock } from "./lock.ts";
import { cacheFolder } from "./paths.ts";
import { runCommand } from "./process.ts";
import { rigError, type Log } from "./text.ts";

const inPath = (command: string): string | undefined =>
  [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"]
    .map((folder) => join(folder, command))
    .find((path) => existsSync(path));

/**
 * The path of runc: the installed one, or else the one of Debian's package, unpacked into the cache folder
 * (not installed: nothing of the system changes).
 *
 * @throws RigError when neither is possible
 */
export const ensureRunc = async (log: Log): Promise<string> => {
  const installed = inPath("runc");
  if (installed !== undefined) return installed;
  const folder = join(cacheFolder(), "tools", "runc-debian");
  const path = join(folder, "usr", "sbin", "runc");
  if (existsSync(path)) return path;
  return await withLock("runc", "unpacking runc", log, async () => {
    if (existsSync(path)) return path;
    log("runc is not installed: fetching Debian's package");
    const temporary = `${folder}.${process.pid}.tmp`;
    try {
      mkdirSync(temporary, { recursive: true });
      await runCommand("apt-get", ["download", "runc"], { cwd: temporary });
      const archive = readdirSync(temporary).find((name) => name.endsWith(".deb")) ?? "";
      await runCommand("dpkg-deb", ["--extract", join(temporary, archive), join(temporary, "out")]);
      rmSync(folder, { recursive: true, force: true });
      renameSync(join(temporary, "out"), folder);
    } catch (error) {
      throw rigError(
        `runc is missing and Debian's package could not be fetched: ${error instanceof Error ? error.message : String(error)}`,
        "install runc with your package manager (Debian: apt-get update && apt-get install runc)",
      );
    } finally {
      rmSync(temporary, { recursive: true, force: true });
    }
    return path;
  });
};
