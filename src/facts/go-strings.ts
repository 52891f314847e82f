/** Go string literals, unquoted: only what import paths and embed patterns need. */

/** Length of the quoted literal that `text` starts with (`"` or `` ` ``), or `undefined` when it does not end. */
export function quotedLength(text: string): number | undefined {
  if (text[0] === "`") {
    const end = text.indexOf("`", 1);
    return end < 0 ? undefined : end + 1;
  }
  for (let i = 1; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === '"') return i + 1;
    else if (text[i] === "\n") return undefined;
  }
  return undefined;
}

/** Value of a whole literal, quotes included; `undefined` when Go rejects it. */
export function unquote(literal: string): string | undefined {
  const body = literal.slice(1, -1);
  if (literal.startsWith("`")) return body.replaceAll("\r", "");
  if (!body.includes("\\")) return body;
  const parts: Uint8Array[] = [];
  const pattern =
    /\\(?:([abfnrtv\\"])|x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))|([^\\]+)/uy;
  while (pattern.lastIndex < body.length) {
    const match = pattern.exec(body);
    if (match === null) return undefined;
    const [, simple, hex, octal, short, long, plain] = match;
    if (simple !== undefined) parts.push(Uint8Array.of(simpleEscapes[simple] ?? 0));
    else if (hex !== undefined) parts.push(Uint8Array.of(Number.parseInt(hex, 16)));
    else if (octal !== undefined) parts.push(Uint8Array.of(Number.parseInt(octal, 8) & 0xff));
    else if (plain !== undefined) parts.push(encoder.encode(plain));
    else {
      const code = Number.parseInt(short ?? long ?? "", 16);
      if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined;
      parts.push(encoder.encode(String.fromCodePoint(code)));
    }
  }
  return decoder.decode(joined(parts));
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

const simpleEscapes: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  "\\": 92,
  '"': 34,
};
