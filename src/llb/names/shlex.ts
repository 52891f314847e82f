import { LlbError } from "./errors.ts";

/**
 * Splits a command line into words by google/shlex's rules: both kinds of quotes, backslash
 * escapes outside quotes and in double quotes, `#` at the start of a word begins a comment.
 *
 * @throws LlbError when a quote or an escape is not finished. (Go drops the error and all words.)
 */
export function splitShell(line: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let i = 0; i < line.length; i++) {
    const char = line[i] ?? "";
    if (char === " " || char === "\t" || char === "\r" || char === "\n") {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (char === "#" && word === undefined) {
      while (i < line.length && line[i] !== "\n") i++;
    } else if (char === "'" || char === '"') {
      word ??= "";
      for (i++; line[i] !== char; i++) {
        if (char === '"' && line[i] === "\\") i++;
        if (i >= line.length) {
          throw new LlbError("", "shlex", `no closing ${char} in ${JSON.stringify(line)}`);
        }
        word += line[i] ?? "";
      }
    } else if (char === "\\") {
      i++;
      if (i >= line.length) {
        throw new LlbError("", "shlex", `nothing follows the backslash in ${JSON.stringify(line)}`);
      }
      word = (word ?? "") + (line[i] ?? "");
    } else {
      word = (word ?? "") + char;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}
