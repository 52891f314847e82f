import { type Diagnostic, diagnosticError, errorAt, quote } from "../description/index.ts";
import { BOUNDS } from "./bounds.ts";
import { compileRule } from "./ignore-pattern.ts";
import { baseName, parentPath } from "./paths.ts";
import type { IgnoreRule } from "./source-tree.ts";

/**
 * The rule that hides a path: the last one that matches it or a directory above it decides
 * (moby/patternmatcher:patternmatcher.go, MatchesUsingParentResults). A rule whose pattern cannot be read hides nothing.
 *
 * An ignore file may have thousands of rules and a tree thousands of files. So a path is held against those rules alone
 * that may match its name, and how often that is done is bounded.
 *
 * @throws GF084 when rules and paths are too many for each other
 */
export function judgeOf(rules: readonly IgnoreRule[]): (path: string) => IgnoreRule | undefined {
  let made: Judges | undefined;
  const known = new Map<string, Judgement>([[".", { matched: new Set(), by: undefined }]]);
  let steps = 0;
  const judge = (path: string): Judgement => {
    const found = known.get(path);
    if (found !== undefined) return found;
    const above = judge(parentPath(path)).matched;
    made ??= judgesOf(rules);
    const matched = new Set<number>();
    let by: IgnoreRule | undefined;
    for (const index of candidates(made, path, above)) {
      const { rule, negated, part, matches, cost } = made.all[index] ?? none;
      // A rule that could change nothing is not asked, and what lies below does not count it as matched.
      if (!above.has(index)) {
        if (negated !== (by !== undefined)) continue;
        steps += 0.1;
        if (!path.includes(part)) continue;
        steps += cost === 0 ? 1 + path.length / 64 : path.length * cost;
        if (!matches(path)) continue;
      }
      matched.add(index);
      by = negated ? undefined : (by ?? rule);
    }
    if (steps > BOUNDS.rules) throw diagnosticError([tooMuch(rules)]);
    const judgement = { matched, by };
    known.set(path, judgement);
    return judgement;
  };
  return (path) => judge(path).by;
}

interface Judgement {
  /** The rules that matched the path or a directory above it when it was their turn. */
  readonly matched: ReadonlySet<number>;
  readonly by: IgnoreRule | undefined;
}

interface Judge {
  readonly rule: IgnoreRule;
  readonly negated: boolean;
  /** A text that stands in every path it matches. */
  readonly part: string;
  readonly matches: (path: string) => boolean;
  /** The length of a pattern of which a test takes that many steps for each character of a path; zero: about one in all. */
  readonly cost: number;
}

const none: Judge = {
  rule: { file: "", line: 0, pattern: "" },
  negated: false,
  part: "",
  matches: () => false,
  cost: 0,
};

/** Rules by their place in the file, and those that may match a path by what is in it. */
interface Judges {
  readonly all: readonly Judge[];
  /** By the last name of the paths that they match. */
  readonly byName: ReadonlyMap<string, readonly number[]>;
  /** By what stands behind its last dot. */
  readonly byExtension: ReadonlyMap<string, readonly number[]>;
  /** By the first name. */
  readonly byFirst: ReadonlyMap<string, readonly number[]>;
  /** All others, which may match any. */
  readonly rest: readonly number[];
}

function judgesOf(rules: readonly IgnoreRule[]): Judges {
  const all = rules.map((rule): Judge => {
    const negated = rule.pattern.startsWith("!");
    const bare = negated ? rule.pattern.slice(1) : rule.pattern;
    const isLong = special.test(bare) || (bare.match(/\*+|\?/g)?.length ?? 0) > 2;
    return {
      rule,
      negated,
      part: special.test(bare) ? "" : longest(bare.split(/\*+\/?|\?/)),
      matches: compileRule(rule.pattern) ?? none.matches,
      cost: isLong ? bare.replaceAll(/\*+/g, "*").length : 0,
    };
  });
  const places = all.map(({ rule, negated }) => placeOf(negated ? rule.pattern.slice(1) : rule.pattern));
  const at = (kind: Place["kind"]): ReadonlyMap<string, readonly number[]> =>
    Map.groupBy(
      all.flatMap((_, index) => (places[index]?.kind === kind ? [index] : [])),
      (index) => places[index]?.text ?? "",
    );
  return {
    all,
    byName: at("name"),
    byExtension: at("extension"),
    byFirst: at("first"),
    rest: at("any").get("") ?? [],
  };
}

function longest(texts: readonly string[]): string {
  return texts.reduce((most, text) => (text.length > most.length ? text : most), "");
}

interface Place {
  readonly kind: "name" | "extension" | "first" | "any";
  readonly text: string;
}

/** What Go's regular expressions read in their own way, so that the pattern's slashes tell nothing; and a mark that is passed over. */
const special = /[[\]\\{}|^]|^\ufeff/;

const wildcard = /[*?]/;

/** What every path that a pattern matches has in common, as far as its text tells. */
function placeOf(pattern: string): Place {
  const any: Place = { kind: "any", text: "" };
  if (special.test(pattern)) return any;
  const names = pattern.split("/");
  const [first = "", last = ""] = [names[0], names.at(-1)];
  // Two stars within a name cross slashes.
  if (names.some((name) => name !== "**" && name.includes("**"))) return any;
  if (!wildcard.test(last)) return { kind: "name", text: last };
  const extension = /\.([^.*?]+)$/.exec(last)?.[1];
  if (extension !== undefined) return { kind: "extension", text: extension };
  return names.length > 1 && !wildcard.test(first) ? { kind: "first", text: first } : any;
}

/** The rules that may match a path, and those that matched above it, in their order. */
function candidates(
  { byName, byExtension, byFirst, rest }: Judges,
  path: string,
  above: ReadonlySet<number>,
): readonly number[] {
  const name = baseName(path);
  const [first = ""] = path.split("/", 1);
  const some = [
    byName.get(name) ?? [],
    byExtension.get(name.slice(name.lastIndexOf(".") + 1)) ?? [],
    byFirst.get(first) ?? [],
    [...above],
  ].flat();
  return some.length === 0
    ? rest
    : merged(
        [...new Set(some)].toSorted((a, b) => a - b),
        rest,
      );
}

/** Two rising lists as one. */
function merged(a: readonly number[], b: readonly number[]): readonly number[] {
  const out: number[] = [];
  let at = 0;
  for (const next of a) {
    for (let other = b[at]; other !== undefined && other < next; other = b[++at]) out.push(other);
    if (b[at] === next) at++;
    out.push(next);
  }
  for (; at < b.length; at++) out.push(b[at] ?? 0);
  return out;
}

function tooMuch(rules: readonly IgnoreRule[]): Diagnostic {
  const long = rules.find(({ pattern }) => placeOf(pattern.replace(/^!/, "")).kind === "any") ?? rules[0];
  const { file, line, pattern } = long ?? none.rule;
  const start = { line, column: 1, offset: 0 };
  return errorAt(
    "GF084",
    `the ${rules.length} patterns of ${file} are too many for the files of this folder`,
    {
      file,
      range: { start, end: start },
      help: `patterns that end in a name or begin with a folder cost little; ones like ${quote(pattern)} are tried on every path`,
    },
  );
}
