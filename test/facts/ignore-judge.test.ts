// Thousands of rules over thousands of paths: the same answers as when each rule is asked about each path, for less.
import fc from "fast-check";
import { expect, test } from "vitest";
import { type IgnoreRule, ignoredBy } from "../../src/facts/index.ts";
import { parseIgnoreFile } from "../../src/facts/ignore-file.ts";
import { compileRule } from "../../src/facts/ignore-pattern.ts";

/** All rules in turn, as moby/patternmatcher:patternmatcher.go has it. */
function plainly(rules: readonly IgnoreRule[]): (path: string) => IgnoreRule | undefined {
  const judge = (
    path: string,
  ): { readonly matched: readonly boolean[]; readonly by: IgnoreRule | undefined } => {
    const parent = path.includes("/") ? judge(path.slice(0, path.lastIndexOf("/"))).matched : [];
    let by: IgnoreRule | undefined;
    const matched = rules.map((rule, index) => {
      const negated = rule.pattern.startsWith("!");
      const isAsked = negated === (by !== undefined);
      const found = parent[index] === true || (isAsked && compileRule(rule.pattern)?.(path) === true);
      if (found) by = negated ? undefined : (by ?? rule);
      return found;
    });
    return { matched, by };
  };
  return (path) => judge(path).by;
}

test("every path has the rule that asking all of them gives", () => {
  const name = fc.constantFrom("a", "b", "ab", "a.go", "b.go", "x.tar.gz", ".env", "a-b", "é");
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
  const part = fc.oneof(
    name,
    fc.constantFrom(
      "*",
      "**",
      "*.go",
      "a*",
      "?",
      "*b",
      "a**",
      "**a",
      "*.tar.*",
      "[ab]",
      "a|b",
      "a{1}",
      "\\a",
      "*.*",
      "a?b",
    ),
  );
  const pattern = fc
    .tuple(fc.boolean(), fc.array(part, { minLength: 1, maxLength: 4 }))
    .map(([negated, parts]) => `${negated ? "!" : ""}${parts.join("/")}`);
  fc.assert(
    fc.property(
      fc.array(pattern, { maxLength: 8 }),
      fc.array(path, { minLength: 1, maxLength: 12 }),
      (lines, paths) => {
        const rules = parseIgnoreFile(lines.join("\n"));
        const [quick, plain] = [ignoredBy(rules), plainly(rules)];
        for (const each of paths) expect([each, quick(each)]).toEqual([each, plain(each)]);
      },
    ),
    { numRuns: 1000 },
  );
});

const paths = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `dir${index % 100}/some_file_${index}.txt`);

test("rules that name what they hide are not asked about what they do not name", () => {
  const lines = Array.from(
    { length: 9000 },
    (_, index) => [`out${index}`, `**/gen_${index}.go`, `x${index}/**`][index % 3],
  );
  const judge = ignoredBy(parseIgnoreFile(lines.join("\n")));
  // Each rule about each path would be more than the bound allows.
  for (const path of paths(20_000)) judge(path);
  expect(judge("out3/x")?.pattern).toBe("out3");
  expect(judge("a/gen_4.go")?.pattern).toBe("**/gen_4.go");
  expect(judge("x5/y/z")?.pattern).toBe("x5/**");
});

test("rules that have to be asked about every path end with an error at one of them", () => {
  const lines = Array.from({ length: 2000 }, (_, index) => `out\n*[a-z]*[0-9]*${index}*`);
  const judge = ignoredBy(parseIgnoreFile(lines.join("\n")));
  expect(() => {
    for (const path of paths(20_000)) judge(path);
  }).toThrow("GF084 the 4000 patterns of .dockerignore are too many for the files of this folder");
});
