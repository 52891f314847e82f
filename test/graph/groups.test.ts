// Other modules compiled in groups: what each step reads, and that what it gives reaches the steps above it.
import { expect, test } from "vitest";
import type { ListedPackage } from "../../src/plan/index.ts";
import { graphOf, planFiles, planWith, sums, verticesOf } from "../plan/support.ts";

const module = (index: number): string => `example.com/m${index}`;
const all = Array.from({ length: 12 }, (_, index) => module(index));

const planned = await planFiles({
  "go.mod": `module example.com/app\n\ngo 1.26\n\nrequire (\n${all.map((name) => `\t${name} v1.0.0\n`).join("")})\n`,
  "go.sum": sums(...all.map((name) => `${name} v1.0.0`)),
  "main.go": `package main\n\nimport _ "${module(11)}"\n\nfunc main() {}\n`,
});

const paths = (count: number, prefix: string): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);
const [secrets, parts] = [paths(130, `${module(0)}/internal/p`), paths(20, `${module(1)}/q`)];
const listed = (path: string, of: string, imports: readonly string[] = []): ListedPackage => ({
  path,
  module: of,
  version: "v1.0.0",
  imports,
});

/** A heavy module of which only internal packages are used, by all the others, each of which needs the one before. */
const hidden: readonly ListedPackage[] = [
  ...secrets.map((path) => listed(path, module(0))),
  ...parts.map((path) => listed(path, module(1))),
  ...all
    .slice(1)
    .map((path, index) =>
      listed(path, path, [[...secrets], [...parts, module(1)]][index] ?? [module(index)]),
    ),
];

const plan = planWith(planned, { "linux/amd64": { packages: hidden, back: [] } });
const groups = plan.service.platforms[0]?.links[0]?.variant.deps?.groups ?? [];
const nodes = verticesOf(graphOf(planned, {}, plan));

const steps = nodes.filter(({ kind, name }) => kind === "exec" && name.startsWith("[deps linux/amd64]"));
const named = groups.filter((group) => group.packages.length > 0);

/** What a vertex reads at a path. */
function inputAt(node: (typeof nodes)[number] | undefined, use: string) {
  const input = node?.inputs.find(({ uses }) => uses.includes(use));
  return nodes.find(({ digest }) => digest === input?.digest);
}

/** Paths of the module cache that a step sees: those of the parts that are put together for it. */
function pathsSeen(step: (typeof nodes)[number] | undefined): readonly string[] {
  const given = inputAt(step, "/gm");
  const parts = given?.kind === "merge" ? given.inputs.map(({ digest }) => digest) : [given?.digest];
  return nodes
    .filter(({ digest, op }) => parts.includes(digest) && op.op === "file")
    .flatMap(({ op }) => (op.op === "file" ? (op.file.actions ?? []) : []))
    .flatMap((each) => (each.action === "copy" ? (each.copy.include_patterns ?? []) : []));
}

test("a group that no command can name is no step, and what is above it still reads its source", () => {
  const nameless = groups.find((group) => group.packages.length === 0);
  expect(nameless).toBeDefined();
  expect(steps).toHaveLength(groups.length - 1);
  for (const step of steps) expect(pathsSeen(step)).toContain(`${module(0)}@v1.0.0`);
});

test("each step reads its own group's modules and those before, and no others", () => {
  for (const group of named) {
    const step = steps.find(({ name }) => name.endsWith(`packages: ${group.name}`));
    const at = groups.indexOf(group);
    const heads = (some: typeof groups) =>
      some.flatMap((each) => each.packages).filter((path) => all.includes(path));
    for (const path of heads(groups.slice(0, at + 1))) expect(pathsSeen(step)).toContain(`${path}@v1.0.0`);
    for (const path of heads(groups.slice(at + 1))) expect(pathsSeen(step)).not.toContain(`${path}@v1.0.0`);
  }
});

test("each step adds to the cache of the one before, the first to the standard library's", () => {
  const [first, ...rest] = steps;
  expect(inputAt(first, "/gc")?.name).toMatch(/^\[std linux\/amd64\]/);
  for (const [index, step] of rest.entries()) expect(inputAt(step, "/gc")?.digest).toBe(steps[index]?.digest);
  const link = nodes.find(({ name }) => name.includes("] go build .") && !name.startsWith("[deps "));
  expect(inputAt(link, "/gc")?.digest).toBe(steps.at(-1)?.digest);
});

test("the listing the groups were cut by is part of the result, so that a cache export has it", () => {
  const listing = nodes.find(({ name }) => name.startsWith("[deps] go list"));
  const link = nodes.find(({ name }) => name.includes("] go build .") && !name.startsWith("[deps "));
  expect(listing).toBeDefined();
  expect(link?.inputs.map(({ digest }) => digest)).toContain(listing?.digest);
});

test("where the listing says all, steps read the sources that it kept, and no step pulls whole modules", () => {
  const exact = planWith(planned, { "linux/amd64": { packages: hidden, back: [], kept: true } });
  const ops = verticesOf(graphOf(planned, {}, exact));
  const listing = ops.find(({ name }) => name.startsWith("[deps] go list"));
  const download = ops.find(({ name }) => name.startsWith("[modules] "));
  const readers = (digest: string | undefined) =>
    ops.filter(({ inputs }) => inputs.some((input) => input.digest === digest)).map(({ name }) => name);
  expect(readers(download?.digest)).toEqual([listing?.name]);
  expect(readers(listing?.digest).filter((name) => name.includes("] go build ."))).toHaveLength(1);
  expect(
    readers(listing?.digest)
      .filter((name) => name.startsWith("[internal] modules of "))
      .toSorted(),
  ).toEqual(groups.map(({ name }) => `[internal] modules of ${name}`).toSorted());
});

test("where it does not, they read what was downloaded", () => {
  const download = nodes.find(({ name }) => name.startsWith("[modules] "));
  const link = nodes.find(({ name }) => name.includes("] go build .") && !name.startsWith("[deps "));
  expect(link?.inputs.map(({ digest }) => digest)).toContain(download?.digest);
});

test("a group whose modules may be there in part leaves no index of their packages to later steps", async () => {
  const many = paths(130, `${module(0)}/p`);
  const list: readonly ListedPackage[] = [
    ...many.map((path) => listed(path, module(0))),
    listed(`${module(0)}/end`, module(0)),
    listed(module(11), module(11), many),
  ];
  const cut = planWith(planned, { "linux/amd64": { packages: list, back: [] } });
  const [needed, ends, tops] = cut.service.platforms[0]?.links[0]?.variant.deps?.groups ?? [];
  expect(needed?.withoutPaths).toEqual([`${module(0)}@v1.0.0/end`]);
  expect(ends).toMatchObject({ modulePaths: [`${module(0)}@v1.0.0/end`], withoutPaths: [] });
  expect([needed, ends, tops].map((group) => group?.partial)).toEqual([true, false, false]);
  const ops = verticesOf(graphOf(planned, {}, cut));
  const indexed = ops
    .filter(({ kind, name }) => kind === "exec" && name.includes("] go build"))
    .map(({ name, op }) => [
      name.replace(/:.*/, ""),
      op.op === "exec" && (op.exec.meta?.env ?? []).includes("GODEBUG=goindex=0"),
    ]);
  expect(indexed.filter(([, without]) => without === true)).toEqual([
    ["[deps linux/amd64] go build 130 packages", true],
    ["[app linux/amd64] go build .", true],
  ]);
});
