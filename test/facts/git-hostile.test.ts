// Repositories that git would not write: a source tree may hold any bytes.
import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { openCommittedTree } from "../../src/facts/git/committed-tree.ts";
import { differs } from "../../src/facts/git/changes.ts";
import type { GitFiles } from "../../src/facts/git/files.ts";
import { openHistory } from "../../src/facts/git/history.ts";
import { openRepository } from "../../src/facts/git/repository.ts";
import { openObjects } from "../../src/facts/git/objects.ts";
import { openFiles } from "./memory-tree.ts";

interface StubFile {
  readonly size: number;
  readonly read: (offset: number, length: number) => Uint8Array;
}

/** Git's folder from a table of files; and what is read of it. */
function stubFiles(files: ReadonlyMap<string, StubFile>) {
  const seen = { bytes: 0, atOnce: 0, most: 0, paths: [] as string[] };
  const stub: GitFiles = {
    list: (dir) => {
      const names = new Map<string, { readonly kind: "file" | "dir"; readonly size: number }>();
      const folder = dir === "." ? "" : `${dir}/`;
      for (const [path, { size }] of files) {
        if (!path.startsWith(folder)) continue;
        const [name = "", ...below] = path.slice(folder.length).split("/");
        names.set(name, below.length > 0 ? { kind: "dir", size: 0 } : { kind: "file", size });
      }
      return Promise.resolve(names.size === 0 ? undefined : names);
    },
    read: async (path, offset, length) => {
      seen.paths.push(path);
      seen.most = Math.max(seen.most, ++seen.atOnce);
      await new Promise((resolve) => setImmediate(resolve));
      seen.atOnce--;
      const bytes = files.get(path)?.read(offset, length) ?? new Uint8Array();
      seen.bytes += bytes.length;
      return bytes;
    },
  };
  return { stub, seen };
}

function looseObject(
  type: string,
  content: Uint8Array,
): readonly [name: string, path: string, file: StubFile] {
  const raw = Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content]);
  const name = createHash("sha1").update(raw).digest("hex");
  const bytes = deflateSync(raw);
  const path = `objects/${name.slice(0, 2)}/${name.slice(2)}`;
  return [name, path, { size: bytes.length, read: (at, length) => bytes.subarray(at, at + length) }];
}

/** The head of an index of version 2: how many names there are whose first byte is at most so much. */
function indexHead(upTo: (first: number) => number): Buffer {
  const head = Buffer.alloc(8 + 256 * 4);
  head.writeUInt32BE(0xff744f63, 0);
  head.writeUInt32BE(2, 4);
  for (let first = 0; first < 256; first++) head.writeUInt32BE(upTo(first), 8 + first * 4);
  return head;
}

const none = indexHead(() => 0);
const emptyPack: StubFile = { size: 1000, read: (_at, length) => new Uint8Array(length) };

test.each([0, 1, 19])("a tree whose last entry has %d bytes of a name tells nothing", async (bytes) => {
  const [tree, treePath, treeFile] = looseObject(
    "tree",
    Buffer.concat([Buffer.from("40000 cmd\0"), Buffer.alloc(bytes)]),
  );
  const [commit, commitPath, commitFile] = looseObject(
    "commit",
    Buffer.from(`tree ${tree}\ncommitter c <c@example.com> 1700000000 +0000\n\nm\n`),
  );
  const { stub } = stubFiles(
    new Map([
      [treePath, treeFile],
      [commitPath, commitFile],
      [
        "objects/pack/pack-1.idx",
        { size: 8 + 256 * 4, read: (at, length) => none.subarray(at, at + length) },
      ],
      ["objects/pack/pack-1.pack", emptyPack],
    ]),
  );
  const source = openFiles({ "cmd/main.go": "package main\n" });
  const committed = (await openCommittedTree(openHistory(stub), commit)) ?? expect.fail("no commit");
  expect(await differs(committed, source, ".", ["cmd/main.go"])).toBeUndefined();
});

test("an index that names more objects than its pack can hold is not read", async () => {
  const count = 40_000_000;
  const head = indexHead((first) => (first < 0xab ? 0 : count));
  const index: StubFile = {
    size: count * 28,
    read: (at, length) => Buffer.concat([head.subarray(at), Buffer.alloc(length)]).subarray(0, length),
  };
  const { stub, seen } = stubFiles(
    new Map([
      ["objects/pack/pack-1.idx", index],
      ["objects/pack/pack-1.pack", emptyPack],
    ]),
  );
  expect(await openObjects(stub).read("ab".repeat(20))).toBeUndefined();
  expect(seen.bytes).toBeLessThan(1 << 20);
});

test("few objects are unpacked at the same time: each may take megabytes", async () => {
  const objects = Array.from({ length: 300 }, (_, at) => looseObject("blob", Buffer.from(`${at}`)));
  const { stub, seen } = stubFiles(new Map(objects.map(([, path, file]) => [path, file])));
  const opened = openObjects(stub);
  const read = await Promise.all(objects.map(([name]) => opened.read(name)));
  expect(read.map((object) => Buffer.from(object?.bytes ?? []).toString())).toEqual(
    objects.map((_object, at) => `${at}`),
  );
  expect(seen.most).toBeLessThanOrEqual(16);
});

test("what several services ask for alike is read once", async () => {
  const file = (text: string): StubFile => ({
    size: text.length,
    read: (at, length) => Buffer.from(text).subarray(at, at + length),
  });
  const [blob] = looseObject("blob", Buffer.from("package main\n"));
  const [tree, treePath, treeFile] = looseObject(
    "tree",
    Buffer.concat([Buffer.from("100644 main.go\0"), Buffer.from(blob, "hex")]),
  );
  const [commit, commitPath, commitFile] = looseObject(
    "commit",
    Buffer.from(`tree ${tree}\ncommitter c <c@example.com> 1700000000 +0000\n\nm\n`),
  );
  const { stub, seen } = stubFiles(
    new Map([
      ["HEAD", file("ref: refs/heads/main\n")],
      ["packed-refs", file(`${commit} refs/heads/main\n${commit} refs/tags/v1.2.3\n`)],
      ["config", file('[remote "origin"]\n\turl = https://example.com/shop.git\n')],
      [treePath, treeFile],
      [commitPath, commitFile],
    ]),
  );
  const goMod = (): Promise<string> => Promise.resolve("module example.com/shop\n");
  const repository = openRepository({ worktree: stub, common: stub, context: ".", goMod });
  const source = openFiles({ "main.go": "package main\n" });
  const service = async () => {
    const head = (await repository.head()) ?? expect.fail("no head");
    return Promise.all([
      repository.describe(head),
      repository.tags(head),
      repository.source(),
      repository.version(head, { path: "example.com/shop", dir: "." }),
      repository.differs(head, source, ["main.go"]),
    ]);
  };
  const told = [{ tag: "v1.2.3", commits: 0 }, ["v1.2.3"], "https://example.com/shop.git", "v1.2.3", false];
  expect(await Promise.all([service(), service(), service()])).toEqual([told, told, told]);
  // The commit is read as the head, and as what a tag names.
  const once = ["HEAD", "packed-refs", "config", treePath, commitPath];
  expect(seen.paths.toSorted()).toEqual([...once, commitPath].toSorted());
});
