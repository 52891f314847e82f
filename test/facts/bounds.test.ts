// A tree may be hostile: what is read and held of it has bounds, whatever it says of itself.
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import {
  detectModule,
  openTree,
  scanServices,
  type Entry,
  type FileRange,
  type SourceTree,
} from "../../src/facts/index.ts";
import { scanService, usedSince } from "../support/scan-service.ts";
import { BOUNDS, gate, type Bounds } from "../../src/facts/bounds.ts";
import { unquote } from "../../src/facts/go-strings.ts";
import { placesIn } from "../../src/facts/text-places.ts";

const MIB = 1 << 20;
const goMod = "module example.test/app\n\ngo 1.26\n";

/** Texts, and files that go on in spaces, made when they are read: the test holds none of them whole. */
type Made = Readonly<Record<string, { readonly size: number; readonly head: string } | string>>;

interface Watched extends SourceTree {
  /** The most bytes that were asked for and not yet given, and all that were given. */
  readonly seen: { atOnce: number; sum: number; readonly paths: Set<string> };
}

function watched(files: Made): Watched {
  const seen = { atOnce: 0, sum: 0, paths: new Set<string>() };
  let open = 0;
  const sizeOf = (path: string): number => {
    const file = files[path];
    return typeof file === "string" ? file.length : (file?.size ?? 0);
  };
  return {
    seen,
    list: (dirs) => Promise.all(dirs.map(list)),
    read: (ranges) => ranges.map(read),
  };

  function list(dir: string): Promise<readonly Entry[] | undefined> {
    const prefix = dir === "." ? "" : `${dir}/`;
    const below = Object.keys(files).filter((path) => path.startsWith(prefix));
    const entries = new Map<string, Entry>();
    for (const path of below) {
      const [name = "", ...rest] = path.slice(prefix.length).split("/");
      const isDir = rest.length > 0;
      entries.set(name, { name, kind: isDir ? "dir" : "file", size: isDir ? 0 : sizeOf(path) });
    }
    return Promise.resolve(below.length === 0 ? undefined : [...entries.values()]);
  }

  async function read({ path, offset, length }: FileRange): Promise<Uint8Array> {
    const count = Math.max(0, Math.min(length, sizeOf(path) - offset));
    open += length;
    seen.atOnce = Math.max(seen.atOnce, open);
    seen.sum += count;
    seen.paths.add(path);
    await new Promise((resolve) => setImmediate(resolve));
    open -= length;
    const file = files[path];
    if (typeof file === "string") return Buffer.from(file).subarray(offset, offset + count);
    const bytes = Buffer.alloc(count, " ");
    bytes.write((file?.head ?? "").slice(offset));
    return bytes;
  }
}

/** A line comment that goes on to the file's end. */
const comment = (size: number) => ({ size, head: "//" });

async function scan(files: Made, bounds: Partial<Bounds> = {}) {
  const source = watched({ "go.mod": goMod, ...files });
  const tree = openTree(source, { ...BOUNDS, ...bounds });
  const detected = await detectModule(tree);
  if (!detected.ok) throw new Error(detected.diagnostics.map(({ message }) => message).join());
  const { module } = detected;
  const before = { ...tree.budget.used };
  const facts = await scanService(tree, {
    module,
    main: ".",
    platforms: [{ os: "linux", architecture: "amd64" }],
  });
  return { facts, seen: source.seen, used: usedSince(before, tree.budget.used) };
}

