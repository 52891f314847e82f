// The client's folder as a source tree: what is asked of the client, and that planning sees the same as on disk.
import { describe, expect, test } from "vitest";
import { type FileRange, openTree } from "../../../src/facts/index.ts";
import { fetchRoot } from "../../../src/frontend/context/context-root.ts";
import { localTree } from "../../../src/frontend/context/local-tree.ts";
import { remoteTree } from "../../../src/frontend/context/remote-tree.ts";
import { inspect, planBuild } from "../../../src/plan/index.ts";
import { parseDescription } from "../../../src/description/index.ts";
import { exampleDescriptions, plainRequest, planExample, planFiles, shop } from "../../plan/support.ts";
import { recordingClient, reference, tableOf, tableOfFolder, type Table } from "../support.ts";

const whole = (path: string): FileRange => ({ path, offset: 0, length: 1 << 20 });

/** Plans over a client that holds the table. */
async function planOver(
  table: Table,
  text: string,
  target: string,
  canListOnly: boolean,
  file = "service.yaml",
) {
  const parsed = parseDescription({ filename: file, bytes: new TextEncoder().encode(text) });
  if (!parsed.ok) throw new Error("the description is wrong");
  const client = recordingClient(table);
  const request = { ...plainRequest, target };
  const inspected = await inspect(parsed.located, openTree(localTree(client.fetch, canListOnly)), request);
  return { plan: planBuild(parsed.located, inspected, request), transfers: client.transfers };
}

describe.each(exampleDescriptions())("examples/$name/$file", (example) => {
  test.each([true, false])("is planned as on disk (names without content: %s)", async (canListOnly) => {
    const table = tableOfFolder(example.folder);
    for (const [target, onDisk] of await planExample(example)) {
      const { plan } = await planOver(table, example.text, target, canListOnly, example.file);
      expect(plan).toEqual(onDisk.plan);
    }
  });
});

