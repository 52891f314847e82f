// Other modules compiled in groups: what each step reads, and that what it gives reaches the steps above it.
import { expect, test } from "vitest";
import { type ListedPackage, refinePlan } from "../../src/plan/index.ts";
import { graphOf, planFiles, sums, verticesOf } from "../plan/support.ts";

const module = (index: number): string => `example.com/m${index}`;
const all = Array.from({ length: 12 }, (_, index) => module(index));

const planned = await planFiles({
  "go.mod": `module example.com/app\n\ngo 1.26\n\nrequire (\n${all.map((name) => `\t${name} v1.0.0\n`).join("")})\n`,
  "go.sum": sums(...all.map((name) => `${name} v1.0.0`)),
  "main.go": `package main\n\nimport _ "${module(11)}"\n\nfunc main() {}\n`,
});

/** A heavy module of which only internal packages are used, by all the others. */
const hidden: readonly ListedPackage[] = [
  ...Array.from({ length: 30 }, (_, index) => ({
    path: `${module(0)}/internal/p${index}`,
    module: module(0),
    version: "v1.0.0",
  })),
  ...all.slice(1).map((path, index) => ({
    path,
    module: path,
    version: "v1.0.0",
    imports: index === 0 ? [`${module(0)}/internal/p0`] : [module(index)],
  })),
];

const plan = refinePlan(planned.plan, { "linux/amd64": { packages: hidden, back: [] } });
const groups = plan.service.links[0]?.variant.deps?.groups ?? [];
const nodes = verticesOf(graphOf(planned, {}, plan));

test("a group that no command can name is no step, and what is above it still reads its source", () => {
  const nameless = groups.findIndex((group) => group.packages.length === 0);
  expect(nameless).toBeGreaterThanOrEqual(0);
  const steps = nodes.filter(({ kind, name }) => kind === "exec" && name.startsWith("[deps "));
  expect(steps).toHaveLength(groups.length - 1);
  const copies = nodes.filter(({ name }) => name.startsWith("[internal] modules of "));
  expect(copies).toHaveLength(groups.length);
  const hiddenSource = copies.find(({ name }) => name.includes(groups[nameless]?.name ?? "?"));
  const above = nodes.filter(({ inputs }) => inputs.some(({ digest }) => digest === hiddenSource?.digest));
  expect(above.length).toBeGreaterThan(0);
});

test("each step reads the modules of its own group and those below, and no others", () => {
  const nodeOf = new Map(nodes.map((node) => [node.digest, node]));
  for (const group of groups.filter((each) => each.packages.length > 0)) {
    const step = nodes.find(({ kind, name }) => kind === "exec" && name.endsWith(`packages: ${group.name}`));
    const cache = step?.inputs.find(({ uses }) => uses.includes("/gm"));
    const mounted = nodeOf.get(cache?.digest ?? "");
    const sources = (
      mounted?.kind === "merge" ? mounted.inputs.map(({ digest }) => digest) : [cache?.digest]
    ).map((digest) => nodeOf.get(digest ?? "")?.name);
    const wanted = [...group.below, groups.indexOf(group)].map(
      (index) => `[internal] modules of ${groups[index]?.name ?? ""}`,
    );
    expect(new Set(sources)).toEqual(new Set(wanted));
  }
});

test("the last step's cache is the standard library's and what every group added", () => {
  const merged = nodes.find(({ name }) => name === "[deps linux/amd64] all caches");
  const inputs = (merged?.inputs ?? []).map(
    ({ digest }) => nodes.find((node) => node.digest === digest)?.name ?? "",
  );
  expect(inputs[0]).toMatch(/^\[std linux\/amd64\]/);
  expect(inputs.slice(1)).toEqual(
    groups
      .filter((group) => group.packages.length > 0)
      .map((group) => `[deps linux/amd64] cache of ${group.name}`),
  );
});

test("the listing the groups were cut by is part of the result, so that a cache export has it", () => {
  const listing = nodes.find(({ name }) => name.startsWith("[deps] go list"));
  const link = nodes.find(({ name }) => name.includes("] go build .") && !name.startsWith("[deps "));
  expect(listing).toBeDefined();
  expect(link?.inputs.map(({ digest }) => digest)).toContain(listing?.digest);
});

test("where the listing says all, steps read the sources that it kept, and no step pulls whole modules", () => {
  const exact = refinePlan(planned.plan, { "linux/amd64": { packages: hidden, back: [], kept: true } });
  const ops = verticesOf(graphOf(planned, {}, exact));
  const listing = ops.find(({ name }) => name.startsWith("[deps] go list"));
  const download = ops.find(({ name }) => name.startsWith("[modules] "));
  const readers = (digest: string | undefined) =>
    ops.filter(({ inputs }) => inputs.some((input) => input.digest === digest)).map(({ name }) => name);
  expect(readers(download?.digest)).toEqual([listing?.name]);
  expect(readers(listing?.digest).filter((name) => name.includes("] go build ."))).toHaveLength(1);
  expect(readers(listing?.digest).filter((name) => name.startsWith("[internal] modules of "))).toHaveLength(
    groups.length,
  );
});

test("where it does not, they read what was downloaded", () => {
  const download = nodes.find(({ name }) => name.startsWith("[modules] "));
  const link = nodes.find(({ name }) => name.includes("] go build .") && !name.startsWith("[deps "));
  expect(link?.inputs.map(({ digest }) => digest)).toContain(download?.digest);
});
