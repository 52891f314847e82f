import type { Entry } from "../../facts/index.ts";
import { type Reference, type Stat, transferListing } from "../../gateway/index.ts";
import { diagnosticError, errorAt } from "../../description/index.ts";
import type { FileTimes } from "./file-times.ts";

/** Bytes of a transfer's listing, some hundred for each name. */
const MAX_LISTING = 16 << 20;

/**
 * The directories of a transfer, with what is in each.
 *
 * @param times takes note of what is listed
 * @throws GF085 where the directories that are listed hold more names than are read
 */
export async function listingOf(
  reference: Reference,
  times: FileTimes,
): Promise<ReadonlyMap<string, readonly Entry[]>> {
  const stats = await transferListing(reference, MAX_LISTING);
  if (stats !== undefined) return byDirectory(stats, times);
  throw diagnosticError([
    errorAt("GF085", "the directories that this build looks into hold more files than are listed at once", {
      option: "CONTEXT",
      help: "leave out what no build needs, such as data beside Go files, with a .dockerignore",
    }),
  ]);
}

/** Sorts a flat listing into directories; one that was sent but holds nothing has an empty list. */
function byDirectory(stats: Iterable<Stat>, times: FileTimes): ReadonlyMap<string, readonly Entry[]> {
  const dirs = new Map<string, Entry[]>([[".", []]]);
  for (const stat of stats) {
    times.note(stat);
    const slash = stat.path.lastIndexOf("/");
    const parent = slash < 0 ? "." : stat.path.slice(0, slash);
    const siblings = dirs.get(parent) ?? [];
    siblings.push(toEntry({ ...stat, path: stat.path.slice(slash + 1) }));
    dirs.set(parent, siblings);
    if (stat.type === "directory" && !dirs.has(stat.path)) dirs.set(stat.path, []);
  }
  return dirs;
}

const OWNER_RUNS = 0o100;

/** A path in the wire's form as an entry of its directory. */
export function toEntry(stat: Stat): Entry {
  return {
    name: stat.path,
    kind: stat.type === "directory" ? "dir" : stat.type,
    size: stat.size,
    ...(stat.type === "file" && (stat.permissions & OWNER_RUNS) !== 0 ? { executable: true } : {}),
    ...(stat.type === "symlink" ? { linkTarget: stat.linkname } : {}),
  };
}
