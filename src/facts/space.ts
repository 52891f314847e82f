// Go's unicode.IsSpace: other than JavaScript's \s it holds U+0085 and not U+FEFF.
const SPACE_CLASS = "\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const isSpaceChar = new RegExp(`^[${SPACE_CLASS}]$`, "u");
const words = new RegExp(`[^${SPACE_CLASS}]+`, "gu");

/** Go's unicode.IsSpace, for a UTF-16 code unit. */
export function isSpace(code: number): boolean {
  if (code <= 0x20) return code === 0x20 || (code >= 0x09 && code <= 0x0d);
  return code >= 0x80 && isSpaceChar.test(String.fromCharCode(code));
}

/** Go's strings.TrimSpace. */
export function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

/** Go's strings.Fields. */
export function fields(text: string): readonly string[] {
  return text.match(words) ?? [];
}
