import { locatedArguments, readReplaces } from "./go-mod.ts";
import { readModLines } from "./lines.ts";
import type { GoWorkFile, ModParseError } from "./types.ts";

/** Reads go.work. Rules: golang.org/x/mod/modfile/work.go. */
export function parseGoWork(file: string, text: string): GoWorkFile {
  const { lines, errors: syntax } = readModLines(text);
  const errors: ModParseError[] = [...syntax];
  return {
    file,
    go: locatedArguments(lines, "go")[0],
    toolchain: locatedArguments(lines, "toolchain")[0],
    godebug: locatedArguments(lines, "godebug"),
    use: locatedArguments(lines, "use"),
    replace: readReplaces(lines, errors),
    errors,
  };
}
