/**
 * An IP address in Go's canonical form (net.IP.String): IPv4 and IPv4-mapped addresses as dotted
 * quads, IPv6 compressed and lower-case. Undefined when the text is no address.
 */
export function canonicalIP(text: string): string | undefined {
  const v4 = parseV4(text);
  if (v4 !== undefined) return v4.join(".");
  const groups = parseV6(text);
  if (groups === undefined) return undefined;
  if (groups.slice(0, 5).every((g) => g === 0) && groups[5] === 0xffff) {
    const [high = 0, low = 0] = groups.slice(6);
    return [high >> 8, high & 255, low >> 8, low & 255].join(".");
  }
  return compress(groups);
}

function parseV4(text: string): readonly number[] | undefined {
  const parts = text.split(".");
  // Go refuses leading zeros, which others read as octal.
  const ok = parts.length === 4 && parts.every((p) => /^(0|[1-9]\d{0,2})$/.test(p) && Number(p) <= 255);
  return ok ? parts.map(Number) : undefined;
}

function parseV6(text: string): readonly number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2 || !text.includes(":")) return undefined;
  const sides: number[][] = [];
  for (const [i, half] of halves.entries()) {
    const side: number[] = [];
    const parts = half === "" ? [] : half.split(":");
    for (const [j, part] of parts.entries()) {
      const isLast = i === halves.length - 1 && j === parts.length - 1;
      const v4 = isLast ? parseV4(part) : undefined;
      if (v4 !== undefined) {
        const [a = 0, b = 0, c = 0, d = 0] = v4;
        side.push((a << 8) | b, (c << 8) | d);
      } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
        side.push(Number.parseInt(part, 16));
      } else return undefined;
    }
    sides.push(side);
  }
  const [before = [], after] = sides;
  if (after === undefined) return before.length === 8 ? before : undefined;
  const gap = 8 - before.length - after.length;
  return gap < 1 ? undefined : [...before, ...Array<number>(gap).fill(0), ...after];
}

/** The longest run of two or more zero groups, the first of equals, becomes `::`. */
function compress(groups: readonly number[]): string {
  let best = { at: -1, length: 1 };
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (at + length < 8 && groups[at + length] === 0) length++;
    if (length > best.length) best = { at, length };
  }
  const hex = (part: readonly number[]): string => part.map((g) => g.toString(16)).join(":");
  return best.at < 0
    ? hex(groups)
    : `${hex(groups.slice(0, best.at))}::${hex(groups.slice(best.at + best.length))}`;
}
