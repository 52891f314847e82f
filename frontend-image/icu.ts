/**
 * A Node binary whose ICU data holds what every locale shares and English, as a Node configured with
 * `--with-intl=small-icu` has it. Gone are the other locales, the word lists of languages written without spaces,
 * the converters of legacy charsets, transliteration and character names: 27 of 32 MB, a third of the compressed
 * image. The file keeps its size and layout; the freed bytes are zeros.
 *
 * @throws Error when the binary has no ICU data package, or one that is laid out differently
 */
export function withSmallIcu(binary: Buffer): Buffer {
  const start = packageStart(binary);
  const table = start + binary.readUInt16LE(start);
  const items = itemsAt(binary, table);
  const last = items.at(-1);
  if (last === undefined) throw new Error("Node's ICU data package is empty");
  const cut = packageOf(items.filter((item) => isKept(item.name)));
  const small = Buffer.from(binary);
  // Where the last item ends is not written anywhere, so its bytes stay.
  const end = table + last.offset;
  if (cut.length > end - table) throw new Error("Node's ICU data did not become smaller");
  small.fill(0, table, end);
  cut.copy(small, table);
  return small;
}

interface Item {
  readonly name: string;
  readonly offset: number;
  readonly data: Buffer;
}

/** Names are `icudt78l/…`: folders for kinds of locale data, locale names as files. */
function isKept(name: string): boolean {
  const path = name.slice(name.indexOf("/") + 1);
  if (/\.(?:cnv|dict)$/.test(path) || /^(?:translit\/|unames\.icu$)/.test(path)) return false;
  const locale = /^(?:[a-z]+\/)?([a-z]{2,3})(_[A-Za-z0-9_]+)?\.res$/.exec(path);
  return (
    locale === null || (locale[1] === "en" && ["", "_US", "_US_POSIX", "_001"].includes(locale[2] ?? ""))
  );
}

/** Where ICU's common data begins: a UDataInfo header of little-endian ASCII data in format `CmnD`. */
function packageStart(binary: Buffer): number {
  const format = Buffer.from("CmnD");
  for (let at = binary.indexOf(format); at >= 0; at = binary.indexOf(format, at + 1)) {
    const start = at - headerFields.format;
    if (start < 0 || binary.readUInt16BE(start + headerFields.magic) !== 0xda27) continue;
    const size = binary.readUInt16LE(start);
    if (binary.subarray(at, start + size).includes("Unicode, Inc.")) return start;
  }
  throw new Error("Node's binary has no ICU data package");
}

// unicode/udata.h, UDataInfo, behind the header's size (2 bytes) and magic (2 bytes).
const headerFields = { magic: 2, format: 12 } as const;

/** The table of contents: a count, and for each item where its name and its data are, from the table's start. */
function itemsAt(binary: Buffer, table: number): readonly Item[] {
  const count = binary.readUInt32LE(table);
  const offsets = Array.from({ length: count }, (_, index) => ({
    name: binary.readUInt32LE(table + 4 + index * 8),
    data: binary.readUInt32LE(table + 8 + index * 8),
  }));
  return offsets.map(({ name, data }, index) => {
    const text = table + name;
    const next = offsets[index + 1]?.data ?? data;
    return {
      name: binary.toString("latin1", text, binary.indexOf(0, text)),
      offset: data,
      data: binary.subarray(table + data, table + next),
    };
  });
}

const aligned = (offset: number): number => Math.ceil(offset / 16) * 16;

/** The same form with these items; they come sorted by name, which ICU's search relies on. */
function packageOf(items: readonly Item[]): Buffer {
  const names = items.map((item) => Buffer.from(`${item.name}\0`, "latin1"));
  const nameBytes = names.reduce((sum, name) => sum + name.length, 0);
  const head = Buffer.alloc(aligned(4 + items.length * 8 + nameBytes));
  head.writeUInt32LE(items.length, 0);
  let nameAt = 4 + items.length * 8;
  let dataAt = head.length;
  const parts: Buffer[] = [head];
  for (const [index, item] of items.entries()) {
    head.writeUInt32LE(nameAt, 4 + index * 8);
    head.writeUInt32LE(dataAt, 8 + index * 8);
    nameAt += names[index]?.copy(head, nameAt) ?? 0;
    parts.push(item.data, Buffer.alloc(aligned(item.data.length) - item.data.length));
    dataAt += aligned(item.data.length);
  }
  return Buffer.concat(parts);
}
