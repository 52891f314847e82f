// How often planning waits for a tree: each round is a transfer from the client, whatever it asks for.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { parseDescription } from "../../src/description/index.ts";
import { detectModule, findMains, resolveMain, type SourceTree, openTree } from "../../src/facts/index.ts";
import { scanService } from "../support/scan-service.ts";
import { localTree } from "../../src/frontend/context/local-tree.ts";
import { inspect } from "../../src/plan/index.ts";
import { recordingClient, tableOfFolder } from "../frontend/support.ts";
import { exampleDescriptions, plainRequest, shop } from "../plan/support.ts";
import { fixtures, type Fixture, type FixtureFile } from "./fixtures/index.ts";
import { link } from "./fixtures/types.ts";
import { memoryTree, type MemoryTree } from "./memory-tree.ts";

/** Rounds of lists and of reads: of a tree that goes straight to packages, and of one that lists every directory. */
type Rounds = readonly [lists: number, reads: number];

const rounds = ({ rounds: all }: MemoryTree): Rounds => [
  all.filter(({ kind }) => kind === "list").length,
  all.filter(({ kind }) => kind === "read").length,
];

/** The same tree, which lists directories and no packages. */
function withoutPackages(tree: MemoryTree): SourceTree {
  return { list: (dirs) => tree.list(dirs), read: (ranges) => tree.read(ranges) };
}

/** Everything that a build asks of a tree. */
async function ask(source: SourceTree, { module: dir = ".", main, tags = [], ...fixture }: Fixture) {
  const tree = openTree(source);
  const detected = await detectModule(tree, dir);
  if (!detected.ok) throw new Error("no module");
  const { module } = detected;
  const platforms = fixture.platforms ?? [
    { os: "linux", architecture: "amd64" },
    { os: "windows", architecture: "amd64" },
  ];
  await Promise.all([
    findMains(tree, module, { platforms }),
    resolveMain(tree, module, `./${relative(dir, main)}`, { platforms }),
  ]);
  await scanService(tree, { module, main, platforms, tags, goVersion: "1.26" });
}

describe("golden trees", () => {
  const expected: Readonly<Record<string, readonly [packages: Rounds, directories: Rounds]>> = {
    constraints: [
      [2, 4],
      [2, 4],
    ],
    "bad-constraints": [
      [2, 6],
      [2, 6],
    ],
    variants: [
      [2, 3],
      [2, 3],
    ],
    imports: [
      [3, 5],
      [3, 5],
    ],
    broken: [
      [5, 4],
      [4, 4],
    ],
    layout: [
      [7, 5],
      [7, 5],
    ],
    links: [
      [4, 4],
      [4, 4],
    ],
    native: [
      [4, 5],
      [4, 5],
    ],
    embeds: [
      [7, 4],
      [6, 4],
    ],
    replaces: [
      [5, 5],
      [5, 5],
    ],
    workspace: [
      [5, 5],
      [5, 5],
    ],
    vendored: [
      [5, 4],
      [5, 4],
    ],
    nodot: [
      [3, 3],
      [3, 3],
    ],
  };

  test.each(fixtures)("$name", async (fixture) => {
    const [straight, whole] = [memoryTree(fixture.files), memoryTree(fixture.files)];
    await ask(straight, fixture);
    await ask(withoutPackages(whole), fixture);
    expect([rounds(straight), rounds(whole)]).toEqual(expected[fixture.name]);
  });
});

describe("examples and a description of two services", () => {
  const expected: Readonly<Record<string, Rounds>> = {
    "bake/api.yaml": [3, 3],
    "bake/worker.yaml": [3, 3],
    "cgo/service.yaml": [2, 3],
    "race/service.yaml": [2, 2],
    "dockerfile-name/Dockerfile": [2, 2],
    "hello/service.yaml": [2, 2],
    // What lies in a folder that the image takes is listed level by level.
    "image-content/service.yaml": [3, 2],
    "orders/service.yaml": [5, 6],
    "private-modules/netrc.yaml": [2, 3],
    "private-modules/service.yaml": [2, 3],
    "private-modules/ssh.yaml": [2, 3],
    "two-services/service.yaml": [3, 5],
    "several-binaries/service.yaml": [3, 3],
    // What its steps read is resolved, and looked for beside what they write.
    "steps/service.yaml": [5, 4],
    shop: [3, 5],
  };

  const inFolder = (folder: string): Readonly<Record<string, FixtureFile>> =>
    Object.fromEntries(
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .map((path) => [relative(folder, path), readFileSync(path, "utf8")]),
    );

  test.each([
    ...exampleDescriptions().map(({ name, file, folder, text }) => ({
      name: `${name}/${file}`,
      text,
      files: inFolder(folder),
    })),
    { name: "shop", text: shop["service.yaml"], files: shop },
  ])("$name", async ({ name, text, files }) => {
    const parsed = parseDescription({ filename: "service.yaml", bytes: new TextEncoder().encode(text) });
    if (!parsed.ok) throw new Error("the description is wrong");
    const tree = memoryTree(files);
    await inspect(parsed.located, openTree(tree), plainRequest);
    expect(rounds(tree)).toEqual(expected[name]);
  });
});

describe("what is not there", () => {
  const importing = (name: string, ...paths: readonly string[]): string =>
    `package ${name}\n\nimport (\n${paths.map((path) => `\t_ "example.com/app/${path}"\n`).join("")})\n`;
  const files = {
    "go.mod": "module example.com/app\n\ngo 1.26\n",
    "main.go": importing("main", "gone", "gone/deep/er", "a", "link/x"),
    "a/a.go": importing("a", "a/gone/deep", "b/c", "nested/gone/x"),
    "b/c/c.go": importing("c", "b/c/gone", "b/gone", "b/d/e/gone"),
    "b/d/e/f/f.go": "package f\n",
    "nested/y/y.go": "package y\n",
    link: link("nowhere"),
  };

  test.each([
    ["packages", false, [6, 4]],
    ["directories", true, [4, 4]],
  ] as const)("costs no round where a listing has told it: %s", async (_what, isWhole, expected) => {
    const source = memoryTree(files);
    const tree = openTree(isWhole ? withoutPackages(source) : source);
    const detected = await detectModule(tree);
    if (!detected.ok) throw new Error("no module");
    const { module } = detected;
    await scanService(tree, { module, main: ".", platforms: [{ os: "linux", architecture: "amd64" }] });
    expect(rounds(source)).toEqual(expected);
  });
});

describe("transfers from a client", () => {
  const expected: Readonly<Record<string, number>> = {
    "bake/api.yaml": 3,
    "bake/worker.yaml": 3,
    "cgo/service.yaml": 2,
    "race/service.yaml": 2,
    "dockerfile-name/Dockerfile": 2,
    "hello/service.yaml": 2,
    "image-content/service.yaml": 3,
    "orders/service.yaml": 4,
    "private-modules/netrc.yaml": 2,
    "private-modules/service.yaml": 2,
    "private-modules/ssh.yaml": 2,
    "two-services/service.yaml": 3,
    "several-binaries/service.yaml": 5,
    "steps/service.yaml": 4,
  };

  test.each(exampleDescriptions())("$name/$file", async ({ name, file, folder, text }) => {
    const parsed = parseDescription({ filename: file, bytes: new TextEncoder().encode(text) });
    if (!parsed.ok) throw new Error("the description is wrong");
    const client = recordingClient(tableOfFolder(folder));
    await inspect(parsed.located, openTree(localTree(client.fetch, true)), plainRequest);
    expect(client.transfers.length).toBe(expected[`${name}/${file}`]);
  });
});
