import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../process.ts";
import { rigError } from "../text.ts";
import type { Architecture } from "./oci.ts";

async function pipeTo(archive: string, folder: string): Promise<void> {
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
}

/** The top-level folders that are links into /usr since Debian 12. */
const mergedFolders = (architecture: Architecture): readonly string[] =>
  architecture === "amd64" ? ["bin", "lib", "lib64", "sbin"] : ["bin", "lib", "sbin"];

/**
 * Unpacks packages into a new folder with merged /usr. Their scripts are not run (they could not, for a foreign
 * architecture); what matters of their effects is added by the caller.
 */
export async function unpackPackages(
  store: string,
  architecture: Architecture,
  archives: readonly string[],
): Promise<string> {
  mkdirSync(store, { recursive: true });
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
}

/** dpkg's status file for these packages, so that scanners see what an image is made of. */
export async function packageStatus(archives: readonly string[]): Promise<string> {
  const fields = await Promise.all(
    archives.map(async (archive) => (await runCommand("dpkg-deb", ["--field", archive])).stdout.trim()),
  );
  return fields.map((text) => `${text.replace("\n", "\nStatus: install ok installed\n")}\n\n`).join("");
}

/** dpkg's lists of the files of packages, by the names under which it looks for them. */
export async function packageLists(archives: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const lists = archives.map(async (archive) => {
    const [{ stdout: fields }, { stdout: contents }] = await Promise.all([
      runCommand("dpkg-deb", ["--field", archive, "Package", "Architecture", "Multi-Arch"]),
      runCommand("dpkg-deb", ["--contents", archive]),
    ]);
    const field = (name: string): string => new RegExp(`^${name}: (.*)$`, "m").exec(fields)?.[1] ?? "";
    const name =
      field("Multi-Arch") === "same" ? `${field("Package")}:${field("Architecture")}` : field("Package");
    const paths = contents
      .split("\n")
      .flatMap((line) => /^\S+ +\S+ +\d+ \S+ \S+ \.(\/.*?)(?: -> .*| link to .*)?$/.exec(line)?.[1] ?? []);
    // dpkg writes the root as "/.", and takes a lone slash for an empty name.
    const written = paths.map((path) => (path === "/" ? "/." : path.replace(/\/$/, "")));
    return [name, written.map((path) => `${path}\n`).join("")] as const;
  });
  return new Map(await Promise.all(lists));
}
