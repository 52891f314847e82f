// Small trees about which the go command has a verdict of its own before it compiles anything.
import { sumLines, type Modules } from "../support/module-proxy.ts";

/** A tree, as files by path; `service.yaml` is added. */
export interface VerdictTree {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  /** Directory of the module that is built; default: the root. */
  readonly module?: string;
}

/**
 * Trees that Go refuses and we do not, and why: who knows too little says nothing. Go says it in its own words then, or the
 * build does without what Go refuses.
 */
export const leftToGo: Readonly<Record<string, string>> = {
  "toolchain default": "Go says no more than that go.mod needs an update",
  "godebug with an unknown key": "the settings are another list in each release",
  "a requirement older than another module's": "another module's go.mod is not in the tree",
  "go.sum without the go.mod of an indirect module": "who imports what outside of the tree is not known",
  "go.sum without an indirect module": "who imports what outside of the tree is not known",
  "a replaced module with two go lines":
    "Go reads it as one of another module, which may hold what is not known here",
  "a replaced module with a bad requirement":
    "Go reads it as one of another module, which may hold what is not known here",
  "a replaced module with an open block":
    "Go reads it as one of another module, which may hold what is not known here",
  "a package and a test of another": "tests are not sent, so the build does without",
  "a file without a package clause": "the compiler's to say, with the file's text",
  "a file with a syntax error": "the compiler's to say, with the file's text",
  "an empty file": "the compiler's to say, with the file's text",
  "a file whose constraint is broken": "the compiler's to say, with the file's text",
};

/** What the trees' proxy has: two versions of a module, and one that requires it. */
export const served: Modules = {
  "x.test/y@v1.0.0": { "go.mod": "module x.test/y\n\ngo 1.20\n", "y.go": "package y\n" },
  "x.test/y@v1.1.0": { "go.mod": "module x.test/y\n\ngo 1.20\n", "y.go": "package y\n" },
  "x.test/above@v1.0.0": {
    "go.mod": "module x.test/above\n\ngo 1.20\n\nrequire x.test/y v1.1.0\n",
    "above.go": 'package above\n\nimport _ "x.test/y"\n',
  },
};

const sums = sumLines(served);
const main = "package main\n\nfunc main() {}\n";
const importing = (...paths: readonly string[]): string =>
  `package main\n\nimport (\n${paths.map((path) => `\t_ "${path}"\n`).join("")})\n\nfunc main() {}\n`;

const alone = (name: string, lines: string, more: Readonly<Record<string, string>> = {}): VerdictTree => ({
  name,
  files: { "go.mod": `module example.com/a\n\ngo 1.24\n\n${lines}\n`, "main.go": main, ...more },
});

/** One module that imports x.test/y. */
const using = (name: string, lines: string, more: Readonly<Record<string, string>> = {}): VerdictTree =>
  alone(name, lines, { "main.go": importing("x.test/y"), "go.sum": sums, ...more });

const without = (...words: readonly string[]): string =>
  sums
    .split("\n")
    .filter((line) => !words.some((word) => line.startsWith(word)))
    .join("\n");

const required = "require x.test/y v1.0.0";
const folders = {
  "y1/go.mod": "module x.test/y\n",
  "y1/y.go": "package y\n",
  "y2/go.mod": "module x.test/y\n",
  "y2/y.go": "package y\n",
};

const vendoring = (
  name: string,
  lines: string,
  list = "# x.test/y v1.0.0\n## explicit; go 1.20\nx.test/y\n",
  more: Readonly<Record<string, string>> = {},
): VerdictTree =>
  using(name, lines, { "vendor/modules.txt": list, "vendor/x.test/y/y.go": "package y\n", ...more });

const work = (
  name: string,
  lines: string,
  mods: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string>> = {},
): VerdictTree => ({
  name,
  module: "a",
  files: {
    "go.work": lines,
    ...Object.fromEntries(Object.entries(mods).map(([dir, text]) => [`${dir}/go.mod`, text])),
    "a/main.go": main,
    ...more,
  },
});
const two = "go 1.24\n\nuse (\n\t./a\n\t./b\n)\n";
const mod = (path: string, lines = ""): string => `module ${path}\n\ngo 1.24\n${lines}`;

const pair = (
  name: string,
  one: string,
  other: string,
  more: Readonly<Record<string, string>> = {},
): VerdictTree =>
  alone(name, "", { "main.go": importing("example.com/a/p"), "p/a.go": one, "p/b.go": other, ...more });

