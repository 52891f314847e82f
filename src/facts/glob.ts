/**
 * Go's path.Match (golang/go:src/path/match.go) for one path element: `*`, `?`, `[class]`, `\c`.
 * Answers `undefined` for a malformed pattern. Matching takes at most pattern × name steps.
 */
export function compileGlob(pattern: string): ((name: string) => boolean) | undefined {
  const tokens = parse(Array.from(pattern));
  return tokens === undefined ? undefined : (name) => match(tokens, bytesOf(name));
}

/** Whether a text holds a sign that {@link compileGlob} gives a meaning. */
export function hasGlobMeta(text: string): boolean {
  return /[*?[\\]/.test(text);
}

type Token = "star" | ((character: string) => boolean);

/**
 * What Go reads from a byte on: the character that begins there, or U+FFFD within one, where a star of Go may end too.
 * `inside` stands for the latter: no literal is it.
 */
interface Byte {
  readonly character: string;
  readonly size: number;
}

const inside: Byte = { character: "", size: 1 };

function bytesOf(name: string): readonly Byte[] {
  // No array for each character: a tree may have millions of names compared.
  const bytes: Byte[] = [];
  for (const character of name) {
    const code = codePoint(character);
    const size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    bytes.push({ character, size });
    for (let more = 1; more < size; more++) bytes.push(inside);
  }
  return bytes;
}

function match(tokens: readonly Token[], name: readonly Byte[]): boolean {
  let t = 0;
  let n = 0;
  let star: { readonly token: number; name: number } | undefined;
  for (;;) {
    const token = tokens[t];
    const byte = name[n];
    if (token === undefined && byte === undefined) return true;
    if (token === "star") {
      star = { token: t, name: n };
      t++;
    } else if (token !== undefined && byte !== undefined && token(byte.character)) {
      t++;
      n += byte.size;
    } else if (star !== undefined && star.name < name.length) {
      // Only the last star has to be tried again: what earlier ones took is as good as any other choice.
      star.name++;
      n = star.name;
      t = star.token + 1;
    } else {
      return false;
    }
  }
}

function parse(characters: readonly string[]): readonly Token[] | undefined {
  const tokens: Token[] = [];
  let at = 0;
  /** One character of a class, with Go's escapes; it may be neither bare `-` nor `]`, and something must follow. */
  const classCharacter = (): string | undefined => {
    let c = characters[at];
    if (c === undefined || c === "-" || c === "]") return undefined;
    if (c === "\\") c = characters[++at];
    if (c === undefined || at + 1 >= characters.length) return undefined;
    at++;
    return c;
  };
  const characterClass = (): Token | undefined => {
    const negated = characters[at] === "^";
    if (negated) at++;
    const ranges: (readonly [number, number])[] = [];
    do {
      const low = classCharacter();
      if (low === undefined) return undefined;
      let high: string | undefined = low;
      if (characters[at] === "-") {
        at++;
        high = classCharacter();
      }
      if (high === undefined) return undefined;
      ranges.push([codePoint(low), codePoint(high)]);
    } while (characters[at] !== "]");
    at++;
    return (character) => {
      const code = codePoint(character);
      return ranges.some(([low, high]) => low <= code && code <= high) !== negated;
    };
  };
  while (at < characters.length) {
    const c = characters[at++];
    if (c === "*") {
      tokens.push("star");
    } else if (c === "?") {
      tokens.push((character) => character !== "/");
    } else if (c === "[") {
      const token = characterClass();
      if (token === undefined) return undefined;
      tokens.push(token);
    } else {
      const literal = c === "\\" ? characters[at++] : c;
      if (literal === undefined) return undefined;
      tokens.push((character) => character === literal);
    }
  }
  return tokens;
}

function codePoint(character: string): number {
  return character.codePointAt(0) ?? 0xfffd;
}
