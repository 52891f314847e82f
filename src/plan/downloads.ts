// Parts of a service's modules that are downloaded apart, so that on a builder with nothing but a registry
// cache a new version of one module fetches its part again, and the others come from the cache.
import type { GoModule } from "../facts/index.ts";
import { moduleFiles, type ModuleVersion, OWN_MODULE, sumsOf } from "./subset.ts";
import type { DownloadPart, InlineFile, ModulesPlan } from "./types.ts";

/** Five steps instead of one cost a build without a change some milliseconds; fewer modules are not worth it. */
const PARTS = 4;
const MANY_MODULES = 24;

/**
 * The download in parts, where all modules are public: with a login it is one step, which is run before
 * all others.
 */
export function planParts(modules: ModulesPlan, module: GoModule): ModulesPlan {
  if (modules.auth.length > 0 || modules.private.length > 0 || modules.imports !== undefined) return modules;
  const parts = downloadParts(module.goMod.require, moduleFiles(modules).goSum, modules);
  return parts.length < 2 ? modules : { ...modules, parts };
}

/**
 * The parts, or none where there are few modules. A module's part depends on its path alone: a module
 * more or less, or another version, moves no other.
 *
 * The last part is the go.mod files that the go command reads to know the module graph, of versions also
 * that are not built: small, and anew whenever a line of go.mod or go.sum changes.
 *
 * @param modules all that go.mod requires; since Go 1.17 that is all a build needs
 * @param files the service's own go.mod and go.sum, as the graph's part reads them
 */
function downloadParts(
  modules: readonly ModuleVersion[],
  goSum: string,
  { files, dir }: Pick<DownloadPart, "files" | "dir">,
): readonly DownloadPart[] {
  if (modules.length < MANY_MODULES) return [];
  const sorted = modules.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const sources = Array.from({ length: PARTS }, (_, index) => index).flatMap((index): DownloadPart[] => {
    const ofPart = sorted.filter(({ path }) => partOf(path) === index);
    const exact = ofPart.map(({ path, version }) => `${path}@${version}`);
    // What follows `--` is no flag, whatever it begins with.
    const command = ["go", "mod", "download", "--", ...exact];
    return ofPart.length === 0
      ? []
      : [{ name: String(index + 1), files: partFiles(ofPart, goSum), dir: ".", command }];
  });
  // What `go mod download` does first (golang/go:src/cmd/go/internal/modcmd/download.go, LoadModGraph).
  return [...sources, { name: "graph", files, dir, command: ["go", "mod", "graph"] }];
}

/** A module that requires nothing: its go.sum is what downloads are checked against, and all that is in the key. */
function partFiles(modules: readonly ModuleVersion[], goSum: string): readonly InlineFile[] {
  return [
    { path: "go.mod", text: `module ${OWN_MODULE}\n\ngo 1.17\n` },
    { path: "go.sum", text: sumsOf(modules, goSum) },
  ];
}

/** FNV-1a: any function would do that spreads paths evenly and never changes. */
function partOf(path: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(path)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash % PARTS;
}
