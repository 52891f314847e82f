import { short, type Source, visible } from "../description/index.ts";

/** A file as clients print it around what is wrong with it. */
export interface SourceInfo {
  readonly filename: string;
  readonly language: string;
  readonly data: Uint8Array;
}

/** A file for BuildKit's clients, cut to what they need for an excerpt. */
export function sourceInfo({ filename, text }: Source, language: "YAML" | ""): SourceInfo {
  return { filename, language, data: new TextEncoder().encode(excerptText(text)) };
}

/** More of a line says nothing more of an error. */
const EXCERPT_WIDTH = 200;

/**
 * A text as clients print it around an error. Clients print it unchanged: a binary file named by mistake must
 * not drive the terminal, nor a line of 200 KiB fill it.
 */
export function excerptText(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) =>
      short(
        line
          .slice(0, 4 * EXCERPT_WIDTH)
          .split("\t")
          .map(visible)
          .join("\t"),
        EXCERPT_WIDTH,
      ),
    )
    .join("\n");
}
