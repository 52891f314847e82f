// What is asked of a tree in one turn goes out together, and lists wait for what files say.
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { Entry, SourceTree } from "../../src/facts/index.ts";
import { inRounds } from "../../src/facts/rounds.ts";

interface Recording extends SourceTree {
  /** Each call with what it asked for, in order. */
  readonly calls: readonly string[];
}

/** A tree that takes some turns for a file: as many as its name is long. */
function recording(): Recording {
  const calls: string[] = [];
  const entry: Entry = { name: "x.go", kind: "file", size: 1 };
  return {
    calls,
    list: async (dirs) => {
      calls.push(`list ${dirs.join(" ")}`);
      await turn();
      if (dirs.includes("lost")) throw new Error("connection lost");
      return dirs.map(() => [entry]);
    },
    listPackages: async (dirs) => {
      calls.push(`packages ${dirs.join(" ")}`);
      await turn();
      return dirs.map(() => ({ entries: [entry], goMods: new Map() }));
    },
    read: (ranges) => {
      calls.push(`read ${ranges.map(({ path }) => path).join(" ")}`);
      return ranges.map(async ({ path }) => {
        for (let left = path.length; left > 0; left--) await turn();
        if (path === "bad") throw new Error("no such file");
        return new TextEncoder().encode(path);
      });
    },
  };
}

function open() {
  const tree = recording();
  let levels = 0;
  const rounds = inRounds(tree, () => levels++);
  const read = (path: string): Promise<Uint8Array> => rounds.read({ path, offset: 0, length: 1 });
  return { ...rounds, read, calls: tree.calls, levels: () => levels };
}

describe("one turn", () => {
  test("is one call for each kind of question, those that come some awaits later among them", async () => {
    const { list, listPackage, calls, levels } = open();
    const late = async (): Promise<void> => {
      await Promise.resolve();
      await Promise.resolve();
      await list("late");
    };
    await Promise.all([list("a"), listPackage("p"), list("b"), late(), listPackage("q")]);
    expect(calls).toEqual(["list a b late", "packages p q"]);
    expect(levels()).toBe(1);
  });

  test("hands each answer to whoever asked", async () => {
    const { read } = open();
    const texts = await Promise.all(["abc", "a", "ab"].map(read));
    expect(texts.map((bytes) => new TextDecoder().decode(bytes))).toEqual(["abc", "a", "ab"]);
  });
});

describe("lists", () => {
  test("wait for all reads, and for those that a read leads to", async () => {
    const { list, read, calls, levels } = open();
    const short = async (): Promise<void> => {
      await read("a");
      await list("after a");
    };
    const long = async (): Promise<void> => {
      await read("abcd");
      await read("more");
      await list("after more");
    };
    await Promise.all([short(), long()]);
    expect(calls).toEqual(["read a abcd", "read more", "list after a after more"]);
    expect(levels()).toBe(1);
  });

  test("wait for the lists before them", async () => {
    const { list, calls } = open();
    const first = list("a");
    await turn();
    await Promise.all([first, list("b"), list("c")]);
    expect(calls).toEqual(["list a", "list b c"]);
  });

  test("do not hold up reads", async () => {
    const { list, read, calls } = open();
    const first = list("a");
    await turn();
    await Promise.all([read("x"), first]);
    expect(calls).toEqual(["list a", "read x"]);
  });
});

describe("a failure", () => {
  test("of a list is that of all who asked in its round, and of no later one", async () => {
    const { list } = open();
    const outcomes = await Promise.allSettled([list("lost"), list("a")]);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(await list("a")).toHaveLength(1);
  });

  test("of a read is its own", async () => {
    const { list, read } = open();
    const outcomes = await Promise.allSettled([read("bad"), read("good"), list("a")]);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
  });
});
