// Writes src/plan/generated/helper-files.ts: the Go sources of the build helper as text, so that the plan room carries
// them without touching a file system, bundled or not. `scripts/run.mjs` runs it when a source changed.
//
// The text is part of the key of nearly every step. So it holds no comments and no empty lines: a comment that is
// worded anew compiles nothing again.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const room = fileURLToPath(new URL("../src/plan/", import.meta.url));
const sources = join(room, "helper");

/** The generated module's text, from the Go sources of this moment. */
export function helperModuleText(): string {
  const files = helperPaths().map((path) => {
    const text = readFileSync(join(sources, path), "utf8");
    return { path, text: path.endsWith(".go") ? withoutComments(text) : text };
  });
  const [forC, forAll] = [files.filter(isForC), files.filter((file) => !isForC(file))];
  return `// Made from src/plan/helper by scripts/gen-helper.ts: do not edit.

interface File {
  readonly path: string;
  readonly text: string;
}

/** The Go module of the build helper: every file that \`go build\` needs, sorted by path. */
export const HELPER_FILES: readonly File[] = ${JSON.stringify(forAll, undefined, 2)};

/** What builds with cgo have beside them. */
export const HELPER_C_FILES: readonly File[] = ${JSON.stringify(forC, undefined, 2)};
`;
}

const isForC = ({ path }: { readonly path: string }): boolean => path.startsWith("c_");

/** Slash-separated, without tests: they are for the repository's own checks. */
function helperPaths(): readonly string[] {
  return readdirSync(sources, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => /(?:^|\/)(?:[^/]+\.go|go\.mod|go\.sum)$/.test(path))
    .filter((path) => !path.endsWith("_test.go") && !path.split("/").includes("testdata"))
    .toSorted();
}

/**
 * Go source without comments and empty lines; directives (`//go:…`) stay, and so do all line breaks that end a
 * statement (https://go.dev/ref/spec, "Comments" and "Semicolons").
 */
export function withoutComments(source: string): string {
  // Raw strings, strings and runes are passed over whole; what is left of `/` begins a comment.
  const token =
    /(`[^`]*`|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|^\/\/go:[^\n]*)|\/\/[^\n]*|\/\*[\s\S]*?\*\/|[ \t]+$|\n(?=[ \t]*\n)/gm;
  const code = source.replace(token, (found, whole: string | undefined) => {
    if (whole !== undefined) return whole;
    // A comment over several lines ends a statement as a line break does.
    return found.startsWith("/*") && found.includes("\n") ? "\n" : found.startsWith("/*") ? " " : "";
  });
  // A line that held only a comment is empty by now.
  const literal = /(`[^`]*`|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|[ \t]*\n(?:[ \t]*\n)*/g;
  return code.replace(literal, (_found, whole: string | undefined) => whole ?? "\n").replace(/^\n+/, "");
}

if (import.meta.main) {
  mkdirSync(join(room, "generated"), { recursive: true });
  writeFileSync(join(room, "generated", "helper-files.ts"), helperModuleText());
}
