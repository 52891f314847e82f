// Writes src/plan/helper-files.ts: the Go sources of the build helper as text, so that the plan room carries
// them without touching a file system, bundled or not. The Go sources are the truth; the file is kept in git and a
// test holds it to them.
//
//   node scripts/gen-helper.ts
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const room = fileURLToPath(new URL("../src/plan/", import.meta.url));
const sources = join(room, "helper");

/** Where the generated module stands. */
export const helperModule: string = join(room, "helper-files.ts");

/** The text of `src/plan/helper-files.ts` that the Go sources of this moment ask for. */
export function helperModuleText(): string {
  const files = helperPaths().map((path) => {
    const text = readFileSync(join(sources, path), "utf8");
    return `  {\n    path: ${JSON.stringify(path)},\n    text: ${literal(text)},\n  },\n`;
  });
  return `// Made from src/plan/helper by scripts/gen-helper.ts: do not edit.

/** The Go module of the build helper: every file that \`go build\` needs, sorted by path. */
export const HELPER_FILES: readonly { readonly path: string; readonly text: string }[] = [
${files.join("")}];
`;
}

/** Slash-separated, without tests: they are for the repository's own checks. */
function helperPaths(): readonly string[] {
  return readdirSync(sources, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => /(?:^|\/)(?:[^/]+\.go|go\.mod|go\.sum)$/.test(path))
    .filter((path) => !path.endsWith("_test.go") && !path.split("/").includes("testdata"))
    .toSorted();
}

/** A string literal in the quotes that need fewer escapes, which is what the formatter wants. */
function literal(text: string): string {
  const count = (quote: string): number => text.split(quote).length - 1;
  const double = JSON.stringify(text);
  if (count('"') <= count("'")) return double;
  return `'${double.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

if (import.meta.main) writeFileSync(helperModule, helperModuleText());