describe("Go files", () => {
  const main = 'package main\n\nimport _ "example.test/app/big"\n\nfunc main() {}\n';

  test("whose heads do not end are read to a bound, few at a time, and the modules are sent whole", async () => {
    const count = 12;
    const big = Array.from({ length: count }, (_, index) => [`big/f${index}.go`, comment(8 * MIB)] as const);
    const { facts, seen } = await scan({ "main.go": main, ...Object.fromEntries(big) });
    expect([facts.complete, facts.diagnostics.map(({ code }) => code)]).toEqual([false, ["GF019"]]);
    expect(seen.atOnce).toBeLessThanOrEqual(BOUNDS.atOnce);
    // Once one is cut, no other is read behind its first kilobytes.
    expect(seen.sum).toBeLessThanOrEqual(2 * BOUNDS.sourceFile + count * 8 * 1024 + 1024);
  });

  test("with a megabyte of comment above are followed exactly", async () => {
    const text = `//${" ".repeat(MIB)}\npackage big\n\nimport _ "example.test/app/deep"\n`;
    const { facts } = await scan({
      "main.go": main,
      "big/f.go": text,
      "deep/d.go": "package deep\n",
    });
    expect([facts.complete, facts.files]).toEqual([true, ["big/f.go", "deep/d.go", "go.mod", "main.go"]]);
  });

  test("that import embed and are larger than the bound may name more files than are known", async () => {
    const text = `package big\n\nimport _ "embed"\n\n//go:embed x\nvar x string\n${" ".repeat(3 * MIB)}`;
    const { facts } = await scan({ "main.go": main, "big/f.go": text, "big/x": "" });
    expect(facts.complete).toBe(false);
  });

  test("of which a thousand are read at once do not add up", async () => {
    const many = Array.from({ length: 1000 }, (_, index) => {
      return [`big/f${index}.go`, `package big\n//${" ".repeat(30_000)}\n`] as const;
    });
    const { facts, seen } = await scan({ "main.go": main, ...Object.fromEntries(many) });
    expect(facts.complete).toBe(true);
    expect(seen.atOnce).toBeLessThanOrEqual(BOUNDS.atOnce);
  });
});

