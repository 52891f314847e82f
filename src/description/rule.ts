import { type Parsed, parsed, refused } from "../oci/index.ts";
import type { Code } from "./codes.ts";
import { firstUnsafe, quote } from "./visible.ts";

/**
 * What is wrong with a value. `message` is a predicate to be put behind the key's name, unless
 * `whole` says that it is a sentence of its own.
 */
export interface Problem {
  readonly code?: Code | undefined;
  readonly message: string;
  readonly help: string;
  readonly whole?: true | undefined;
}

/** Reads a value of the right type: what it means, or what is wrong with it. Linear in the value's length. */
export type Rule<Written, Value = Written> = (written: Written) => Parsed<Value, Problem>;

export const LONGEST_TEXT = 4096;

/** Any text of a value: one line, printable, at most 4 KiB. */
export const plainText: Rule<string> = (value) => {
  if (value.length > LONGEST_TEXT) return tooLong(LONGEST_TEXT);
  const at = firstUnsafe(value, "");
  if (at === undefined) return parsed(value);
  return refused({
    message: `holds a control or invisible character (${quote(value.slice(at, at + 1))})`,
    help:
      value[at] === "\n"
        ? "write one line; a block scalar (`|`) always ends with a line break, `|-` does not"
        : "leave the character out",
  });
};

/** What is said of a text that has more characters than it may. */
export function tooLong(most: number): Parsed<never, Problem> {
  return refused({ message: `is longer than ${most} characters`, help: "write a shorter one" });
}

/** A rule made of a pattern; `what` ends the sentence "… is not what (…)". */
export function shaped(pattern: RegExp, what: string, help: string, most = 256): Rule<string> {
  return (value) => {
    if (value.length > most) return tooLong(most);
    return pattern.test(value)
      ? parsed(value)
      : refused({ message: `is not ${what} (${quote(value)})`, help });
  };
}
