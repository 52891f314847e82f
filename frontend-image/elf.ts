/**
 * An ELF executable or library without what only linkers and debuggers read: the symbol table, debug sections and
 * the section headers themselves. Kept is what the program headers name, byte for byte, so it runs as before.
 *
 * Done here and not by a `strip` from somewhere, because the result must not depend on which one a machine has.
 *
 * @throws Error for anything but a little-endian ELF64 file, which amd64 and arm64 both use
 */
export function withoutSections(elf: Uint8Array): Buffer {
  const bytes = Buffer.from(elf.buffer, elf.byteOffset, elf.byteLength);
  if (
    bytes.length < header.size ||
    bytes.readUInt32BE(0) !== magic ||
    bytes[4] !== elf64 ||
    bytes[5] !== littleEndian
  ) {
    throw new Error("not a little-endian ELF64 file");
  }
  const end = segments(bytes).reduce<number>(
    (last, { offset, fileSize }) => Math.max(last, offset + fileSize),
    header.size,
  );
  if (end > bytes.length) throw new Error("the ELF file is cut off");
  const stripped = Buffer.from(bytes.subarray(0, end));
  stripped.writeBigUInt64LE(0n, header.sectionTable);
  stripped.writeUInt16LE(0, header.sectionCount);
  stripped.writeUInt16LE(0, header.sectionNames);
  return stripped;
}

// ELF-64 Object File Format, version 1.5: file header and program header.
const magic = 0x7f454c46;
const elf64 = 2;
const littleEndian = 1;
const header = {
  size: 0x40,
  programTable: 0x20,
  sectionTable: 0x28,
  programEntrySize: 0x36,
  programCount: 0x38,
  sectionCount: 0x3c,
  sectionNames: 0x3e,
} as const;
const program = { offset: 0x08, fileSize: 0x20 } as const;

function segments(bytes: Buffer): readonly Readonly<{ offset: number; fileSize: number }>[] {
  const table = Number(bytes.readBigUInt64LE(header.programTable));
  const size = bytes.readUInt16LE(header.programEntrySize);
  return Array.from({ length: bytes.readUInt16LE(header.programCount) }, (_, index) => {
    const entry = table + index * size;
    return {
      offset: Number(bytes.readBigUInt64LE(entry + program.offset)),
      fileSize: Number(bytes.readBigUInt64LE(entry + program.fileSize)),
    };
  });
}
