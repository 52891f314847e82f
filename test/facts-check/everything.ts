import { buildContext } from "../../src/facts/build-context.ts";
import { folderTree, openTree } from "../../src/facts/index.ts";
import { readPackage } from "../../src/facts/package.ts";
import { askForAll, filesOf, listFields, type Configuration } from "./oracle.ts";

export interface EverythingReport {
  /** Packages compared: first party, third party and the standard library. */
  readonly packages: number;
  readonly differences: readonly string[];
}

/**
 * Compares not only a module's own packages but every package of the closure: each directory of the module cache and of GOROOT
 * is read by the scanner as if it were in the tree. Thousands of packages that nobody wrote for this test.
 */
export async function checkEverything(
  root: string,
  dir: string,
  configuration: Configuration,
  mod: string,
): Promise<EverythingReport> {
  const listed = await askForAll(root, dir, configuration, mod);
  const tree = openTree(folderTree("/"));
  const context = buildContext({ ...configuration, goVersion: "1.26" });
  const differences: string[] = [];
  let packages = 0;
  for (const { importPath, dir: place, lists } of listed) {
    const files = filesOf(await readPackage(tree, context, place.slice(1)));
    packages++;
    for (const field of listFields) {
      const go = lists[field] ?? [];
      const ours = files[field];
      if (go.join("\n") !== ours.join("\n")) {
        differences.push(`${importPath} ${field}: go list ${go.join(" ")} | facts ${ours.join(" ")}`);
      }
    }
  }
  return { packages, differences };
}
