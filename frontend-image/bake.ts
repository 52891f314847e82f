// Fills Node's compile cache, with the same bytes every time. Runs in the image that is being built, on its Node:
//
//   node bake.ts OUT ENTRY [LAUNCHER…]      LAUNCHER is what starts a Node here: qemu's path, or nothing
//
// A cache written by a plain run differs from run to run, because V8's hash seed is random. With --hash-seed it does
// not, but V8 stores a hash of its flags with the code, and would refuse the cache in a process without that flag.
// Making the flag part of the image's command costs 6 ms a start (Node's own code cache is refused then). So the
// cache is written with the flag and gets the flag hash that a run without it has; the last run proves that V8
// takes it. The same run compiles all functions, not only those that loading calls: a build runs each of them once,
// so compiling them is a third of its CPU time; the cache grows from 0.7 to 1.9 MB (0.5 MB compressed) for it.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { crc32 } from "node:zlib";

// node:src/compile_cache.cc: magic, code size, cache size, code hash, cache hash (both CRC-32), then V8's data.
const codeHash = 12;
const cacheHash = 16;
const data = 20;
// v8:src/snapshot/code-serializer.h, SerializedCodeData: magic, version hash, source hash, flag hash, …
const flagHash = data + 12;

/** The compile cache of one run: the one folder in it is named after Node, V8's version and flags, and the uid. */
function warm(
  folder: string,
  flags: readonly string[],
): { readonly tag: string; readonly files: readonly CacheFile[] } {
  const [command, ...args] = [...launcher, process.execPath, ...flags, "-e", loadAll];
  const env = { NODE_COMPILE_CACHE: folder, GO_FRONTEND_WARM: "1" };
  const run = spawnSync(command, args, { env, stdio: ["ignore", "ignore", "inherit"] });
  if (run.status !== 0) {
    throw new Error(`the warm run ended with ${run.status ?? run.signal ?? String(run.error)}`);
  }
  const [tag, ...others] = readdirSync(folder);
  if (tag === undefined || others.length > 0) {
    throw new Error("the warm run left no compile cache, or more than one");
  }
  const names = readdirSync(join(folder, tag)).toSorted();
  const files = names.map((name) => ({ name, bytes: readFileSync(join(folder, tag, name)) }));
  // Without the script that loads the parts.
  return { tag, files: files.filter(({ bytes }) => hashes.has(bytes.readUInt32LE(codeHash))) };
}

interface CacheFile {
  readonly name: string;
  readonly bytes: Buffer;
}

const [out = "", entry = "", ...launcher] = process.argv.slice(2);
// Also the parts that only some builds load; the entry ends the process once it has loaded what all need.
const parts = readdirSync(dirname(entry)).filter((name) => name.endsWith(".cjs"));
const hashes = new Set(parts.map((name) => crc32(readFileSync(join(dirname(entry), name)))));
const loadAll = [...parts.map((name) => join(dirname(entry), name)).filter((path) => path !== entry), entry]
  .map((path) => `require(${JSON.stringify(path)});`)
  .join("");
const seeded = warm(mkdtempSync(join(tmpdir(), "seeded-")), [
  "--hash-seed=1",
  "--no-lazy",
  "--no-flush-bytecode",
]);
const plain = warm(mkdtempSync(join(tmpdir(), "plain-")), []);
mkdirSync(join(out, plain.tag), { recursive: true });
for (const { name, bytes } of seeded.files) {
  const counterpart = plain.files.find((file) => file.name === name)?.bytes;
  if (counterpart === undefined) throw new Error(`two warm runs cached different files: ${name}`);
  counterpart.copy(bytes, flagHash, flagHash, flagHash + 4);
  bytes.writeUInt32LE(crc32(bytes.subarray(data)), cacheHash);
  writeFileSync(join(out, plain.tag, name), bytes, { mode: 0o600 });
}
if (seeded.files.length !== parts.length) {
  throw new Error("the warm run did not load all parts of the bundle");
}
// Node writes anew what it did not take.
const again = mkdtempSync(join(tmpdir(), "again-"));
cpSync(out, again, { recursive: true });
const used = warm(again, []);
for (const { name, bytes } of used.files) {
  if (!bytes.equals(seeded.files.find((file) => file.name === name)?.bytes ?? Buffer.alloc(0))) {
    throw new Error(
      `Node ${process.version} does not take the compile cache of ${name}: has its format changed?`,
    );
  }
}
