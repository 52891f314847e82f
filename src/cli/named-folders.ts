// Folders that stand beside the one that is read, as `docker buildx build --build-context NAME=FOLDER` hands them in.
import { statSync } from "node:fs";
import { join } from "node:path";
import { folderTree, ignoring, parseIgnoreFile } from "../facts/index.ts";
import type { NamedContexts } from "../plan/index.ts";
import { pathFrom, type ProjectArgs, type Terminal } from "./command.ts";
import { readIgnoreFile } from "./ignore-file.ts";

/**
 * The folders of a command line.
 *
 * @throws Error for one that is not there, or that is no folder
 */
export function namedFolders(
  { buildContexts = [] }: Pick<ProjectArgs, "buildContexts">,
  from: Pick<Terminal, "cwd">,
): NamedContexts & { readonly folders: ReadonlyMap<string, string> } {
  const folders = new Map(
    buildContexts.map((pair): readonly [string, string] => {
      const at = pair.indexOf("=");
      const [name, folder] = [pair.slice(0, Math.max(at, 0)), pathFrom(from, pair.slice(at + 1))];
      if (!/^[A-Za-z0-9][A-Za-z0-9._/-]*$/.test(name)) {
        throw new Error(`--build-context takes NAME=FOLDER, not ${pair}`);
      }
      if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
        throw new Error(`${folder} is not a folder`);
      }
      return [name, folder];
    }),
  );
  return {
    folders,
    names: [...folders.keys()],
    open: (name) => {
      const folder = folders.get(name) ?? "";
      const ignored = parseIgnoreFile(
        readIgnoreFile(join(folder, ".dockerignore")) ?? "",
        `${name}/.dockerignore`,
      );
      return Promise.resolve({
        tree: ignoring(folderTree(folder), ignored),
        rules: { kind: "sent", ignore: ignored.map(({ pattern }) => pattern) },
      });
    },
  };
}
