import { compileGlob } from "../../../src/facts/glob.ts";
import { ignoredBy, ignoreProblems } from "../../../src/facts/index.ts";
import { parseIgnoreFile } from "../../../src/facts/ignore-file.ts";
import { textInputs, textOf } from "../inputs.ts";
import type { Answer, Target } from "../target.ts";

const words = [
  "*",
  "**",
  "**/",
  "/",
  "?",
  "!",
  "[a-c]",
  "[^b]",
  "[!-\\d]",
  "[",
  "]",
  "\\",
  "\\d",
  "\\b",
  "{1}",
  "{0,1000}",
  "+",
  "(",
  ")",
  "|",
  "^",
  "$",
  ".",
  "..",
  "a",
  "b",
  "aaa",
  "cmd",
  ".go",
  "\n",
  "# x\n",
  " ",
  "-",
  "[[:alpha:]]",
  "é",
];

const names = [
  "a",
  "ab",
  "abc",
  "a/b",
  "cmd/api/main.go",
  "a/b/c",
  "-",
  "]",
  "é",
  "a.b",
  "x|y",
  "{1}",
  "a b",
  "$",
];

/** Ignore files, against moby/patternmatcher. */
export const ignore: Target = {
  name: "ignore",
  inputs: textInputs("ignore", words, [
    "*\n!go.mod\n!cmd/**\n",
    "**/*.md\n/docs\n!docs/a?.txt\n# x\n",
    "[a-c]*\na{2}\n\\b\n(x|y)\n",
  ]),
  run: (bytes) => {
    const rules = parseIgnoreFile(textOf(bytes));
    ignoreProblems(rules);
    const hides = ignoredBy(rules);
    for (const name of names) hides(name);
    hides("a".repeat(200));
  },
  oracle: {
    kind: "ignore",
    names,
    answer: (bytes): Answer | undefined => {
      const text = textOf(bytes);
      // Names are text to us; and what BuildKit cannot pass on is refused here only.
      if (/\ufffd|[\0-\x08\x0b-\x1f\x7f]/.test(text)) return undefined;
      const rules = parseIgnoreFile(text);
      if (ignoreProblems(rules).length > 0) return "refused";
      const hides = ignoredBy(rules);
      return names.map((name) => String(hides(name) !== undefined));
    },
    // A lone `!`, which Go refuses, is no line to us; and a thousand repetitions are more than we count.
    agrees: (ours, theirs) => theirs === "refused" || ours === "refused",
  },
};

/** A pattern is of one element of a path. */
const elements = [...names.filter((name) => !name.includes("/")), "aé", "日é日", "\ufffd"];

/** Patterns of go:embed, against Go's path.Match. */
export const glob: Target = {
  name: "glob",
  inputs: textInputs(
    "glob",
    words.filter((word) => word !== "\n"),
    ["*.txt", "[a-c]?\\*", "a*b*c*d*e*f*g*h"],
  ),
  run: (bytes) => {
    const matches = compileGlob(textOf(bytes));
    for (const name of [...names, "a".repeat(500)]) matches?.(name);
  },
  oracle: {
    kind: "glob",
    names: elements,
    answer: (bytes): Answer | undefined => {
      const pattern = textOf(bytes);
      // Patterns are bytes to Go and text to us.
      if (pattern.includes("\ufffd")) return undefined;
      const matches = compileGlob(pattern);
      return matches === undefined ? "refused" : elements.map((name) => String(matches(name)));
    },
  },
};
