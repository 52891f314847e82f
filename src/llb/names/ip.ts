/**
 * An IP address in Go's canonical form (net.IP.String): IPv4 and IPv4-mapped addresses as dotted
 * quads, IPv6 compressed and lower-case. Undefined when the text is no address.
 */
export function canonicalIP(text: string): string | undefined {
  // Go refuses leading zeros, which others read as octal.
  if (/^(?:(?:0|[1-9][0-9]{0,2})(?:\.(?!$)|$)){4}$/.test(text)) {
    return text.split(".").every((part) => Number(part) <= 255) ? text : undefined;
  }
  // A URL's host is canonical, but for addresses that stand for one of IPv4.
  if (!/^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*$/.test(text) || !URL.canParse(`http://[${text}]`)) return undefined;
  const address = new URL(`http://[${text}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(address) ?? [];
  if (high === undefined || low === undefined) return address;
  const bits = (Number.parseInt(high, 16) << 16) | Number.parseInt(low, 16);
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join(".");
}
