import { compilePattern } from "./ignore-pattern.ts";
import { childPath, parentPath } from "./paths.ts";
import type { Entry, IgnoreRule, SourceTree } from "./tree.ts";

/**
 * A tree without what the rules hide: what BuildKit's client sends of a folder with these exclude patterns
 * (tonistiigi/fsutil:filter.go over moby/patternmatcher:MatchesUsingParentResults). The last rule that matches a path
 * or a directory above it decides; a hidden directory is there all the same when something below it is brought back.
 *
 * @throws an Error that names the rule, where BuildKit refuses its pattern
 */
export function ignoring(tree: SourceTree, rules: readonly IgnoreRule[]): SourceTree {
  const { bad, judge } = judgeOf(rules);
  if (bad !== undefined) throw new Error(`${bad.file} line ${bad.line}: ${bad.pattern} is no pattern`);
  const exceptions = rules.flatMap(({ pattern }) => (pattern.startsWith("!") ? [pattern.slice(1)] : []));
  const plain = exceptions.map((pattern) => pattern.replace(/\/\*\*$/, "").replace(/\/\*$/, ""));
  const isPlain = !plain.some((pattern) => /[*[\]?^\\]/.test(pattern));

  /** Whether an exception may bring back something below a hidden directory. */
  const isSearched = (dir: string): boolean =>
    !isPlain || plain.some((pattern) => `${pattern}/`.startsWith(`${dir}/`));

  const isShown = async (path: string, kind: Entry["kind"]): Promise<boolean> => {
    if (judge(path) === undefined) return true;
    if (kind !== "dir" || !isSearched(path)) return false;
    return ((await shownIn(path))?.length ?? 0) > 0;
  };

  const lists = new Map<string, Promise<readonly Entry[] | undefined>>();
  /** What is shown of a directory, whether it is shown itself or not. */
  const shownIn = (dir: string): Promise<readonly Entry[] | undefined> => {
    const found = lists.get(dir) ?? filterList(dir);
    lists.set(dir, found);
    return found;
  };
  const filterList = async (dir: string): Promise<readonly Entry[] | undefined> => {
    const entries = await tree.list(dir);
    if (entries === undefined) return undefined;
    const shown = await Promise.all(entries.map((entry) => isShown(childPath(dir, entry.name), entry.kind)));
    return entries.filter((_entry, index) => shown[index]);
  };

  return {
    list: async (dir) => {
      const shown = await shownIn(dir);
      return shown?.length === 0 && judge(dir) !== undefined ? undefined : shown;
    },
    read: (path, range) => tree.read(path, range),
    ignoredBy: judge,
  };
}

/** The rule that hides a path, for trees whose files BuildKit's client has already left out. */
export function ignoredBy(rules: readonly IgnoreRule[]): (path: string) => IgnoreRule | undefined {
  return judgeOf(rules).judge;
}

/** How to bring back what a line of an ignore file hides. */
export function unhide(path: string, { instead }: IgnoreRule): string {
  const here = `add \`!${path}\` after it`;
  return instead === undefined
    ? `${here} or remove the line`
    : `${here}, remove the line, or say in ${instead} what this build ignores: it then counts instead`;
}

interface Judgement {
  /** For each rule, whether it matched the path or a directory above it when it was its turn. */
  readonly matched: readonly boolean[];
  readonly by: IgnoreRule | undefined;
}

interface Judge {
  /** The first rule whose pattern cannot be read; it hides nothing. */
  readonly bad: IgnoreRule | undefined;
  readonly judge: (path: string) => IgnoreRule | undefined;
}

function judgeOf(rules: readonly IgnoreRule[]): Judge {
  const compiled = rules.map((rule) => {
    const negated = rule.pattern.startsWith("!");
    const bare = negated ? rule.pattern.slice(1) : rule.pattern;
    return { rule, negated, matches: bare === "" ? undefined : compilePattern(bare) };
  });
  const root: Judgement = { matched: compiled.map(() => false), by: undefined };
  const known = new Map<string, Judgement>([[".", root]]);
  const judge = (path: string): Judgement => {
    const found = known.get(path);
    if (found !== undefined) return found;
    const above = judge(parentPath(path)).matched;
    let by: IgnoreRule | undefined;
    const matched = compiled.map(({ rule, negated, matches }, index) => {
      const hidden = by !== undefined;
      // A rule that could change nothing is not asked, and what lies below does not count it as matched.
      const matchesHere = above[index] === true || (negated === hidden && matches?.(path) === true);
      if (matchesHere) by = negated ? undefined : (by ?? rule);
      return matchesHere;
    });
    const judgement = { matched, by };
    known.set(path, judgement);
    return judgement;
  };
  return {
    bad: compiled.find(({ matches }) => matches === undefined)?.rule,
    judge: (path) => judge(path).by,
  };
}
