import { escapePattern } from "./ignore-pattern.ts";
import { ancestors, parentPath, sorted } from "./paths.ts";

/**
 * Bytes of the patterns that one transfer of a client's folder may have. BuildKit sends them as headers of a gRPC call,
 * of which a client takes 1 MiB (grpc/grpc-go:internal/transport/defaults.go); what else is sent has the rest.
 */
export const HEADER_BYTES = 1_000_000;

/** What patterns take of {@link HEADER_BYTES}. */
export function headerBytes(patterns: readonly string[], isEncoded = areEncoded(patterns)): number {
  return patterns.reduce(
    (sum, pattern) => sum + PER_HEADER + (isEncoded ? escapedLength(pattern) : pattern.length),
    0,
  );
}

function areEncoded(patterns: readonly string[]): boolean {
  return patterns.some((pattern) => /[^\0-\x7f]/.test(pattern));
}

/** The header's name, `include-patterns`, and what HTTP/2 counts for each (RFC 9113, 6.5.2). */
const PER_HEADER = 16 + 32;

/** One name that is not ASCII, and all are sent as Go's url.QueryEscape writes them (moby/buildkit:session/filesync/filesync.go). */
function escapedLength(pattern: string): number {
  const plain = pattern.match(/[A-Za-z0-9_.~ -]/g)?.length ?? 0;
  return plain + 3 * (new TextEncoder().encode(pattern).length - plain);
}

/**
 * The paths, or where their names are more than a transfer may have, some of the folders that hold them in their place:
 * a slower build, in which more files count, and not a failed one. Folders that hold most of them come first.
 *
 * @param most what they may take of {@link HEADER_BYTES}
 */
export function withinHeaders(paths: readonly string[], most: number): readonly string[] {
  let chosen = paths;
  for (;;) {
    const excess = headerBytes(chosen.map(escapePattern)) - most;
    if (excess <= 0 || chosen.includes(".")) return chosen;
    const folders = worthiest(chosen, excess);
    if (folders.size === 0) return ["."];
    chosen = sorted([
      ...folders,
      ...chosen.filter((path) => !folders.has(path) && !ancestors(path).some((dir) => folders.has(dir))),
    ]);
  }
}

/** Folders that spare as much as is wanted when each stands for the paths in it; fewer where there are no more. */
function worthiest(paths: readonly string[], wanted: number): ReadonlySet<string> {
  const cost = (path: string): number => headerBytes([escapePattern(path)]);
  const spared = new Map<string, number>();
  for (const path of paths) {
    const dir = parentPath(path);
    if (dir !== ".") spared.set(dir, (spared.get(dir) ?? -cost(dir)) + cost(path));
  }
  const chosen = new Set<string>();
  let left = wanted;
  for (const [dir, bytes] of [...spared].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))) {
    if (left <= 0) break;
    chosen.add(dir);
    left -= bytes;
  }
  return chosen;
}

/** Cuts a list into runs whose patterns take no more than `most` together; what takes more alone is a run of its own. */
export function runsWithin<T>(
  items: readonly T[],
  patternsOf: (item: T) => readonly string[],
  most: number,
): readonly (readonly T[])[] {
  const isEncoded = items.some((item) => areEncoded(patternsOf(item)));
  const runs: T[][] = [];
  let left = 0;
  for (const item of items) {
    const cost = headerBytes(patternsOf(item), isEncoded);
    const last = runs.at(-1);
    if (last === undefined || cost > left) {
      runs.push([item]);
      left = most - cost;
    } else {
      last.push(item);
      left -= cost;
    }
  }
  return runs;
}