export const verdictTrees: readonly VerdictTree[] = [
  // Verbs and arguments of go.mod.
  alone("nothing special", ""),
  alone("an unknown verb", "requires x.test/y v1.0.0"),
  alone("an unknown block", "requires (\n\tx.test/y v1.0.0\n)"),
  alone("a conflict", "<<<<<<< HEAD\ngodebug panicnil=1\n=======\ngodebug panicnil=0\n>>>>>>> other"),
  using(
    "a conflict in a block",
    "require (\n<<<<<<< HEAD\n\tx.test/y v1.0.0\n=======\n\tx.test/y v1.1.0\n>>>>>>> other\n)",
  ),
  work("a conflict in go.work", "go 1.24\n\nuse (\n<<<<<<< HEAD\n\t./a\n=======\n\t./b\n>>>>>>> other\n)\n", {
    a: mod("example.com/a"),
    b: mod("example.com/b"),
  }),
  alone("an empty unknown block", "requires ()"),
  alone("a block of two words", "require x.test/y (\n\tv1.0.0\n)"),
  alone("an empty block of two words", "require x.test/y ()"),
  alone("a go block", "toolchain (\n\tgo1.26.0\n)"),
  alone("a verb of go.work", "use ./a"),
  alone("a verb in capitals", "Require x.test/y v1.0.0"),
  alone("two go lines", "go 1.24"),
  {
    name: "go with two arguments",
    files: { "go.mod": "module example.com/a\n\ngo 1.24 1.25\n", "main.go": main },
  },
  { name: "go in quotes", files: { "go.mod": 'module example.com/a\n\ngo "1.24"\n', "main.go": main } },
  { name: "module in quotes", files: { "go.mod": 'module "example.com/a"\n\ngo 1.24\n', "main.go": main } },
  {
    name: "module in backquotes",
    files: { "go.mod": "module `example.com/a`\n\ngo 1.24\n", "main.go": main },
  },
  {
    name: "module in a block",
    files: { "go.mod": "module (\n\texample.com/a\n)\n\ngo 1.24\n", "main.go": main },
  },
  {
    name: "module with two arguments",
    files: { "go.mod": "module example.com/a b\n\ngo 1.24\n", "main.go": main },
  },
  {
    name: "module in single quotes",
    files: { "go.mod": "module 'example.com/a'\n\ngo 1.24\n", "main.go": main },
  },
  {
    name: "a byte order mark",
    files: { "go.mod": "\ufeffmodule example.com/a\n\ngo 1.24\n", "main.go": main },
  },
  {
    name: "a space that does not break",
    files: { "go.mod": "module\u00a0example.com/a\n\ngo 1.24\n", "main.go": main },
  },
  alone("a space that does not break, in a comment", "// a\u00a0b"),
  alone("a space of no width", "require x.test/y\u200b v1.0.0"),
  alone("a comment inside a word", "exclude x.test/y v1.0.0/* no */"),
  alone("two modules", "module example.com/b"),
  alone("two toolchain lines", "toolchain go1.26.0\ntoolchain go1.26.1"),
  alone("toolchain default", "toolchain default"),
  alone("toolchain without go", "toolchain 1.26.0"),
  alone("toolchain of two words", "toolchain go1.26.0 go1.26.1"),
  alone("toolchain in quotes", 'toolchain "go1.26.0"'),
  alone("toolchain without argument", "toolchain"),
  alone("godebug", "godebug panicnil=1"),
  alone("godebug default", "godebug default=go1.23"),
  alone("godebug without value", "godebug panicnil"),
  alone("godebug of two words", "godebug panicnil = 1"),
  alone("godebug default of no release", "godebug default=1.23"),
  alone("godebug with an unknown key", "godebug nosuchkey=1"),
  alone("godebug with a comma", "godebug panicnil=1,x=2"),
  alone("ignore of two words", "ignore ./a ./b"),
  alone("tool of two words", "tool x.test/y x.test/z"),
  alone("tool with a bad path", "tool x.test/y!"),
  alone("ignore with a quote inside", "ignore ./it's"),
  alone("require of three words", "require x.test/y v1.0.0 v1.1.0"),
  alone("exclude of three words", "exclude x.test/y v1.0.0 v1.1.0"),
  alone("exclude without a version", "exclude x.test/y"),
  alone("exclude of a wrong major version", "exclude x.test/y v2.0.0"),
  alone("exclude of a wrong path", "exclude x.test/y/v1 v1.0.0"),
  alone("exclude of a short version", "exclude x.test/y v1"),
  alone("exclude of a branch", "exclude x.test/y main"),
  alone("exclude of what nobody requires", "exclude x.test/none v1.0.0"),
  alone("a quote inside a word", 'exclude x.test/y" v1.0.0'),
  alone("a string that does not end", 'exclude "x.test/y v1.0.0'),
  alone("retract", "retract v1.0.0"),
  alone("retract of an interval", "retract [v1.0.0, v1.1.0]"),
  alone("retract of nothing", "retract"),
  alone("retract of an empty interval", "retract []"),
  alone("retract of an interval without a comma", "retract [v1.0.0 v1.1.0]"),
  alone("retract of an open interval", "retract [v1.0.0, v1.1.0"),
  alone("retract of two versions", "retract v1.0.0 v1.1.0"),
  alone("retract of a short version", "retract v1"),
  alone("retract of a wrong major version", "retract v2.0.0"),
  alone("something behind a block", "exclude (\n\tx.test/y v1.0.0\n) v2"),
  alone("a bracket alone", ")"),
  alone("a block in a block", "exclude (\n\tx.test/y (\n\t\tv1.0.0\n\t)\n)"),
  alone("a comment behind a bracket", "exclude ( // a\n\tx.test/y v1.0.0 // b\n) // c"),
  // replace.
  using("a replacement", `${required}\n\nreplace x.test/y => ./y1`, folders),
  using(
    "two replacements, alike",
    `${required}\n\nreplace x.test/y => ./y1\n\nreplace x.test/y => ./y1`,
    folders,
  ),
  using(
    "two replacements, not alike",
    `${required}\n\nreplace x.test/y => ./y1\n\nreplace x.test/y => ./y2`,
    folders,
  ),
  using(
    "two replacements, one folder",
    `${required}\n\nreplace x.test/y => ./y1\n\nreplace x.test/y => ./y1/`,
    folders,
  ),
  using(
    "two replacements, of one version and of all",
    `${required}\n\nreplace x.test/y v1.0.0 => ./y1\n\nreplace x.test/y => ./y2`,
    folders,
  ),
  using(
    "two replacements of one version",
    `${required}\n\nreplace (\n\tx.test/y v1.0.0 => ./y1\n\tx.test/y v1.0.0 => x.test/y v1.1.0\n)`,
    folders,
  ),
  alone(
    "two replacements of what nobody requires",
    "replace x.test/y => ./y1\nreplace x.test/y => ./y2",
    folders,
  ),
  alone("a replacement without a version", "replace x.test/y => x.test/z"),
  alone("a replacement with an at sign", "replace x.test/y => x.test/z@v1.0.0"),
  alone("a replacement with backslashes", "replace x.test/y => .\\y1"),
  alone("a replacement on a drive", "replace x.test/y => C:/y1"),
  alone("a replacement by a folder with a version", "replace x.test/y => ./y1 v1.0.0", folders),
  alone("a replacement of two versions", "replace x.test/y v1.0.0 v1.1.0 => ./y1", folders),
  alone("a replacement without an arrow", "replace x.test/y ./y1", folders),
  alone("a replacement by nothing", "replace x.test/y =>"),
  alone("a replacement of a path that nobody can require", "replace x.test/y@v1.0.0 => ./y1", folders),
  alone("a replacement of a version of such a path", "replace x.test/y@v1 v1.0.0 => ./y1", folders),
  alone("a replacement of a path that begins with a dash", "replace -x => ./y1", folders),
  alone("a replacement of the module itself", "replace example.com/a => ./y1", folders),
  // Requirements.
  using("a requirement", required),
  using("two requirements, alike", `${required}\n${required}`),
  using("two requirements, alike but for indirect", `${required}\n${required} // indirect`),
  using("two requirements, not alike", `${required}\nrequire x.test/y v1.1.0`),
  using("two requirements, the newer one first", `require x.test/y v1.1.0\n${required}`),
  using("two requirements of what is not imported", `${required}\n${required}`, { "main.go": main }),
  using("two requirements that differ, of what is not imported", `${required}\nrequire x.test/y v1.1.0`, {
    "main.go": main,
  }),
  using(
    "two requirements, replaced",
    `${required}\nrequire x.test/y v1.1.0\nreplace x.test/y => ./y1`,
    folders,
  ),
  {
    name: "two requirements before Go 1.17",
    files: {
      "go.mod": `module example.com/a\n\ngo 1.16\n\n${required}\n${required}\n`,
      "main.go": importing("x.test/y"),
      "go.sum": sums,
    },
  },
  {
    name: "two requirements that differ, before Go 1.17",
    files: {
      "go.mod": `module example.com/a\n\ngo 1.16\n\n${required}\nrequire x.test/y v1.1.0\n`,
      "main.go": importing("x.test/y"),
      "go.sum": sums,
    },
  },
  using("a requirement of the module itself", "require example.com/a v1.0.0", { "main.go": main }),
  using("an excluded requirement", `${required}\nexclude x.test/y v1.0.0`),
  using("an excluded requirement of what is not imported", `${required}\nexclude x.test/y v1.0.0`, {
    "main.go": main,
  }),
  using(
    "an excluded requirement, replaced",
    `${required}\nexclude x.test/y v1.0.0\nreplace x.test/y => ./y1`,
    folders,
  ),
  using(
    "an excluded requirement beside another",
    `${required}\nrequire x.test/y v1.1.0\nexclude x.test/y v1.0.0`,
  ),
  using("an excluded older requirement of a replaced version", `${required}\nexclude x.test/y v1.1.0`),
  using(
    "an excluded requirement that another module requires",
    "require (\n\tx.test/above v1.0.0\n\tx.test/y v1.1.0\n)\nexclude x.test/y v1.1.0",
    {
      "main.go": importing("x.test/above"),
    },
  ),
  using(
    "an excluded newer version that another module requires",
    "require (\n\tx.test/above v1.0.0\n\tx.test/y v1.0.0 // indirect\n)\nexclude x.test/y v1.1.0",
    {
      "main.go": importing("x.test/above"),
    },
  ),
  using(
    "a requirement older than another module's",
    "require (\n\tx.test/above v1.0.0\n\tx.test/y v1.0.0\n)",
    {
      "main.go": importing("x.test/above", "x.test/y"),
    },
  ),
  {
    name: "an excluded requirement before Go 1.17",
    files: {
      "go.mod": `module example.com/a\n\ngo 1.16\n\n${required}\nexclude x.test/y v1.0.0\n`,
      "main.go": importing("x.test/y"),
      "go.sum": sums,
    },
  },
  // go.sum.
  using("go.sum without the module's line", required, { "go.sum": without("x.test/y v1.0.0 ") }),
  using("go.sum without the line of the module's go.mod", required, {
    "go.sum": without("x.test/y v1.0.0/go.mod"),
  }),
  using("go.sum without the go.mod of what is not imported", required, {
    "main.go": main,
    "go.sum": without("x.test/y v1.0.0/go.mod"),
  }),
  using(
    "go.sum without the go.mod of a module that imports another",
    "require (\n\tx.test/above v1.0.0\n\tx.test/y v1.1.0 // indirect\n)",
    {
      "main.go": importing("x.test/above"),
      "go.sum": without("x.test/above v1.0.0/go.mod"),
    },
  ),
  using(
    "go.sum without the go.mod of an indirect module",
    "require (\n\tx.test/above v1.0.0\n\tx.test/y v1.1.0 // indirect\n)",
    {
      "main.go": importing("x.test/above"),
      "go.sum": without("x.test/y v1.1.0/go.mod"),
    },
  ),
  using(
    "go.sum without an indirect module",
    "require (\n\tx.test/above v1.0.0\n\tx.test/y v1.1.0 // indirect\n)",
    {
      "main.go": importing("x.test/above"),
      "go.sum": without("x.test/y v1.1.0 "),
    },
  ),
  using("go.sum without the go.mod of a replacement", `${required}\nreplace x.test/y => x.test/y v1.1.0`, {
    "go.sum": without("x.test/y v1.1.0/go.mod"),
  }),
  using("go.sum without the go.mod of what is replaced", `${required}\nreplace x.test/y => x.test/y v1.1.0`, {
    "go.sum": without("x.test/y v1.0.0"),
  }),
  using("go.sum with a line of two words", required, { "go.sum": `${sums}x.test/z v1.0.0\n` }),
  using("go.sum with a line of four words", required, { "go.sum": `${sums}x.test/z v1.0.0 h1:x= y\n` }),
  using("go.sum with a conflict marker", required, { "go.sum": `<<<<<<< HEAD\n${sums}` }),
  using("go.sum with a blank line", required, { "go.sum": `\n${sums}\n  \n` }),
  using("go.sum with an unknown kind of hash", required, {
    "go.sum": sums.replace(/(x\.test\/y v1\.0\.0) h1/, "$1 h2"),
  }),
  using("go.sum with a line of two words, where nothing is imported", required, {
    "main.go": main,
    "go.sum": "x.test/z v1.0.0\n",
  }),
  alone("go.sum with a line of two words, where nothing is required", "", { "go.sum": "x.test/z v1.0.0\n" }),
  using("go.sum with a line of two words, where all is replaced", `${required}\nreplace x.test/y => ./y1`, {
    ...folders,
    "go.sum": "x.test/z v1.0.0\n",
  }),
  using("go.sum with a line of two words, beside vendor", required, {
    "go.sum": `${sums}x.test/z v1.0.0\n`,
    "vendor/modules.txt": "# x.test/y v1.0.0\n## explicit; go 1.20\nx.test/y\n",
    "vendor/x.test/y/y.go": "package y\n",
  }),
  // vendor.
  vendoring("vendor", required),
  vendoring("vendor, and two requirements, alike", `${required}\n${required}`),
  vendoring(
    "vendor, and two requirements, not alike",
    `${required}\nrequire x.test/y v1.1.0`,
    "# x.test/y v1.1.0\n## explicit\nx.test/y\n# x.test/y v1.0.0\n## explicit\n",
  ),
  vendoring(
    "vendor, and two requirements of which the newer is vendored",
    `${required}\nrequire x.test/y v1.1.0`,
    "# x.test/y v1.1.0\n## explicit; go 1.20\nx.test/y\n",
  ),
  vendoring("vendor, and an excluded requirement", `${required}\nexclude x.test/y v1.0.0`),
  vendoring(
    "vendor, and two replacements",
    `${required}\nreplace x.test/y => ./y1\nreplace x.test/y => ./y2`,
    "# x.test/y v1.0.0 => ./y1\n## explicit; go 1.20\nx.test/y\n",
  ),
  vendoring("vendor, and an unknown verb", `${required}\nrequires x.test/y v1.0.0`),
  vendoring("vendor, and an excluded branch", `${required}\nexclude x.test/y main`),
  vendoring("vendor, and a short excluded version", `${required}\nexclude x.test/y v1`),
  vendoring("vendor, and a short retracted version", `${required}\nretract v1`),
  vendoring(
    "vendor, and a short required version",
    "require x.test/y v1.0",
    "# x.test/y v1.0\n## explicit; go 1.20\nx.test/y\n",
  ),
  vendoring("vendor without go.sum", required, undefined, { "go.sum": "" }),
  // go.work.
  work("a workspace", two, { a: mod("example.com/a"), b: mod("example.com/b") }),
  work("go.work with an unknown verb", `${two}\nrequire x.test/y v1.0.0\n`, {
    a: mod("example.com/a"),
    b: mod("example.com/b"),
  }),
  work("go.work with an unknown block", `${two}\nuses (\n\t./a\n)\n`, {
    a: mod("example.com/a"),
    b: mod("example.com/b"),
  }),
  work("go.work with two go lines", `${two}\ngo 1.25\n`, {
    a: mod("example.com/a"),
    b: mod("example.com/b"),
  }),
  work("go.work with a go line of no release", "go 1.x\n\nuse ./a\n", { a: mod("example.com/a") }),
  work("go.work with use of two words", "go 1.24\n\nuse ./a ./b\n", {
    a: mod("example.com/a"),
    b: mod("example.com/b"),
  }),
  work("go.work with use of nothing", "go 1.24\n\nuse ./a\nuse\n", { a: mod("example.com/a") }),
  work("go.work with a bad toolchain", "go 1.24\ntoolchain 1.26\n\nuse ./a\n", { a: mod("example.com/a") }),
  work("go.work with an unknown godebug", "go 1.24\ngodebug default=x\n\nuse ./a\n", {
    a: mod("example.com/a"),
  }),
  work("godebug of a member in a workspace", "go 1.24\n\nuse ./a\n", {
    a: mod("example.com/a", "\ngodebug default=x\n"),
  }),
  work("go.work with a short version", "go 1.24\n\nuse ./a\n\nreplace x.test/y v1.0 => ./y1\n", {
    a: mod("example.com/a"),
  }),
  work("go.work with a branch", "go 1.24\n\nuse ./a\n\nreplace x.test/y main => ./y1\n", {
    a: mod("example.com/a"),
  }),
  work("two modules of one path", two, { a: mod("example.com/a"), b: mod("example.com/a") }),
  work("two other modules of one path", "go 1.24\n\nuse (\n\t./a\n\t./b\n\t./c\n)\n", {
    a: mod("example.com/a"),
    b: mod("example.com/b"),
    c: mod("example.com/b"),
  }),
  work("go.work replaces a member", `${two}\nreplace example.com/b => ./b\n`, {
    a: mod("example.com/a"),
    b: mod("example.com/b"),
  }),
  work("go.work replaces a version of a member", `${two}\nreplace example.com/b v1.0.0 => ./b\n`, {
    a: mod("example.com/a"),
    b: mod("example.com/b"),
  }),
  work("a member replaces a member", two, {
    a: mod("example.com/a", "\nreplace example.com/b => ../b\n"),
    b: mod("example.com/b"),
  }),
  work("members replace alike", two, {
    a: mod("example.com/a", "\nreplace x.test/y => ../y1\n"),
    b: mod("example.com/b", "\nreplace x.test/y => ../a/../y1\n"),
  }),
  work("members replace differently", two, {
    a: mod("example.com/a", "\nreplace x.test/y => ../y1\n"),
    b: mod("example.com/b", "\nreplace x.test/y => ../y2\n"),
  }),
  work("members replace differently, by modules", two, {
    a: mod("example.com/a", "\nreplace x.test/y => x.test/z v1.0.0\n"),
    b: mod("example.com/b", "\nreplace x.test/y => x.test/z v1.1.0\n"),
  }),
  work("members replace versions differently", two, {
    a: mod("example.com/a", "\nreplace x.test/y v1.0.0 => ../y1\n"),
    b: mod("example.com/b", "\nreplace x.test/y => ../y2\n"),
  }),
  work("members replace differently, and go.work as well", `${two}\nreplace x.test/y => ./y1\n`, {
    a: mod("example.com/a", "\nreplace x.test/y => ../y1\n"),
    b: mod("example.com/b", "\nreplace x.test/y => ../y2\n"),
  }),
  work(
    "members replace differently, and go.work another version",
    `${two}\nreplace x.test/y v1.0.0 => ./y1\n`,
    {
      a: mod("example.com/a", "\nreplace x.test/y => ../y1\n"),
      b: mod("example.com/b", "\nreplace x.test/y => ../y2\n"),
    },
  ),
  work("go.work replaces twice", `${two}\nreplace x.test/y => ./y1\nreplace x.test/y => ./y2\n`, {
    a: mod("example.com/a"),
    b: mod("example.com/b"),
  }),
  work("one member replaces twice", two, {
    a: mod("example.com/a"),
    b: mod("example.com/b", "\nreplace x.test/y => ../y1\nreplace x.test/y => ../y2\n"),
  }),
  work("one member replaces twice, and go.work as well", `${two}\nreplace x.test/y => ./y1\n`, {
    a: mod("example.com/a"),
    b: mod("example.com/b", "\nreplace x.test/y => ../y1\nreplace x.test/y => ../y2\n"),
  }),
  work("a member with an unknown verb", two, {
    a: mod("example.com/a"),
    b: mod("example.com/b", "\nrequires x.test/y v1.0.0\n"),
  }),
  work("a member without a module line", two, { a: mod("example.com/a"), b: "go 1.24\n" }),
  work("a member with a bad path", two, { a: mod("example.com/a"), b: mod("example.com/b!") }),
  work(
    "a member with two requirements",
    two,
    { a: mod("example.com/a"), b: mod("example.com/b", `\n${required}\n${required}\n`) },
    { "b/go.sum": sums },
  ),
  work(
    "a member with an excluded requirement",
    two,
    { a: mod("example.com/a"), b: mod("example.com/b", `\n${required}\nexclude x.test/y v1.0.0\n`) },
    { "b/go.sum": sums },
  ),
  work(
    "a member's go.sum with a line of two words",
    two,
    { a: mod("example.com/a"), b: mod("example.com/b", `\n${required}\n`) },
    { "b/go.sum": `${sums}x.test/z v1.0.0\n` },
  ),
  work(
    "a member's go.sum with a line of two words, where nothing is required",
    two,
    { a: mod("example.com/a"), b: mod("example.com/b") },
    { "b/go.sum": `x.test/z v1.0.0\n` },
  ),
  work(
    "go.work.sum with a line of two words",
    two,
    { a: mod("example.com/a", `\n${required}\n`), b: mod("example.com/b") },
    { "a/go.sum": sums, "go.work.sum": "x.test/z v1.0.0\n" },
  ),
  // Modules that replace others: Go passes over what it does not know there.
  using("a replaced module with an unknown verb", `${required}\nreplace x.test/y => ./y1`, {
    ...folders,
    "y1/go.mod": "module x.test/y\nrequires x y\n",
  }),
  using("a replaced module with a bad replacement", `${required}\nreplace x.test/y => ./y1`, {
    ...folders,
    "y1/go.mod": "module x.test/y\nreplace x y\n",
  }),
  using("a replaced module with two go lines", `${required}\nreplace x.test/y => ./y1`, {
    ...folders,
    "y1/go.mod": "module x.test/y\ngo 1.20\ngo 1.21\n",
  }),
  using("a replaced module with a bad requirement", `${required}\nreplace x.test/y => ./y1`, {
    ...folders,
    "y1/go.mod": "module x.test/y\nrequire x\n",
  }),
  using("a replaced module without a module line", `${required}\nreplace x.test/y => ./y1`, {
    ...folders,
    "y1/go.mod": "go 1.20\n",
  }),
  using("a replaced module of another path", `${required}\nreplace x.test/y => ./y1`, {
    ...folders,
    "y1/go.mod": "module x.test/other\n",
  }),
  using("a replaced module with an open block", `${required}\nreplace x.test/y => ./y1`, {
    ...folders,
    "y1/go.mod": "module x.test/y\nrequire (\n",
  }),
  // Packages.
  pair("one package", "package p\n", "package p\n"),
  pair("two packages in a folder", "package p\n", "package q\n"),
  pair("a package and main", "package p\n", "package main\n\nfunc main() {}\n"),
  pair(
    "a package and one that is ignored",
    "package p\n",
    "//go:build ignore\n\npackage main\n\nfunc main() {}\n",
  ),
  pair("a package and documentation", "package p\n", "package documentation\n"),
  pair("a package and another platform's", "package p\n", "", {
    "p/b.go": "package p\n",
    "p/q_windows.go": "package q\n",
  }),
  pair("a package and a test of it", "package p\n", "package p\n", { "p/p_test.go": "package p_test\n" }),
  pair("a package and a test of another", "package p\n", "package p\n", { "p/p_test.go": "package q\n" }),
  pair("a package and a file that begins with an underscore", "package p\n", "package p\n", {
    "p/_q.go": "package q\n",
  }),
  pair("a package and a file with cgo", "package p\n", 'package q\n\nimport "C"\n'),
  pair(
    "packages that constraints tell apart",
    "//go:build linux\n\npackage p\n",
    "//go:build !linux\n\npackage q\n",
  ),
  pair("packages that tags tell apart", "//go:build !x\n\npackage p\n", "//go:build x\n\npackage q\n"),
  pair("a package named like a test of it", "package p\n", "package p_test\n"),
  alone("main and another package", "", { "b.go": "package b\n" }),
  alone("another package before main", "", { "a.go": "package a\n" }),
  alone("main and a generator that is ignored", "", { "gen.go": "//go:build ignore\n\npackage gen\n" }),
  alone("three packages in a folder", "", {
    "main.go": importing("example.com/a/p"),
    "p/a.go": "package a\n",
    "p/b.go": "package b\n",
    "p/c.go": "package c\n",
  }),
  using("two packages in a folder of a replaced module", `${required}\nreplace x.test/y => ./y1`, {
    ...folders,
    "y1/z.go": "package z\n",
  }),
  alone("two packages in a folder that nobody imports", "", {
    "p/a.go": "package a\n",
    "p/b.go": "package b\n",
  }),
  alone("a program is imported", "", { "main.go": importing("example.com/a/p"), "p/main.go": main }),
  alone("an internal package of another module", `${required}\nreplace x.test/y => ./y1`, {
    ...folders,
    "main.go": importing("x.test/y/internal/z"),
    "y1/internal/z/z.go": "package z\n",
  }),
  alone("an internal package of another folder", "", {
    "main.go": importing("example.com/a/p/internal/z"),
    "p/internal/z/z.go": "package z\n",
  }),
  alone("an internal package", "", {
    "main.go": importing("example.com/a/internal/z"),
    "internal/z/z.go": "package z\n",
  }),
  alone("a circle of imports", "", {
    "main.go": importing("example.com/a/p"),
    "p/p.go": 'package p\n\nimport _ "example.com/a/q"\n',
    "q/q.go": 'package q\n\nimport _ "example.com/a/p"\n',
  }),
  alone("a package that imports itself", "", {
    "main.go": importing("example.com/a/p"),
    "p/p.go": 'package p\n\nimport _ "example.com/a/p"\n',
  }),
  pair(
    "a comment behind the package's name",
    "package p // q\n",
    '/* a */ package /* b */ p; import _ "fmt"\n',
  ),
  pair("a package's name in the next line", "package\n\tp\n", "package p\r\n"),
  pair("a package with letters that are not of ASCII", "package p\u00e4\n", "package pa\n"),
  pair("a file without a package clause", "package p\n", "// nothing\n"),
  pair("a file with a syntax error", "package p\n", "package q\n\nimport (\n"),
  pair("an empty file", "package p\n", ""),
  pair("a file whose constraint is broken", "package p\n", "//go:build (\n\npackage q\n"),
  pair("an old constraint", "package p\n", "// +build ignore\n\npackage q\n"),
  pair("a file of another release", "package p\n", "//go:build !go1.18\n\npackage q\n"),
  pair("a file of a newer release", "package p\n", "//go:build go1.99\n\npackage q\n"),
  alone("a test that imports back", "", {
    "main.go": importing("example.com/a/p"),
    "p/p.go": "package p\n",
    "p/p_test.go": 'package p\n\nimport _ "example.com/a/q"\n',
    "q/q.go": 'package q\n\nimport _ "example.com/a/p"\n',
  }),
  alone("a circle that constraints open", "", {
    "main.go": importing("example.com/a/p"),
    "p/p.go": 'package p\n\nimport _ "example.com/a/q"\n',
    "q/q.go": "package q\n",
    "q/q_windows.go": 'package q\n\nimport _ "example.com/a/p"\n',
  }),
  alone("two ways to one package", "", {
    "main.go": importing("example.com/a/p", "example.com/a/q"),
    "p/p.go": 'package p\n\nimport _ "example.com/a/r"\n',
    "q/q.go": 'package q\n\nimport _ "example.com/a/r"\n',
    "r/r.go": "package r\n",
  }),
  alone("an internal package below another", "", {
    "main.go": importing("example.com/a/p"),
    "p/p.go": 'package p\n\nimport _ "example.com/a/p/q/internal/z"\n',
    "p/q/internal/z/z.go": "package z\n",
  }),
  alone("an internal package that imports another", "", {
    "main.go": importing("example.com/a/internal/y"),
    "internal/y/y.go": 'package y\n\nimport _ "example.com/a/internal/z"\n',
    "internal/z/z.go": "package z\n",
  }),
  alone("a package whose name begins with internal", "", {
    "main.go": importing("example.com/a/p/internals"),
    "p/internals/z.go": "package z\n",
  }),
  alone(
    "an internal package of a module of the same beginning",
    "require example.com/ab v0.0.0\nreplace example.com/ab => ./y1",
    {
      "main.go": importing("example.com/ab/internal/z"),
      "y1/go.mod": "module example.com/ab\n",
      "y1/internal/z/z.go": "package z\n",
    },
  ),
  alone("an internal package of a module above", "require example.com v0.0.0\nreplace example.com => ./y1", {
    "main.go": importing("example.com/internal/z"),
    "y1/go.mod": "module example.com\n",
    "y1/internal/z/z.go": "package z\n",
  }),
  alone("an internal package of the standard library", "", { "main.go": importing("internal/abi") }),
  using("an internal package of a module from elsewhere", required, {
    "main.go": importing("x.test/y/internal/z"),
  }),
  alone("the main package is imported", "", {
    "main.go": importing("example.com/a/p"),
    "p/p.go": 'package p\n\nimport _ "example.com/a"\n',
  }),
  alone("a relative import", "", { "main.go": importing("./p"), "p/p.go": "package p\n" }),
];
