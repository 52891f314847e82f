// Ignore files: what BuildKit's client sends of a folder by Go's own matcher, and by ours.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Entry, folderTree, ignoring, type SourceTree } from "../../src/facts/index.ts";
import { parseIgnoreFile } from "../../src/facts/ignore-file.ts";
import { repositoryRoot, runOracle } from "./go.ts";
import type { Random } from "./random.ts";

/** What is sent, as slash paths in the order of names, directories included; or that the client refuses the file. */
export type Sent = readonly string[] | "refused";

export interface IgnoreCase {
  readonly text: string;
  readonly sent: Sent;
}

export const ignoreGolden = join(repositoryRoot, "test", "golden", "ignore.json");

/** The folder that all patterns are tried on. */
export const FILES: readonly string[] = [
  "go.mod",
  "go.sum",
  "main.go",
  "README.md",
  ".env",
  ".git/HEAD",
  ".github/x.yml",
  "a",
  "ab",
  "b/a",
  "b/b/a",
  "cmd/api/main.go",
  "cmd/api/main_test.go",
  "cmd/api/testdata/x.json",
  "cmd/worker/main.go",
  "cmd/README.md",
  "internal/a/a.go",
  "internal/a/b/b.go",
  "internal/a/b/c/c.go",
  "internal/x.go",
  "vendor/modules.txt",
  "docs/a.md",
  "docs/b/a.md",
  "x|y",
  "a.b",
  "a+b",
  "{a}",
  "aa",
  "aaa",
  "[a]",
  "!a",
  "a-b",
  "a*b",
  "é",
  "#x",
];

/** Texts that people write, and those that show a rule. A lone `!`, which Go refuses, is no line to us. */
export const TEXTS: readonly string[] = [
  "",
  "*",
  "**",
  "*\n!go.mod",
  "*\n!go.mod\n!cmd",
  "*\n!cmd/**\n!internal/a/*",
  "*\n!**/*.go",
  "**/*\n!**/*.go",
  "*\n!cmd/api",
  "*\n!cmd/*/main.go",
  "cmd\n!cmd/api/main.go",
  "cmd/*\n!cmd/api",
  "cmd/**\n!cmd/api",
  "cmd/",
  "/cmd",
  "./cmd/../docs/",
  "../cmd",
  "/",
  ".",
  "!go.mod",
  "*\n!.",
  "**/a",
  "**/a/",
  "a/**",
  "**a",
  "a**",
  "**/a/**",
  "**/testdata",
  "*_test.go",
  "**/*_test.go",
  "**/README.md\n!README.md",
  "!README.md\n**/README.md",
  ".git*",
  ".*",
  "b/a",
  "b/**/a",
  "b/**/b",
  "**/b/**",
  "internal/**/*.go",
  "internal/*/b",
  "?",
  "??",
  "a?",
  "[ab]",
  "[a-b]*",
  "[^a]*",
  "a.b",
  "a+b",
  "{a}",
  "{a}*",
  "x|y",
  "x|y*",
  "a{2}*",
  "*a{2}",
  "a{2,3}?",
  "\\!a",
  "!!a",
  "\\a",
  "\\#x",
  "#x",
  " #x",
  "a\\*b",
  "a*b",
  "[*]",
  "[?]",
  "[[]*",
  "[",
  "a[",
  "\\",
  "[]a]",
  "[b-a]",
  "*{2}",
  "\\d*",
  "a-?",
  "é",
  "?*",
  "*/*\n!a/b\n!b/b",
  "*/*/c\n!internal/a/b",
  "docs\n!docs/b\ndocs/b/a.md",
  "*\n!docs\ndocs/b",
  "\uFEFF*.md",
  "[!-\\d]",
  "*\\b{1}",
  "[^b]{1,}",
  "[a]{0,3}*",
  "*a*a*",
  "*a*a*a*a*b",
  "**/a/**/b/**/c*",
  "a{1001}",
  "a\r\nb\r\n",
  "! docs/b \n",
  "docs\n! docs/b",
  "**/b\n!**/a",
  "cmd\n!**/main.go",
  "*.go\n!main.go\nmain*",
  "^a*",
  "a^*",
];

