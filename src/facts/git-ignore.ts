import { ignoredBy } from "./ignore.ts";
import { pending, type Known, type Knowledge } from "./knowledge.ts";
import { childPath, prefixes } from "./paths.ts";
import type { IgnoreRule } from "./tree.ts";

/**
 * What git leaves out at or below a directory, as far as the `.gitignore` files of the tree say: the rule for a path.
 * For error texts only: how git treats what lies below an excluded directory is not followed to the letter.
 */
export function gitRules(knowledge: Knowledge, dir: string): Known<(path: string) => IgnoreRule | undefined> {
  const rules: IgnoreRule[] = [];
  const written = new Map<IgnoreRule, string>();
  for (const each of [".", ...prefixes(dir)]) {
    const file = childPath(each, ".gitignore");
    const place = knowledge.resolve(file);
    if (place === pending) return pending;
    if (place.kind !== "file") continue;
    const text = knowledge.text(place.path);
    if (text === pending) return pending;
    text.split("\n").forEach((line, index) => {
      const pattern = contextPattern(line, each);
      if (pattern === undefined) return;
      const rule = { file, line: index + 1, pattern };
      rules.push(rule);
      written.set(rule, line.trim());
    });
  }
  const judge = ignoredBy(rules);
  return (path) => {
    const rule = judge(path);
    return rule === undefined ? undefined : { ...rule, pattern: written.get(rule) ?? rule.pattern };
  };
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
