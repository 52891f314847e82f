import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** One entry of a layer; `path` without leading slash, `mode` the permission bits. */
export type TarEntry = Readonly<{ path: string; mode: number; uid?: number; gid?: number }> &
  (
    | Readonly<{ type: "directory" }>
    | Readonly<{ type: "file"; content: Uint8Array | (() => Uint8Array) }>
    | Readonly<{ type: "symlink"; target: string }>
    | Readonly<{ type: "hardlink"; target: string }>
  );

/** All times in stand-ins: 2025-01-01T00:00:00Z, so that the same content gives the same bytes. */
const fixedTime = 1_735_689_600;

/** What of an archive its maker chooses. */
export interface TarForm {
  /** Of every entry, in seconds since 1970. */
  readonly time: number;
  /** Device numbers in every header, as Go's archive/tar and so BuildKit writes them; else those fields are empty. */
  readonly deviceNumbers: boolean;
}

const standInForm: TarForm = { time: fixedTime, deviceNumbers: false };

const block = 512;
const typeFlags = { file: "0", hardlink: "1", symlink: "2", directory: "5", pax: "x" } as const;

const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, "0")}\0`;

const pad = (length: number): Buffer => Buffer.alloc((block - (length % block)) % block);

interface Header {
  readonly name: string;
  readonly prefix: string;
  readonly link: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly flag: string;
  readonly form: TarForm;
}

// POSIX.1-2017 pax, ustar interchange format.
function headerBlock(header: Header): Buffer {
  const buffer = Buffer.alloc(block);
  buffer.write(header.name, 0, 100);
  buffer.write(octal(header.mode, 8), 100);
  buffer.write(octal(header.uid, 8), 108);
  buffer.write(octal(header.gid, 8), 116);
  buffer.write(octal(header.size, 12), 124);
  buffer.write(octal(header.form.time, 12), 136);
  buffer.write("        ", 148); // the checksum is computed with spaces in its own field
  buffer.write(header.flag, 156);
  buffer.write(header.link, 157, 100);
  buffer.write("ustar\u000000", 257);
  if (header.form.deviceNumbers) buffer.write(octal(0, 8) + octal(0, 8), 329);
  buffer.write(header.prefix, 345, 155);
  const sum = buffer.reduce((total, byte) => total + byte, 0);
  buffer.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return buffer;
}

/** Splits a path into ustar's prefix and name at a slash, when it fits at all. */
function splitPath(path: string): readonly [prefix: string, name: string] | undefined {
  if (Buffer.byteLength(path) <= 100) return ["", path];
  for (let slash = path.indexOf("/"); slash > 0; slash = path.indexOf("/", slash + 1)) {
    const [prefix, name] = [path.slice(0, slash), path.slice(slash + 1)];
    const fits = Buffer.byteLength(prefix) <= 155 && name !== "" && Buffer.byteLength(name) <= 100;
    if (fits) return [prefix, name];
  }
  return undefined;
}

/** A pax record counts its own length: `LENGTH key=value\n`. */
function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest;
  while (length !== rest + String(length).length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}

function* entryBlocks(entry: TarEntry, form: TarForm): Generator<Uint8Array> {
  const path = entry.type === "directory" ? `${entry.path}/` : entry.path;
  const link = entry.type === "symlink" || entry.type === "hardlink" ? entry.target : "";
  const content =
    entry.type !== "file"
      ? new Uint8Array()
      : typeof entry.content === "function"
        ? entry.content()
        : entry.content;
  const split = splitPath(path);
  const records =
    (split === undefined ? paxRecord("path", path) : "") +
    (Buffer.byteLength(link) > 100 ? paxRecord("linkpath", link) : "");
  const plain = { prefix: "", link: "", mode: 0o644, uid: 0, gid: 0, form };
  if (records !== "") {
    const data = Buffer.from(records);
    yield headerBlock({ ...plain, name: "pax", size: data.length, flag: typeFlags.pax });
    yield data;
    yield pad(data.length);
  }
  const [prefix, name] = split ?? ["", path.slice(-100)];
  yield headerBlock({
    name,
    prefix,
    link,
    mode: entry.mode,
    uid: entry.uid ?? 0,
    gid: entry.gid ?? 0,
    size: content.length,
    flag: typeFlags[entry.type],
    form,
  });
  if (content.length > 0) {
    yield content;
    yield pad(content.length);
  }
}

/** The bytes of a tar archive of these entries, in this order. */
export function* tarBlocks(entries: Iterable<TarEntry>, form = standInForm): Generator<Uint8Array> {
  for (const entry of entries) yield* entryBlocks(entry, form);
  yield Buffer.alloc(2 * block);
}

/**
 * The entries of a folder on disk, sorted by path, with owners and modes as they are there and further names of
 * one file as hard links. Sockets, devices and pipes do not occur in packages and are left out.
 */
export function folderEntries(folder: string): readonly TarEntry[] {
  const seen = new Map<string, string>();
  const walk = (below: string): readonly TarEntry[] =>
    readdirSync(join(folder, below))
      .toSorted()
      .flatMap((name): readonly TarEntry[] => {
        const path = below === "" ? name : `${below}/${name}`;
        const disk = join(folder, path);
        const stat = lstatSync(disk);
        const common = { path, mode: stat.mode & 0o7777, uid: stat.uid, gid: stat.gid };
        if (stat.isDirectory()) return [{ ...common, type: "directory" }, ...walk(path)];
        if (stat.isSymbolicLink()) return [symlink(path, readlinkSync(disk))];
        if (!stat.isFile()) return [];
        const id = `${stat.dev}:${stat.ino}`;
        const target = stat.nlink > 1 ? seen.get(id) : undefined;
        if (target !== undefined) return [{ ...common, type: "hardlink", target }];
        seen.set(id, path);
        return [{ ...common, type: "file", content: () => readFileSync(disk) }];
      });
  return walk("");
}

export const directory = (path: string, mode = 0o755, owner = 0): TarEntry => ({
  type: "directory",
  path,
  mode,
  uid: owner,
  gid: owner,
});

export const textFile = (path: string, text: string | Uint8Array, mode = 0o644): TarEntry => ({
  type: "file",
  path,
  mode,
  content: typeof text === "string" ? Buffer.from(text) : text,
});

export const symlink = (path: string, target: string): TarEntry => ({
  type: "symlink",
  path,
  mode: 0o777,
  target,
});
