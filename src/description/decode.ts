import { type Diagnostic, errorAt } from "./diagnostic.ts";
import { linesOf, type Source } from "./position.ts";
import { codePoint, firstUnsafe, printable } from "./visible.ts";

/** No more of a description is read. A reader fetches at most one byte more and lets {@link decode} say the rest. */
export const MAX_BYTES = 256 * 1024;

/** Either text that is fit for the YAML parser, or what is wrong with the bytes. `source` can be shown in both cases. */
export interface Decoded {
  readonly source: Source;
  readonly problem?: Diagnostic | undefined;
}

/**
 * Bytes to text, for hostile input: at most {@link MAX_BYTES}, UTF-8 (one leading byte order mark
 * is left out), not empty, without control characters other than tab, line feed and carriage
 * return before it, and without characters that hide what a text says.
 */
export function decode(filename: string, bytes: Uint8Array): Decoded {
  // Whoever shows a text that was refused need not know what is in it; offsets stay as they are.
  const failed = (text: string, problem: Diagnostic): Decoded => ({
    source: { filename, text: printable(text) },
    problem,
  });

  if (bytes.length > MAX_BYTES) {
    return failed(
      "",
      errorAt("GF028", `the description is larger than ${MAX_BYTES / 1024} KiB`, {
        file: filename,
        range: linesOf("").range(0, 0),
        help: "check that -f names the description; a real one is a few hundred lines at most",
      }),
    );
  }
  if (isUtf16(bytes)) {
    return failed(
      "",
      errorAt("GF029", "the description is not text: it is UTF-16", {
        file: filename,
        range: linesOf("").range(0, 0),
        help: "check that -f names the description, and save it as UTF-8",
      }),
    );
  }

  const text = new TextDecoder("utf-8").decode(bytes);
  const lines = linesOf(text);
  const zero = bytes.indexOf(0);
  if (zero >= 0) {
    // Whatever comes before the byte: it is as long in the text as alone.
    const offset = new TextDecoder("utf-8").decode(bytes.subarray(0, zero)).length;
    return failed(
      text,
      errorAt("GF029", `the description is not text: byte ${zero} is zero`, {
        file: filename,
        range: lines.range(offset, offset + 1),
        help: "check that -f names the description, and save it as UTF-8",
      }),
    );
  }
  const invalid = firstInvalid(bytes);
  if (invalid !== undefined) {
    // What comes before is well-formed, so its length in the text is known; U+FFFD stands at the place itself.
    const offset = new TextDecoder("utf-8").decode(bytes.subarray(0, invalid)).length;
    return failed(
      text,
      errorAt("GF029", `byte ${invalid} of the description is not UTF-8`, {
        file: filename,
        range: lines.range(offset, offset + 1),
        help: "save the file as UTF-8",
      }),
    );
  }
  if (/^\s*$/.test(text)) {
    return failed(
      text,
      errorAt("GF027", "the description is empty", {
        file: filename,
        range: lines.range(0, 0),
        help: "the smallest description is one line: `# syntax=org/go-frontend`",
      }),
    );
  }
  const hidden = hiddenCharacter(text);
  if (hidden !== undefined) {
    const character = text.slice(hidden, hidden + 1);
    const message =
      character === "\r"
        ? "a carriage return stands alone, which ends no line in a description"
        : `the description holds the control or invisible character ${codePoint(character)}`;
    return failed(
      text,
      errorAt("GF029", message, {
        file: filename,
        range: lines.range(hidden, hidden + 1),
        help: character === "\r" ? "end lines with a line feed" : "remove it",
      }),
    );
  }
  return { source: { filename, text } };
}

function isUtf16([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}

/** The index of the first byte of the first ill-formed sequence (The Unicode Standard, table 3-7). */
function firstInvalid(bytes: Uint8Array): number | undefined {
  let at = 0;
  while (at < bytes.length) {
    const [length, low, high] = sequence(bytes[at] ?? 0);
    if (length === 0) return at;
    for (let next = 1; next < length; next++) {
      const byte = bytes[at + next] ?? 0;
      if (byte < (next === 1 ? low : 0x80) || byte > (next === 1 ? high : 0xbf)) return at;
    }
    at += length;
  }
  return undefined;
}

/** Length of the sequence that a byte starts (0: none), and the bounds of its second byte. */
function sequence(first: number): readonly [length: number, low: number, high: number] {
  if (first < 0x80) return [1, 0, 0];
  if (first >= 0xc2 && first <= 0xdf) return [2, 0x80, 0xbf];
  if (first === 0xe0) return [3, 0xa0, 0xbf];
  if (first === 0xed) return [3, 0x80, 0x9f];
  if (first >= 0xe1 && first <= 0xef) return [3, 0x80, 0xbf];
  if (first === 0xf0) return [4, 0x90, 0xbf];
  if (first >= 0xf1 && first <= 0xf3) return [4, 0x80, 0xbf];
  if (first === 0xf4) return [4, 0x80, 0x8f];
  return [0, 0, 0];
}

function hiddenCharacter(text: string): number | undefined {
  const lone = /\r(?!\n)/.exec(text)?.index;
  const other = firstUnsafe(text, "\t\n\r");
  if (lone === undefined) return other;
  return other === undefined ? lone : Math.min(lone, other);
}
