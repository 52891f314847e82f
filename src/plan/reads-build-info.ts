import type { OpenTree } from "../facts/index.ts";
import type { ScannedProgram } from "./inspected.ts";
import { goSources } from "./scanned.ts";

/** Packages of other modules that are imported for what they read of the build information. */
const READERS = [
  "github.com/carlmjohnson/versioninfo",
  "github.com/earthboundkid/versioninfo/v2",
  "github.com/prometheus/common/version",
  "sigs.k8s.io/release-utils/version",
];

/** Bytes of all files that are looked through. */
const MOST_BYTES = 16 << 20;

/**
 * Whether the program reads `vcs.*` of its build information: a package of the tree that it is made of calls
 * `debug.ReadBuildInfo`, or it imports a package that is known for it. What else other modules read is not looked at.
 */
export async function readsBuildInfo(
  { facts }: Pick<ScannedProgram, "facts">,
  tree: OpenTree,
): Promise<boolean> {
  const packages = facts.platforms.flatMap((found) => found.packages);
  if (packages.some(({ outside }) => outside.some((path) => READERS.includes(path)))) return true;
  const paths = goSources(packages.filter(({ std }) => std.includes("runtime/debug")));
  const places = await Promise.all(paths.map((path) => tree.resolve(path)));
  const files = places.flatMap((place) => (place.kind === "file" ? [place] : []));
  if (files.reduce((sum, { size }) => sum + size, 0) > MOST_BYTES) return false;
  const texts = await Promise.all(files.map(({ path }) => tree.text(path)));
  return texts.some((text) => text.includes("ReadBuildInfo"));
}
