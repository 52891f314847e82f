import { gitFiles, openRepository, openTree, type SourceTree } from "../../facts/index.ts";
import type { CommitSource } from "../../plan/index.ts";

const PASS = "pass the value: `args: { version: unknown }` and `--build-arg version=…`";

/** The repository that stands in the root of a source tree, of which only what is asked for is sent. */
export async function repositoryIn(tree: SourceTree): Promise<CommitSource> {
  // What is read of it takes nothing from what may be read of the source.
  const opened = openTree(tree);
  const entry = (await opened.list("."))?.get(".git");
  if (entry?.kind === "dir") {
    const files = gitFiles(opened, ".git");
    const goMod = async (): Promise<string | undefined> => {
      const place = await opened.resolve("go.mod");
      return place.kind === "file" ? opened.moduleText(place.path, place.size) : undefined;
    };
    return { repository: openRepository({ worktree: files, common: files, context: ".", goMod }) };
  }
  if (entry !== undefined) {
    return absent(
      "the build context is a worktree or a submodule, whose repository stands elsewhere",
      `build from a clone, or ${PASS}`,
    );
  }
  const rule = opened.ignoredBy(".git");
  return rule === undefined
    ? {}
    : absent(
        `.git is excluded by ${rule.file} line ${rule.line} (${rule.pattern})`,
        "write a line `!.git` below it: what a stamp needs of it is sent, and no step sees it",
      );
}

/** Of a builder to which a folder cannot be listed without all that is in its files, which packs are too large for. */
export const CANNOT_LIST: CommitSource = absent(
  "this builder cannot list .git without what its files hold",
  `use BuildKit 0.21 or later, or ${PASS}`,
);

function absent(why: string, help: string): CommitSource {
  return { absent: { why, help } };
}
