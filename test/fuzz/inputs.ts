// Inputs for fuzz targets: words of a grammar in any order, right texts with a few edits, and any bytes.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";

const encoder = new TextEncoder();

export const bytesOf = (text: string): Uint8Array => encoder.encode(text);
export const textOf = (bytes: Uint8Array): string => decoder.decode(bytes);
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Where the corpus is: a folder for each target, a file for each input that once was a finding. */
export const corpusFolder: string = join(import.meta.dirname, "corpus");

/** What was found before. */
export function corpusOf(target: string): readonly Uint8Array[] {
  try {
    const folder = join(corpusFolder, target);
    return readdirSync(folder)
      .toSorted()
      .map((file) => readFileSync(join(folder, file)));
  } catch {
    return [];
  }
}

/** Texts and bytes that every parser should have seen. */
const spoilers: readonly string[] = [
  "",
  "\0",
  "\r",
  "\r\n",
  "\n",
  "\t",
  " ",
  "\u00a0",
  "\u2028",
  "\u202e",
  "\ufeff",
  "\ufffd",
  "\u001b[2J",
  "é",
  "日本",
  "🙂",
  "-",
  "--",
  "/",
  "//",
  "..",
  "../",
  "\\",
  '"',
  "'",
  "`",
  "$",
  "${",
  "{",
  "}",
  "[",
  "]",
  "(",
  ")",
  "*",
  "**",
  "?",
  "!",
  "^",
  "|",
  "#",
  "%",
  "&",
  ":",
  ",",
  ";",
  "=",
  "=>",
  "0",
  "-1",
  "1e999",
  "99999999999999999999",
  "null",
  "__proto__",
  "constructor",
];

/**
 * Inputs of a text format.
 *
 * @param target whose corpus is part of it
 * @param words of the grammar
 * @param seeds whole texts that are right
 */
export function textInputs(
  target: string,
  words: readonly string[],
  seeds: readonly string[],
): fc.Arbitrary<Uint8Array> {
  const all = [...words, ...spoilers];
  const soup = fc
    .array(fc.constantFrom(...words, ...words, ...all), { maxLength: 40 })
    .map((parts) => bytesOf(parts.join("")));
  const times = fc.oneof({ weight: 20, arbitrary: fc.nat(40) }, { weight: 1, arbitrary: fc.nat(3000) });
  const repeated = fc
    .record({
      before: fc.constantFrom(...all),
      word: fc.constantFrom(...all),
      times,
      after: fc.constantFrom(...all),
    })
    .map(({ before, word, times, after }) => bytesOf(before + word.repeat(times) + after));
  return fc.oneof(
    { weight: 5, arbitrary: soup },
    { weight: 6, arbitrary: mutated([...seeds.map(bytesOf), ...corpusOf(target)], all.map(bytesOf)) },
    { weight: 1, arbitrary: repeated },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 80 }) },
  );
}

/** Inputs of a binary format. */
export function binaryInputs(
  target: string,
  words: readonly Uint8Array[],
  seeds: readonly Uint8Array[],
): fc.Arbitrary<Uint8Array> {
  const soup = fc
    .array(fc.constantFrom(...words), { maxLength: 20 })
    .map((parts) => new Uint8Array(Buffer.concat(parts)));
  return fc.oneof(
    { weight: 3, arbitrary: soup },
    { weight: 6, arbitrary: mutated([...seeds, ...corpusOf(target)], words) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 120 }) },
  );
}

interface Edit {
  readonly how: "byte" | "bit" | "word" | "cut" | "double" | "end" | "other";
  readonly at: number;
  readonly length: number;
  readonly value: number;
}

/** A seed with up to eight edits. */
export function mutated(
  seeds: readonly Uint8Array[],
  words: readonly Uint8Array[],
): fc.Arbitrary<Uint8Array> {
  const edit: fc.Arbitrary<Edit> = fc.record({
    how: fc.constantFrom("byte", "bit", "word", "word", "cut", "double", "end", "other"),
    at: fc.nat(0xffff),
    length: fc.nat(40),
    value: fc.nat(0xffff),
  });
  return fc
    .record({ seed: fc.nat(Math.max(0, seeds.length - 1)), edits: fc.array(edit, { maxLength: 8 }) })
    .map(({ seed, edits }) =>
      edits.reduce((bytes, each) => applied(each, bytes, words, seeds), seeds[seed] ?? new Uint8Array()),
    );
}

/** More only slows the search down: what grows with size has limits, and tests of its own. */
const most = 64 * 1024;

function applied(
  { how, at: anywhere, length, value }: Edit,
  bytes: Uint8Array,
  words: readonly Uint8Array[],
  seeds: readonly Uint8Array[],
): Uint8Array {
  const at = anywhere % (bytes.length + 1);
  const splice = (drop: number, put: Uint8Array): Uint8Array =>
    bytes.length + put.length > most
      ? bytes
      : new Uint8Array(Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + drop)]));
  switch (how) {
    case "byte":
      return splice(1, Uint8Array.of(value & 0xff));
    case "bit":
      return splice(1, Uint8Array.of((bytes[at] ?? 0) ^ (1 << (value & 7))));
    case "word":
      return splice(
        value % 3 === 0 ? length : 0,
        words[value % Math.max(1, words.length)] ?? new Uint8Array(),
      );
    case "cut":
      return splice(length, new Uint8Array());
    case "double":
      return splice(0, bytes.subarray(at, at + length * 8));
    case "end":
      return bytes.subarray(0, at);
    case "other": {
      const other = seeds[value % Math.max(1, seeds.length)] ?? new Uint8Array();
      const start = (length * 37) % (other.length + 1);
      return splice(0, other.subarray(start, start + length * 8));
    }
  }
}
