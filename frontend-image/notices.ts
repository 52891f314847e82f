import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./files.ts";

/**
 * The licence texts of the npm packages that bundled files come from, sorted by name.
 *
 * @param inputs paths of the bundle's sources, relative to the repository
 * @throws Error when a package ships no licence text and is not known to be covered by another one's
 */
export const thirdPartyNotices = (inputs: readonly string[]): string =>
  packagesOf(inputs)
    .map((name) => {
      const folder = join(repository, "node_modules", name);
      const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
        readonly version: string;
        readonly license: string;
      };
      return `${name} ${version} (${license})\n\n${licenceText(name, folder)}\n`;
    })
    .join(`\n${"-".repeat(80)}\n\n`);

/** Names of the packages below node_modules, nested ones by their own name. */
export function packagesOf(inputs: readonly string[]): readonly string[] {
  const names = inputs.flatMap((path) => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []);
  return [...new Set(names)].toSorted();
}

function licenceText(name: string, folder: string): string {
  const file = readdirSync(folder).find((entry) => /^licen[cs]e(?:\.(?:md|txt))?$/i.test(entry));
  if (file === undefined) throw new Error(`the package ${name} ships no licence text`);
  return readFileSync(join(folder, file), "utf8").trim();
}
