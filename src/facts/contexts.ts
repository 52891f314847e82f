import { buildContext, type BuildContext } from "./build-context.ts";
import type { OpenTree } from "./open-tree.ts";
import type { ServiceQuery } from "./types.ts";

/** What decides whether a file counts; without platforms linux/amd64 is assumed. */
export type MainContext = Partial<
  Pick<ServiceQuery, "platforms" | "tags" | "cgo" | "goVersion" | "experiments" | "unknownToolchain">
>;

/** The build context of each platform. Services that are built alike share theirs. */
export function contextsOf(tree: OpenTree, context: MainContext): readonly BuildContext[] {
  const { platforms = [{ os: "linux", architecture: "amd64" }], ...alike } = context;
  const { tags, cgo, goVersion, experiments, unknownToolchain } = alike;
  return platforms.map((platform) => {
    const { os, architecture, variant } = platform;
    const key = JSON.stringify([
      [os, architecture, variant],
      [tags, cgo, goVersion, experiments, unknownToolchain],
    ]);
    return tree.share(`context\0${key}`, () => buildContext({ ...alike, platform }));
  });
}
