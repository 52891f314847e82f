// A large service's own packages in strata: what each step reads, what it stands on, and that the last step finds it.
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { OpNode } from "../../src/llb/index.ts";
import { explainChanges, stagesOf } from "../../src/plan/index.ts";
import {
  amd64,
  argumentsOf,
  arm64,
  buildOf,
  capsWithout,
  changes,
  type Files,
  graphOf,
  keysOf,
  largeService,
  planFiles,
  stepKeys,
  sums,
  verticesOf,
} from "../plan/support.ts";

const large = largeService();
const nodesOf = async (files: Files): Promise<readonly OpNode[]> =>
  verticesOf(graphOf(await planFiles(files)));

const isOwn = ({ kind, name }: OpNode): boolean => kind === "exec" && name.startsWith("[own ");

/** Paths that a step's source mount holds: what its key is the content of. */
function filesRead(nodes: readonly OpNode[], step: OpNode): readonly string[] {
  const mounted = step.inputs.find(({ uses }) => uses.includes("/src"));
  const node = nodes.find(({ digest }) => digest === mounted?.digest);
  if (node?.op.op === "source") {
    return JSON.parse(node.op.source.attrs?.["local.includepattern"] ?? "[]") as string[];
  }
  if (node?.op.op !== "file") throw new Error(`${step.name} reads no copy`);
  return (node.op.file.actions ?? []).flatMap((action) =>
    action.action === "copy" ? (action.copy.include_patterns ?? []) : [],
  );
}

describe("the steps", async () => {
  const nodes = await nodesOf(large);
  const own = nodes.filter(isOwn);
  const build = nodes.find(({ kind, name }) => kind === "exec" && name.includes("] go build ./cmd/app"));

  test("are few, and all their files come from what the last step is sent", () => {
    expect(own.length).toBeGreaterThan(1);
    expect(own.length).toBeLessThanOrEqual(5);
    const sources = nodes.filter(
      ({ op }) => op.op === "source" && (op.source.identifier ?? "").startsWith("local://"),
    );
    expect(sources).toHaveLength(1);
    expect(build).toBeDefined();
    const all = build === undefined ? [] : filesRead(nodes, build);
    for (const step of own) expect(all).toEqual(expect.arrayContaining([...filesRead(nodes, step)]));
  });

  test("compile as the last step does: environment, folder and flags", () => {
    const meta = (node: OpNode | undefined) => (node?.op.op === "exec" ? node.op.exec.meta : undefined);
    const flags = (node: OpNode | undefined) =>
      argumentsOf(node, nodes).filter((arg) => /^-(tags|pgo|trimpath|gcflags|asmflags|race)/.test(arg));
    expect(argumentsOf(build, nodes)).toContain("go");
    for (const step of own) {
      expect(meta(step)?.env).toEqual(meta(build)?.env);
      expect(meta(step)?.cwd).toEqual(meta(build)?.cwd);
      expect(flags(step)).toEqual(flags(build));
    }
  });

  test("read the files of their own packages and those below, and no others", () => {
    const read = own.map((step) => filesRead(nodes, step));
    const leaf = read.filter((files) => files.includes("pkg/p0/code.go"));
    const top = read.filter((files) => files.includes("pkg/p79/code.go"));
    // A leaf package is in the key of every stratum here, a top one only in the last.
    expect(leaf).toHaveLength(own.length);
    expect(top).toHaveLength(1);
    for (const files of read) {
      expect(files).toContain("go.mod");
      expect(files).not.toContain("cmd/app/main.go");
      expect(files).not.toContain("README.md");
      expect(files).not.toContain("pkg/p0/code_test.go");
    }
  });

  test("each step adds to the cache of the one before, the first to the cooked one, and link has the last", () => {
    const cacheOf = (step: (typeof nodes)[number] | undefined) => {
      const input = step?.inputs.find(({ uses }) => uses.includes("/gc"));
      return nodes.find(({ digest }) => digest === input?.digest);
    };
    expect(cacheOf(own[0])?.name).toMatch(/^\[std linux\/amd64\]/);
    for (const [index, step] of own.slice(1).entries()) {
      expect(cacheOf(step)?.digest).toBe(own[index]?.digest);
    }
    expect(cacheOf(build)?.digest).toBe(own.at(-1)?.digest);
  });
});