describe("more than any service has", () => {
  const main = 'package main\n\nimport _ "example.test/app/big"\n\nfunc main() {}\n';
  const numbered = (count: number, of: (index: number) => string): string =>
    Array.from({ length: count }, (_, index) => of(index)).join("");

  test.each([
    [
      "imports of one file",
      `package big\n\nimport (\n${numbered(2001, (at) => `\t"a.example/p${at}"\n`)})\n`,
    ],
    ["lines of go:generate", `package big\n\n${numbered(2001, (at) => `//go:generate tool x${at}.go\n`)}`],
    [
      "patterns of go:embed",
      `package big\n\nimport _ "embed"\n${numbered(2001, (at) => `//go:embed x${at}\n`)}`,
    ],
    ["comments above import C", `package big\n\n/*\n${" ".repeat(70_000)}\n*/\nimport "C"\n`],
  ])("%s: the modules are sent whole", async (_what, text) => {
    const { facts } = await scan({ "main.go": main, "big/f.go": text });
    expect([facts.complete, facts.diagnostics.map(({ code }) => code)]).toEqual([false, ["GF019"]]);
  });

  test("source files: no more of them are read", async () => {
    const many = Object.fromEntries(
      Array.from({ length: BOUNDS.files + 100 }, (_, at) => [`big/f${at}.go`, "package big\n"]),
    );
    const { facts, seen } = await scan({ "main.go": main, ...many });
    expect(facts.complete).toBe(false);
    expect(seen.paths.size).toBeLessThanOrEqual(BOUNDS.files + 2);
  });

  test("names in directories", async () => {
    const many = Object.fromEntries(Array.from({ length: BOUNDS.names }, (_, at) => [`big/f${at}.txt`, ""]));
    const { facts } = await scan({ "main.go": main, "big/f.go": "package big\n", ...many });
    expect(facts.complete).toBe(false);
  });
});

describe("what leads ever deeper", () => {
  const nested = (count: number): string => Array.from({ length: count }, (_, at) => `d${at}`).join("/");
  const steps = Array.from({ length: 400 }, (_, at) => at);

  test.each([
    [
      "directories that are embedded",
      {
        "main.go": 'package main\n\nimport "embed"\n\n//go:embed data\nvar x embed.FS\n\nfunc main() {}\n',
        [`data/${nested(400)}/x.txt`]: "x",
      },
    ],
    [
      "a pattern of as many elements",
      {
        "main.go": `package main\n\nimport "embed"\n\n//go:embed ${nested(400)}/*\nvar x embed.FS\n\nfunc main() {}\n`,
        [`${nested(400)}/x.txt`]: "x",
      },
    ],
    [
      "headers, each in a folder of its own",
      {
        "main.go": "package main\n\nfunc main() {}\n",
        "asm_amd64.s": '#include "h0/h.h"\n',
        ...Object.fromEntries(steps.map((at) => [`h${at}/h.h`, `#include "../h${at + 1}/h.h"\n`])),
      },
    ],
    [
      "imports",
      {
        "main.go": 'package main\n\nimport _ "example.test/app/p0"\n\nfunc main() {}\n',
        ...Object.fromEntries(
          steps.map((at) => [`p${at}/p.go`, `package p\n\nimport _ "example.test/app/p${at + 1}"\n`]),
        ),
      },
    ],
  ])("%s: is followed as far as there are levels", async (_what, files) => {
    const { facts, seen, used } = await scan(files);
    expect([facts.complete, facts.diagnostics.map(({ code }) => code)]).toEqual([false, ["GF019"]]);
    expect(used.levels).toBeLessThanOrEqual(BOUNDS.levels + 2);
    expect(seen.paths.size).toBeLessThanOrEqual(BOUNDS.levels + 5);
  });

  test("more directories than are listed: the modules are sent whole", async () => {
    const { facts, used } = await scan(
      {
        "main.go": `package main\n\nimport (\n${steps.map((at) => `\t_ "example.test/app/p${at}"\n`).join("")})\n\nfunc main() {}\n`,
        ...Object.fromEntries(steps.map((at) => [`p${at}/p.go`, "package p\n"])),
      },
      { dirs: 100 },
    );
    expect([facts.complete, facts.diagnostics.map(({ code }) => code)]).toEqual([false, ["GF019"]]);
    expect(used.dirs).toBeLessThanOrEqual(401);
  });
});

test("the services of a description share the bounds: where one meets them, all are sent whole", async () => {
  const many = Array.from({ length: 30 }, (_, at) => at);
  const importing = (paths: readonly string[]): string =>
    `package main\n\nimport (\n${paths.map((path) => `\t_ "example.test/app/${path}"\n`).join("")})\n\nfunc main() {}\n`;
  const source = watched({
    "go.mod": goMod,
    "cmd/large/main.go": importing(many.map((at) => `p${at}`)),
    "cmd/small/main.go": importing(["p0"]),
    ...Object.fromEntries(many.map((at) => [`p${at}/p.go`, "package p\n"])),
  });
  const tree = openTree(source, { ...BOUNDS, files: 20 });
  const detected = await detectModule(tree);
  if (!detected.ok) throw new Error("no module");
  const facts = await scanServices(
    tree,
    ["cmd/large", "cmd/small"].map((main) => ({
      module: detected.module,
      main,
      platforms: [{ os: "linux", architecture: "amd64" }],
    })),
  );
  const message =
    "the import closures of the services are together too large to be followed exactly; the modules of the tree are sent whole";
  expect(
    facts.map(({ complete, diagnostics }) => [complete, ...diagnostics.map((found) => found.message)]),
  ).toEqual([
    [false, message],
    [false, message],
  ]);
});

describe("headers and assembly", () => {
  test("are read to the bound", async () => {
    const { facts, seen } = await scan({
      "main.go": "package main\n\nfunc main() {}\n",
      "asm_amd64.s": comment(6 * MIB),
      "asm.h": comment(6 * MIB),
    });
    expect(facts.complete).toBe(false);
    expect(seen.sum).toBeLessThanOrEqual(2 * BOUNDS.sourceFile + 1024);
  });
});

describe("module files", () => {
  const line = `example.test/some/other/module v1.2.3 h1:${"A".repeat(43)}=\n`;

  test.each([
    ["go.sum", BOUNDS.sumFile, "2 MiB"],
    ["go.mod", BOUNDS.moduleFile, "1 MiB"],
    ["go.work", BOUNDS.moduleFile, "1 MiB"],
  ])("%s over the bound is an error at once, and is not read", async (name, most, words) => {
    const tree = watched({
      "go.mod": goMod,
      "main.go": "package main\n\nfunc main() {}\n",
      [name]: { size: most + 1, head: goMod },
    });
    const found = await detectModule(openTree(tree));
    expect(found).toMatchObject({
      ok: false,
      diagnostics: [
        {
          code: "GF016",
          file: name,
          position: { line: 1, column: 1 },
          message: `${name} has ${words}; at most ${words} are read`,
        },
      ],
    });
    expect(tree.seen.paths).not.toContain(name);
  });

  test("just below it is read whole", async () => {
    const most = Math.floor(BOUNDS.sumFile / line.length);
    const lines = Array.from({ length: most }, (_, index) => line.replace("v1.2.3", `v1.${index}.${index}`));
    const text = lines.join("").slice(0, BOUNDS.sumFile);
    const tree = watched({ "go.mod": goMod, "go.sum": text });
    const found = await detectModule(openTree(tree));
    expect(found.ok && found.module.sums.has("example.test/some/other/module", "v1.7.7")).toBe(true);
    expect(tree.seen.sum).toBe(text.length + goMod.length);
  });

  test("of many modules have a bound together", async () => {
    const modules = Array.from({ length: 15 }, (_, index) => `m${index}`);
    const padding = "/".repeat(0.9 * MIB);
    const tree = watched({
      "go.mod": goMod,
      "go.work": `go 1.26\n\nuse (\n\t.\n${modules.map((name) => `\t./${name}\n`).join("")})\n`,
      ...Object.fromEntries(
        modules.map((name) => [`${name}/go.mod`, `module example.test/${name}\n\ngo 1.26\n//${padding}\n`]),
      ),
    });
    const found = await detectModule(openTree(tree));
    expect(found.ok).toBe(false);
    expect(found.diagnostics[0]?.message).toMatch(
      /^with go\.mod the module files of this description have more than 12 MiB/,
    );
  });
});

describe("patterns of go:embed", () => {
  test.each([
    ["that match nothing", (index: number) => `*${index}?.bin`],
    ["that all name one directory", (index: number) => `data[1x${index}]`],
  ])("times names %s are tried to a bound", async (_what, patternOf) => {
    const all = Array.from({ length: 3000 }, (_, index) => index);
    const lines = all
      .slice(0, 1500)
      .map((index) => `//go:embed ${patternOf(index)}\n`)
      .join("");
    const { facts } = await scan({
      "main.go": `package main\n\nimport "embed"\n\n${lines}var x embed.FS\n\nfunc main() {}\n`,
      ...Object.fromEntries(all.map((index) => [`f${index}.txt`, "x"])),
      "data1/x.txt": "x",
    });
    // Slower, not wrong: the modules of the tree are sent whole.
    expect(facts.complete).toBe(false);
  });

  test("without wildcards cost as much as there are of them", async () => {
    const all = Array.from({ length: 1500 }, (_, index) => `f${index}.txt`);
    const lines = all.map((name) => `//go:embed ${name}\n`).join("");
    const { facts } = await scan({
      "main.go": `package main\n\nimport "embed"\n\n${lines}var x embed.FS\n\nfunc main() {}\n`,
      ...Object.fromEntries(all.map((name) => [name, "x"])),
    });
    expect([facts.complete, facts.files.length]).toEqual([true, all.length + 2]);
  });
});

describe("one line", () => {
  test("of twenty thousand places is looked through once", () => {
    const text = "x ".repeat(20_000);
    const search = vi.spyOn(String.prototype, "indexOf");
    try {
      const placeOf = placesIn(text);
      for (let at = 0; at < text.length; at += 2) expect(placeOf(at).column).toBe(at + 1);
      expect(search.mock.calls.filter(([what]) => what === "\n").length).toBeLessThanOrEqual(2);
    } finally {
      search.mockRestore();
    }
  });

  test("may be a string of megabytes with an escape in it", () => {
    expect(unquote(`"\\x41${"b".repeat(3 * MIB)}"`)?.length).toBe(3 * MIB + 1);
  });
});

describe("gate", () => {
  test("never lets in more than fits, keeps the order, and gives what the work gives", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 40 }), async (sizes) => {
        const enter = gate(10);
        let inside = 0;
        const begun: number[] = [];
        const given = await Promise.all(
          sizes.map((size, index) =>
            enter(size, async () => {
              begun.push(index);
              inside += Math.min(size, 10);
              expect(inside).toBeLessThanOrEqual(10);
              await new Promise((resolve) => setImmediate(resolve));
              inside -= Math.min(size, 10);
              return index;
            }),
          ),
        );
        expect(given).toEqual(sizes.map((_, index) => index));
        expect(begun).toEqual(given);
      }),
    );
  });

  test("goes on after a failure", async () => {
    const enter = gate(1);
    await expect(enter(1, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await enter(1, () => Promise.resolve(2))).toBe(2);
  });
});
