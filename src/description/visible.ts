/**
 * Characters that a terminal acts on or does not show: C0 and C1 controls, DEL, bidirectional
 * overrides, zero-width characters, line separators, the byte order mark and lone surrogates.
 */
const unsafe =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Shows every character that could act on a terminal or hide as its code point: `<U+001B>`. */
export function visible(text: string): string {
  return text.replace(unsafe, codePoint);
}

/** As {@link visible}, for text of several lines: line feeds and tabs stay. */
export function visibleText(text: string): string {
  return text.replace(unsafe, (character, at: number) =>
    character === "\n" || character === "\t" || (character === "\r" && text[at + 1] === "\n")
      ? character.replace("\r", "")
      : codePoint(character),
  );
}

/** Data as JSON in which such a character is always escaped, as `\\u202e`. */
export function visibleJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(unsafe, (character) =>
    character === "\n" ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** `<U+001B>` for the first code unit of a text. */
export function codePoint(character: string): string {
  return `<U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}>`;
}

/** The offset of the first character that {@link visible} would show as a code point, but tab and line feed. */
export function firstUnsafe(text: string, allowed = "\t\n"): number | undefined {
  for (const match of text.matchAll(unsafe)) {
    if (!allowed.includes(match[0])) return match.index;
  }
  return undefined;
}

/** The text with U+FFFD for every character that {@link visible} would show as a code point, but tabs and line ends. */
export function printable(text: string): string {
  return text.replace(unsafe, (character, at: number) =>
    character === "\t" || character === "\n" || (character === "\r" && text[at + 1] === "\n")
      ? character
      : "\ufffd",
  );
}

/** No more of an input is ever echoed. */
const ECHO = 80;

/** Cuts a text to 80 characters, by code points, with an ellipsis for what is left out. */
export function short(text: string, most = ECHO): string {
  if (text.length <= most) return text;
  const points: string[] = [];
  // Only as much of a hostile text is walked as can be shown.
  for (const point of text.slice(0, most * 2)) {
    if (points.length === most - 1) break;
    points.push(point);
  }
  return `${points.join("")}…`;
}

/** `"text"`: safe to show, at most 80 characters, in double quotes. */
export function quote(text: string): string {
  return `"${visible(short(text))}"`;
}
