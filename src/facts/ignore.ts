import { type Diagnostic, diagnosticError, errorAt, quote } from "../description/index.ts";
import { tooManyRules } from "./ignore-file.ts";
import { judgeOf } from "./ignore-judge.ts";
import { compileRule } from "./ignore-pattern.ts";
import { childPath } from "./paths.ts";
import type { Entry, IgnoreRule, SourceTree } from "./source-tree.ts";

/**
 * A tree without what the rules hide: what BuildKit's client sends of a folder with these exclude patterns
 * (tonistiigi/fsutil:filter.go over moby/patternmatcher:MatchesUsingParentResults). The last rule that matches a path
 * or a directory above it decides; a hidden directory is there all the same when something below it is brought back.
 *
 * @throws a DiagnosticError for patterns that BuildKit refuses
 */
export function ignoring(tree: SourceTree, rules: readonly IgnoreRule[]): SourceTree {
  const problems = ignoreProblems(rules);
  if (problems.length > 0) throw diagnosticError(problems);
  const judge = judgeOf(rules);
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
    const [entries] = await tree.list([dir]);
    if (entries === undefined) return undefined;
    const shown = await Promise.all(entries.map((entry) => isShown(childPath(dir, entry.name), entry.kind)));
    return entries.filter((_entry, index) => shown[index]);
  };

  const list = async (dir: string): Promise<readonly Entry[] | undefined> => {
    const shown = await shownIn(dir);
    return shown?.length === 0 && judge(dir) !== undefined ? undefined : shown;
  };
  return {
    list: (dirs) => Promise.all(dirs.map(list)),
    read: (ranges) => tree.read(ranges),
    ignoredBy: judge,
  };
}

/** The rule that hides a path, for trees whose files BuildKit's client has already left out. */
export function ignoredBy(rules: readonly IgnoreRule[]): (path: string) => IgnoreRule | undefined {
  return judgeOf(rules);
}

/**
 * An error for each rule that BuildKit refuses: a pattern that cannot be read, and one that it cannot pass on, since
 * patterns travel as headers of gRPC.
 */
export function ignoreProblems(rules: readonly IgnoreRule[]): readonly Diagnostic[] {
  const crowd = tooManyRules(rules);
  if (crowd.length > 0) return crowd;
  return rules.flatMap(({ file, line, pattern }) => {
    const start = { line, column: 1, offset: 0 };
    const at = { file, range: { start, end: start } };
    const help = "correct the pattern or remove the line";
    if (/[\0-\x1f\x7f]/.test(pattern)) {
      const message = `the pattern ${quote(pattern)} holds a control character, which BuildKit cannot pass on`;
      return [
        errorAt("GF083", message, { ...at, help: `write \`?\` for the character, or remove the line` }),
      ];
    }
    if (compileRule(pattern) !== undefined) return [];
    return [errorAt("GF083", `${quote(pattern)} is not a valid pattern`, { ...at, help })];
  });
}

/** How to bring back what a line of an ignore file hides. */
export function unhide(path: string, { instead }: IgnoreRule): string {
  const here = `add \`!${path}\` after it`;
  return instead === undefined
    ? `${here} or remove the line`
    : `${here}, remove the line, or say in ${instead} what this build ignores: it then counts instead`;
}
