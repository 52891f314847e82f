import { findNamedFile, type NamedFile } from "./named-file.ts";
import type { OpenTree } from "./open-tree.ts";

/**
 * The PGO profile that a description names.
 *
 * @param dir directory of the module, to which the name is relative
 */
export async function findProfile(tree: OpenTree, dir: string, named: string): Promise<NamedFile> {
  return findNamedFile(tree, dir, named, {
    what: "profile",
    whenOutside: "put a copy beside the service, or build from a directory that holds both and set `module:`",
    whenDirectory: "name the profile in it",
    whenAbsent: "name a CPU profile, relative to the module's directory, or write `pgo: auto`",
  });
}