test("the graph is the one that is kept", async () => {
  const kept = fileURLToPath(new URL("../golden/strata.json", import.meta.url));
  const keys = keysOf(await nodesOf(large));
  await expect(`${JSON.stringify(keys, undefined, 1)}\n`).toMatchFileSnapshot(kept);
});

describe("keys", () => {
  const all = async (files: Files) => keysOf(await nodesOf(files));

  test.each([
    ["the main package", "cmd/app/main.go"],
    ["a package of the lowest stratum", "pkg/p0/code.go"],
    ["the README", "README.md"],
    ["a test", "pkg/p0/code_test.go"],
  ])("no definition changes with the text of %s: its content alone does it", async (_what, path) => {
    const edited = { ...large, [path]: `${large[path] ?? ""}\n` };
    expect(changes(await all(large), await all(edited))).toEqual([]);
  });

  test("a new file of a package is in its stratum and those above", async () => {
    // The source's own definition names all files: what counts is the copy, which is keyed on its content.
    const steps = async (files: Files): Promise<readonly string[]> => {
      const nodes = await nodesOf(files);
      return nodes.filter(isOwn).map((step) => filesRead(nodes, step).join());
    };
    const before = await steps(large);
    const same = (after: readonly string[]) => after.map((files, index) => files === before[index]);
    expect(same(await steps({ ...large, "pkg/p79/more.go": "package p79\n" }))).toEqual([true, false]);
    expect(same(await steps({ ...large, "pkg/p0/more.go": "package p0\n" }))).toEqual([false, false]);
    expect(same(await steps({ ...large, "pkg/p0/more_test.go": "package p0\n" }))).toEqual([true, true]);
    expect(same(await steps({ ...large, "cmd/app/more.go": "package main\n" }))).toEqual([true, true]);
  });

  test("a platform's strata are the same with others beside it", async () => {
    const platforms = [amd64, arm64];
    const both = stepKeys(verticesOf(graphOf(await planFiles(large, { platforms }))));
    for (const platform of platforms) {
      const alone = stepKeys(verticesOf(graphOf(await planFiles(large, { platforms: [platform] }))));
      expect(Object.keys(alone).filter((name) => alone[name] !== both[name])).toEqual([]);
    }
  });
});

test("a vendor folder is mounted beside the files, not copied with them", async () => {
  const nodes = await nodesOf({
    ...large,
    "go.mod": "module example.com/app\n\ngo 1.26\n\nrequire github.com/google/uuid v1.6.0\n",
    "go.sum": sums("github.com/google/uuid v1.6.0"),
    "pkg/p0/code.go": 'package p0\n\nimport _ "github.com/google/uuid"\n\nconst N = 0\n',
    "vendor/modules.txt": "# github.com/google/uuid v1.6.0\n## explicit\ngithub.com/google/uuid\n",
    "vendor/github.com/google/uuid/uuid.go": "package uuid\n",
  });
  const own = nodes.filter(isOwn);
  expect(own.length).toBeGreaterThan(1);
  for (const step of own) {
    expect(step.inputs.flatMap(({ uses }) => uses)).toContain("/src/vendor");
    expect(filesRead(nodes, step).filter((path) => path.startsWith("vendor"))).toEqual([]);
  }
});

test("a builder that cannot copy by pattern compiles them in the last step", async () => {
  const nodes = verticesOf(
    graphOf(await planFiles(large), { caps: capsWithout("file.copy.includeexcludepatterns") }),
  );
  expect(nodes.filter(isOwn)).toEqual([]);
});

test("why names the stratum of the file and what stands on it", async () => {
  const before = await planFiles(large);
  const build = buildOf(before);
  const contents = Object.fromEntries(before.plan.service.files.map((path) => [path, "0"]));
  const explained = (path: string) =>
    explainChanges(stagesOf(build, contents), stagesOf(build, { ...contents, [path]: "1" }));
  expect(explained("pkg/p79/code.go").map(({ stage }) => stage)).toEqual([
    "own linux/amd64 2",
    "build ./cmd/app linux/amd64",
    "image app linux/amd64",
  ]);
  expect(explained("pkg/p0/code.go")).toContainEqual({
    stage: "own linux/amd64 2",
    because: ["file pkg/p0/code.go changed", "own linux/amd64 1 changed"],
  });
  expect(explained("cmd/app/main.go").map(({ stage }) => stage)[0]).toBe("build ./cmd/app linux/amd64");
});
