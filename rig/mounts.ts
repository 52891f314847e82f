import { readFileSync, readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { identify, runCommand, stopProcess, type ProcessId } from "./process.ts";

// proc(5): mountinfo writes space, tab, newline and backslash as three octal digits.
const unescape = (field: string): string =>
  field.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCodePoint(Number.parseInt(octal, 8)));

/**
 * The mount points at or below a folder, the deepest and latest first, from the text of /proc/self/mountinfo.
 */
export const mountsBelow = (folder: string, mountinfo: string): readonly string[] =>
  mountinfo
    .split("\n")
    .map((line) => unescape(line.split(" ")[4] ?? ""))
    .filter((path) => path === folder || path.startsWith(`${folder}/`))
    .toReversed();

/** Unmounts everything at or below a folder; a mount still in use is detached. */
export async function unmountBelow(folder: string): Promise<void> {
  for (const path of mountsBelow(folder, readFileSync("/proc/self/mountinfo", "utf8"))) {
    try {
      await runCommand("umount", [path]);
    } catch {
      await runCommand("umount", ["--lazy", path]).catch(() => undefined);
    }
  }
}

function hierarchies(): readonly string[] {
  const base = "/sys/fs/cgroup";
  try {
    return [base, ...readdirSync(base).map((name) => join(base, name))];
  } catch {
    return [];
  }
}

function foldersBelow(folder: string): readonly string[] {
  try {
    return [
      folder,
      ...readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .flatMap((entry) => foldersBelow(join(folder, entry.name))),
    ];
  } catch {
    return [];
  }
}

/** The processes in a cgroup of this name, in every hierarchy (cgroup v1 and v2). */
export function processesInCgroup(name: string): readonly ProcessId[] {
  const pids = new Set(
    hierarchies()
      .flatMap((base) => foldersBelow(join(base, name)))
      .flatMap((folder) => {
        try {
          return readFileSync(join(folder, "cgroup.procs"), "utf8").split("\n").filter(Boolean).map(Number);
        } catch {
          return [];
        }
      }),
  );
  return [...pids].map(identify).filter((id) => id !== undefined);
}

/** Ends what still runs in a cgroup of this name and removes it from every hierarchy. */
export async function removeCgroup(name: string): Promise<void> {
  await Promise.all(processesInCgroup(name).map(async (id) => stopProcess(id, 0)));
  for (const base of hierarchies()) {
    for (const folder of foldersBelow(join(base, name)).toReversed()) {
      try {
        rmdirSync(folder);
      } catch {
        // A process that has just ended may hold it a moment longer; an empty cgroup costs nothing.
      }
    }
  }
}
