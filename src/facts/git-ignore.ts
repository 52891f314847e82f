import { ignoredBy } from "./ignore.ts";
import type { OpenTree } from "./open-tree.ts";
import { childPath, prefixes } from "./paths.ts";
import type { IgnoreRule } from "./source-tree.ts";

/**
 * What git leaves out at or below a directory, as far as the `.gitignore` files of the tree say: the rule for a path.
 * For error texts only: how git treats what lies below an excluded directory is not followed to the letter.
 */
export async function gitRules(
  tree: OpenTree,
  dir: string,
): Promise<(path: string) => IgnoreRule | undefined> {
  const written = new Map<IgnoreRule, string>();
  const texts = await Promise.all([".", ...prefixes(dir)].map((above) => readRules(tree, above)));
  for (const { at, file, text } of texts) {
    text.split("\n").forEach((line, index) => {
      const pattern = contextPattern(line, at);
      if (pattern !== undefined) written.set({ file, line: index + 1, pattern }, line.trim());
    });
  }
  const judge = ignoredBy([...written.keys()]);
  return (path) => {
    const rule = judge(path);
    return rule === undefined ? undefined : { ...rule, pattern: written.get(rule) ?? rule.pattern };
  };
}

async function readRules(tree: OpenTree, at: string) {
  const file = childPath(at, ".gitignore");
  const place = await tree.resolve(file);
  return { at, file, text: place.kind === "file" ? await tree.text(place.path) : "" };
}

/** A line of the `.gitignore` in `dir` as a pattern over the whole context (git's gitignore(5), "PATTERN FORMAT"). */
function contextPattern(line: string, dir: string): string | undefined {
  const text = line.replace(/\s+$/, "");
  if (text === "" || text.startsWith("#")) return undefined;
  const negated = text.startsWith("!");
  const bare = text.slice(negated ? 1 : 0).replace(/\/+$/, "");
  if (bare === "") return undefined;
  const anchored = bare.includes("/") ? bare.replace(/^\//, "") : `**/${bare}`;
  return `${negated ? "!" : ""}${childPath(dir, anchored)}`;
}
