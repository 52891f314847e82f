import { directiveReader } from "./directives.ts";
import { readModLines } from "./lines.ts";
import { readReplaces } from "./replace.ts";
import type { GoWorkFile, ModParseError } from "./types.ts";

/** Reads go.work. Rules: golang.org/x/mod/modfile/work.go. */
export function parseGoWork(file: string, text: string): GoWorkFile {
  const read = readModLines(text);
  const errors: ModParseError[] = [...read.errors];
  const { single, many, godebug, directives } = directiveReader(read, blocks, errors);
  return {
    file,
    go: single("go"),
    toolchain: single("toolchain"),
    godebug: godebug(),
    use: many("use", "./directory"),
    replace: readReplaces(read.lines, "go.work", errors),
    directives,
    errors,
  };
}

const blocks: ReadonlySet<string> = new Set(["godebug", "use", "replace"]);