const PARTS = [
  "a",
  "b",
  "*",
  "**",
  "?",
  "cmd",
  "docs",
  "internal",
  "main.go",
  "*.go",
  "a*",
  "[ab]",
  "[^a]",
  "..",
  ".",
];

export function randomText(random: Random): string {
  const lines = Array.from({ length: random.int(4) + 1 }, () => {
    const parts = Array.from({ length: random.int(4) + 1 }, () => random.pick(PARTS));
    return `${random.chance(0.4) ? "!" : ""}${random.chance(0.1) ? "/" : ""}${parts.join(random.chance(0.9) ? "/" : "")}`;
  });
  return lines.join("\n");
}

/** What Go's matcher and walk make of each text. */
export function askGoIgnore(texts: readonly string[]): readonly IgnoreCase[] {
  return inFolder((folder) => {
    const input = texts.map((text) => `${JSON.stringify(text)}\n`).join("");
    const answers = runOracle(["ignore", folder], input).trimEnd().split("\n");
    return answers.map((line, index): IgnoreCase => {
      const { error, shown } = JSON.parse(line) as { error?: string; shown: readonly string[] };
      const refused = error !== undefined && error !== "";
      return { text: texts[index] ?? "", sent: refused ? "refused" : shown.toSorted() };
    });
  });
}

/** The same by our tree. */
export async function sentOf(tree: SourceTree, text: string): Promise<Sent> {
  let seen: SourceTree;
  try {
    seen = ignoring(tree, parseIgnoreFile(text));
  } catch {
    return "refused";
  }
  const paths: string[] = [];
  const walk = async (dir: string): Promise<void> => {
    const [entries] = await seen.list([dir]);
    for (const { name, kind } of entries ?? []) {
      const path = dir === "." ? name : `${dir}/${name}`;
      paths.push(path);
      if (kind === "dir") await walk(path);
    }
  };
  await walk(".");
  return paths.toSorted();
}

/** Asks Go for all texts and keeps the answers for the test without Go; says how many. */
export function writeIgnoreGolden(): string {
  const cases = askGoIgnore(TEXTS);
  writeFileSync(ignoreGolden, `[\n${cases.map((each) => JSON.stringify(each)).join(",\n")}\n]\n`);
  return `golden: ${cases.length} ignore files`;
}

/** Random ignore files, Go against ours; the differences in words. */
export async function compareIgnore(random: Random, count: number): Promise<readonly string[]> {
  const cases = askGoIgnore([...TEXTS, ...Array.from({ length: count }, () => randomText(random))]);
  const folder = mkdtempSync(join(tmpdir(), "go-frontend-ignore-"));
  try {
    fill(folder);
    const tree = remembered(folderTree(folder));
    const found: string[] = [];
    for (const { text, sent } of cases) {
      const ours = JSON.stringify(await sentOf(tree, text));
      if (ours !== JSON.stringify(sent)) {
        found.push(`${JSON.stringify(text)}\n  Go:   ${JSON.stringify(sent)}\n  ours: ${ours}`);
      }
    }
    return found;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Lists a directory once, where it is asked for some ten thousand times. */
function remembered(tree: SourceTree): SourceTree {
  const known = new Map<string, Promise<readonly Entry[] | undefined>>();
  const list = (dir: string): Promise<readonly Entry[] | undefined> => {
    const listed = known.get(dir) ?? tree.list([dir]).then(([entries]) => entries);
    known.set(dir, listed);
    return listed;
  };
  return { ...tree, list: (dirs) => Promise.all(dirs.map(list)) };
}

function inFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "go-frontend-ignore-"));
  try {
    fill(folder);
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function fill(folder: string): void {
  for (const file of FILES) {
    const path = join(folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, "");
  }
}