describe("a monorepo of thousands of files", () => {
  const crowd = Object.fromEntries(
    Array.from({ length: 4000 }, (_, index) => [
      `team${index % 40}/pkg${index % 400}/f${index}.go`,
      "package x\n",
    ]),
  );
  const data = {
    "assets/big.bin": "x".repeat(1 << 20),
    "cmd/orders/testdata/big.json": "{}",
    "docs/a/b/c.md": "x",
  };
  const table = tableOf({ ...crowd, ...data, ...shop });

  test("is not walked: only directories of the import graph are listed, in few transfers", async () => {
    const { plan, transfers } = await planOver(table, shop["service.yaml"], "orders", true);
    expect(plan).toEqual((await planFiles(shop, { target: "orders" })).plan);
    expect(transfers.length).toBeLessThanOrEqual(8);
    const named = new Set(transfers.flatMap((each) => each.named));
    expect([...named].filter((path) => path.startsWith("team") && path.includes("/"))).toEqual([]);
    for (const { include } of transfers) for (const path of include) expect(path).not.toMatch(/[*?[]/);
  });

  test("sends the content of Go and module files alone, and no tests", async () => {
    const { transfers } = await planOver(table, shop["service.yaml"], "orders", true);
    const sent = [...new Set(transfers.flatMap((each) => each.sent))].toSorted();
    expect(sent).toEqual([
      "cmd/orders/main.go",
      "cmd/worker/main.go",
      "go.mod",
      "go.sum",
      "internal/job/job.go",
      "internal/money/money.go",
      "internal/store/store.go",
    ]);
  });

  test("each transfer has a role of its own: what is compared with the last build is alike", async () => {
    const { transfers } = await planOver(table, shop["service.yaml"], "orders", true);
    const roles = transfers.map((each) => each.role);
    expect(new Set(roles).size).toBe(roles.length);
    const again = await planOver(table, shop["service.yaml"], "orders", true);
    expect(again.transfers.map(({ role, include }) => [role, include])).toEqual(
      transfers.map(({ role, include }) => [role, include]),
    );
  });
});

describe("the tree", () => {
  const files = {
    "a/b/c/deep.go": "package c\n",
    "a/x.go": "package a\n",
    "a/b/y.go": "package b\n",
    "z.txt": "z",
  };

  test.each([true, false])("lists a directory without what lies below (%s)", async (canListOnly) => {
    const { fetch, transfers } = recordingClient(tableOf(files));
    const tree = localTree(fetch, canListOnly);
    const [root, a, b, none] = await tree.list([".", "a", "a/b", "nowhere"]);
    const names = (entries: typeof root) => entries?.map(({ name, kind }) => `${kind} ${name}`).toSorted();
    expect(names(root)).toEqual(["dir a", "file z.txt"]);
    expect(names(a)).toEqual(["dir b", "file x.go"]);
    expect(names(b)).toEqual(["dir c", "file y.go"]);
    expect(none).toBeUndefined();
    expect(transfers.flatMap((each) => each.sent)).not.toContain("a/b/c/deep.go");
  });

  test("lists what is in cmd together with it, unless one of its directories is asked for", async () => {
    const commands = {
      "cmd/a/main.go": "package main\n",
      "cmd/b/main.go": "package main\n",
      "cmd/b/sub/x.go": "package sub\n",
    };
    const all = recordingClient(tableOf(commands));
    const tree = localTree(all.fetch, true);
    await tree.list(["cmd"]);
    expect((await tree.list(["cmd/b"]))[0]?.map(({ name }) => name).toSorted()).toEqual(["main.go", "sub"]);
    await tree.list(["cmd/a"]);
    await tree.read([whole("cmd/a/main.go")])[0];
    expect(all.transfers.flatMap((each) => each.sent).toSorted()).toEqual(["cmd/a/main.go", "cmd/b/main.go"]);
    expect(all.transfers.length).toBe(1);

    const one = recordingClient(tableOf(commands));
    const other = localTree(one.fetch, true);
    await other.list(["cmd", "cmd/a"]);
    expect(one.transfers.flatMap((each) => each.sent)).toEqual(["cmd/a/main.go"]);
  });

  test("reads Go files of the root in a transfer of their own when the root was listed early", async () => {
    const { fetch, transfers } = recordingClient(
      tableOf({ "go.mod": "module x\n", "main.go": "package main\n", "b.go": "package main\n" }),
    );
    const tree = localTree(fetch, true, await fetchRoot(fetch));
    expect((await tree.list(["."]))[0]?.length).toBe(3);
    const read = await Promise.all(tree.read(["go.mod", "main.go", "b.go"].map(whole)));
    expect(read.map((bytes) => new TextDecoder().decode(bytes))).toEqual([
      "module x\n",
      "package main\n",
      "package main\n",
    ]);
    expect(transfers.map(({ sent }) => sent)).toEqual([["go.mod"], ["b.go", "main.go"]]);
  });

  test("tells an empty directory from none", async () => {
    const table = new Map([["empty", undefined]]);
    const tree = localTree(recordingClient(table).fetch, true);
    expect(await tree.list(["empty"])).toEqual([[]]);
    expect(await tree.list(["other"])).toEqual([undefined]);
  });

  test("reads what came with a listing without asking again, and the rest in one more transfer", async () => {
    const { fetch, transfers } = recordingClient(
      tableOf({ ...files, "a/data.bin": "12345", "a/more.txt": "abc" }),
    );
    const tree = localTree(fetch, true);
    await tree.list(["a"]);
    expect(new TextDecoder().decode(await tree.read([whole("a/x.go")])[0])).toBe("package a\n");
    expect(transfers).toHaveLength(1);
    const [data, more] = await Promise.all(
      tree.read([{ path: "a/data.bin", offset: 1, length: 3 }, whole("a/more.txt")]),
    );
    expect([data, more].map((bytes) => new TextDecoder().decode(bytes))).toEqual(["234", "abc"]);
    expect(transfers).toHaveLength(2);
    expect(transfers[1]?.include).toEqual(["a/data.bin", "a/more.txt"]);
    await expect(tree.read([whole("a/missing.txt")])[0]).rejects.toThrow("no such file");
  });

  test("goes straight to packages: one transfer, no tests, and only go.mod of what is above", async () => {
    const { fetch, transfers } = recordingClient(
      tableOf({
        ...files,
        "a/b/y_test.go": "package b\n",
        "a/b/data.bin": "1",
        "s/go.mod": "module s\n",
        "s/other.go": "package s\n",
        "s/t/u/v.go": "package u\n",
        "s/t/w/x.go": "package w\n",
      }),
    );
    const tree = localTree(fetch, true);
    const [b, u, none] = (await tree.listPackages?.(["a/b", "s/t/u", "s/t/nowhere"])) ?? [];
    expect(transfers).toHaveLength(1);
    expect(transfers[0]?.named.filter((path) => path.includes("."))).toEqual([
      "a/b/data.bin",
      "a/b/y.go",
      "s/go.mod",
      "s/t/u/v.go",
    ]);
    expect(b?.entries.map(({ name }) => name)).toEqual(["c", "data.bin", "y.go"]);
    expect([...(b?.goMods.keys() ?? [])]).toEqual([]);
    expect(u?.entries.map(({ name }) => name)).toEqual(["v.go"]);
    expect([...(u?.goMods.keys() ?? [])]).toEqual(["s"]);
    expect(none).toBeUndefined();
    expect(new TextDecoder().decode(await tree.read([whole("s/go.mod")])[0])).toBe("module s\n");
    expect(transfers).toHaveLength(1);
  });

  test("a package below another one is not hidden by it", async () => {
    const { fetch } = recordingClient(tableOf(files));
    const tree = localTree(fetch, true);
    const [a, b, c] = (await tree.listPackages?.(["a", "a/b", "a/b/c"])) ?? [];
    expect([a, b, c].map((each) => each?.entries.map(({ name }) => name))).toEqual([
      ["b", "x.go"],
      ["c", "y.go"],
      ["deep.go"],
    ]);
  });

  test("takes odd names as names, not as patterns", async () => {
    const odd = { "we[ird]*/x.go": "package x\n", "weird/y.go": "package y\n", "!not/z.go": "package z\n" };
    const { fetch, transfers } = recordingClient(tableOf(odd));
    const tree = localTree(fetch, true);
    expect((await tree.list(["we[ird]*"]))[0]?.map(({ name }) => name)).toEqual(["x.go"]);
    expect((await tree.list(["!not"]))[0]?.map(({ name }) => name)).toEqual(["z.go"]);
    expect(transfers.flatMap((each) => each.named)).not.toContain("weird/y.go");
  });
});

test("a tree on the builder needs no transfer", async () => {
  const tree = remoteTree(reference(tableOf({ "a/x.go": "package a\n", "go.mod": "module x\n" })));
  expect((await tree.list(["."]))[0]?.map(({ name, kind }) => `${kind} ${name}`)).toEqual([
    "dir a",
    "file go.mod",
  ]);
  expect(await tree.list(["nowhere"])).toEqual([undefined]);
  expect(await tree.list(["go.mod"])).toEqual([undefined]);
  expect(new TextDecoder().decode(await tree.read([{ path: "a/x.go", offset: 8, length: 1 }])[0])).toBe("a");
});

test("directories that hold more names than are listed at once are an error", async () => {
  const table = tableOf({ "go.mod": "module x\n", "main.go": "package main\n" });
  const { fetch } = recordingClient(table);
  const crowded: typeof fetch = async (request) => {
    const found = await fetch(request);
    return { ...found, readFile: (_path, { length = 0 } = {}) => Promise.resolve(Buffer.alloc(length)) };
  };
  await expect(localTree(crowded, true).list(["."])).rejects.toThrow(
    "GF085 the directories that this build looks into hold more files than are listed at once",
  );
});

describe("files whose times do not tell their contents apart", () => {
  const files = { "go.mod": "module x\n", "a/x.go": "package a\n", "b/y.go": "package b\n" };
  const seconds = 1_700_000_000_000_000_000;
  const sent = async (modTime: number): Promise<readonly [role: string, anew: boolean][]> => {
    const { fetch, transfers } = recordingClient(tableOf(files), modTime);
    const tree = localTree(fetch, true, undefined);
    await tree.list(["a"]);
    await tree.list(["b"]);
    await Promise.allSettled(tree.read([whole("a/data.bin")]));
    return transfers.map(({ role, anew }) => [role, anew]);
  };

  test("are sent again, whole, and so is all that follows", async () => {
    expect(await sent(seconds)).toEqual([
      ["facts-0", false],
      ["facts-0", true],
      ["facts-1", true],
      ["read-0", true],
    ]);
  });

  test("are not, where a file system gave the times; what was not listed is", async () => {
    expect(await sent(seconds + 256)).toEqual([
      ["facts-0", false],
      ["facts-1", false],
      ["read-0", true],
    ]);
  });

  test("are asked for with other patterns, else BuildKit would take both transfers for one", async () => {
    const { fetch, transfers } = recordingClient(tableOf(files), seconds);
    await localTree(fetch, true).list(["a"]);
    const keys = transfers.map(({ include, exclude, content }) =>
      JSON.stringify([include, exclude, content]),
    );
    expect(new Set(keys).size).toBe(2);
  });

  test("come from the root, which is always sent whole, without a second transfer", async () => {
    const { fetch, transfers } = recordingClient(tableOf(files), seconds);
    const root = await fetchRoot(fetch);
    await localTree(fetch, true, root).list(["a"]);
    expect(transfers.map(({ role, anew }) => [role, anew])).toEqual([
      ["root", true],
      ["facts-0", true],
    ]);
  });

  test("are sent whole by a builder that cannot list names alone", async () => {
    const { fetch, transfers } = recordingClient(tableOf(files));
    await localTree(fetch, false).list(["a"]);
    expect(transfers.map(({ anew }) => anew)).toEqual([true]);
  });
});
