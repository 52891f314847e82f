// Builders that lack something: a graph asks for nothing that they do not have, and the image holds the same files.
import { describe, expect, test } from "vitest";
import {
  allowOps,
  type Definition,
  knownCaps,
  type OpNode,
  platform as onPlatform,
  viewDefinition,
  withCaps,
} from "../../src/llb/index.ts";
import { type Graph, missingCapabilities } from "../../src/graph/index.ts";
import {
  capsWithout,
  graphOf,
  groupedService,
  largeService,
  planExample,
  exampleDescriptions,
  planFiles,
  shop,
  sums,
  tool,
  verticesOf,
} from "../plan/support.ts";

/** What a BuildKit release registers. */
const release = (version: string): ReadonlySet<string> =>
  new Set(
    [...knownCaps]
      .filter(([, { since }]) => since.localeCompare(`v${version}`, "en", { numeric: true }) <= 0)
      .map(([cap]) => cap),
  );

const without = (caps: ReadonlySet<string>, ...missing: readonly string[]): ReadonlySet<string> =>
  new Set([...caps].filter((cap) => !missing.includes(cap)));

/** Builders by the BuildKit that is in them (moby/moby:vendor.mod of the releases). */
const builders: readonly (readonly [string, ReadonlySet<string>])[] = [
  ["buildkitd 0.13.2", release("0.13.2")],
  ["Docker Engine 28.5, classic store", without(release("0.25.2"), "mergeop", "diffop")],
  ["Docker Engine 26.1, classic store", without(release("0.13.2"), "mergeop", "diffop")],
  ["Docker Engine 24.0, classic store", without(release("0.11.7"), "mergeop", "diffop")],
  ["Docker Engine 24.0, containerd store", release("0.11.7")],
  ["Docker Engine 20.10", release("0.8.3")],
];

/** Forty public modules: enough for a download in parts. */
const many = Array.from({ length: 40 }, (_, index) => `example.com/m${index}`);
const manyModules = {
  "go.mod": `module example.com/app\n\ngo 1.26\n\nrequire (\n${many.map((name) => `\t${name} v1.0.0\n`).join("")})\n`,
  "go.sum": sums(...many.map((name) => `${name} v1.0.0`)),
  "main.go": `package main\n\nimport _ "${many[0] ?? ""}"\n\nfunc main() {}\n`,
};

/** Steps of a description see some files of a tree, and are seen by some of theirs. */
const BY_PATTERN = "file.copy.includeexcludepatterns";

/** Links of an image. */
const LINKS = "file.symlink.create";

/** What examples cannot be built without. */
const needs: Readonly<Record<string, string>> = { steps: BY_PATTERN, "image-content": LINKS };

async function graphs(caps: ReadonlySet<string>): Promise<readonly Graph[]> {
  const settings = { caps };
  const examples = await Promise.all(
    exampleDescriptions()
      .filter(({ name }) => needs[name] === undefined || caps.has(needs[name]))
      .map(async (example) =>
        [...(await planExample(example))].map(([, planned]) => graphOf(planned, settings)),
      ),
  );
  const { planned, plan } = await groupedService();
  const base = { ...tool, "service.yaml": "image: { base: debian:bookworm-slim }\n" };
  return [
    ...examples.flat(),
    graphOf(planned, settings, plan),
    graphOf(await planFiles(manyModules), settings),
    graphOf(await planFiles(largeService()), settings),
    graphOf(await planFiles(base), settings),
  ];
}

const marshal = (graph: Graph, caps: ReadonlySet<string>): readonly Definition[] =>
  graph.platforms.map(({ state, platform }) =>
    state.marshal(onPlatform(platform), withCaps([...caps]), allowOps(graph.allow)),
  );

describe.each(builders)("%s", (_name, caps) => {
  test("has all that every graph asks for", async () => {
    for (const graph of await graphs(caps)) expect(() => marshal(graph, caps)).not.toThrow();
  });

  test("is asked for nothing that it would refuse unseen", async () => {
    const asked = (await graphs(caps))
      .flatMap((graph) => marshal(graph, caps))
      .flatMap((definition) => viewDefinition(definition).ops)
      .flatMap(({ metadata }) => [...(metadata?.caps ?? [])]);
    expect(asked.filter((cap) => !caps.has(cap))).toEqual([]);
  });
});

test.each([
  ["copies nothing by pattern", "steps", BY_PATTERN],
  ["makes no links", "image-content", LINKS],
])("a builder that %s is said to lack it where the example %s asks for it", async (_what, example, cap) => {
  const [found] = exampleDescriptions().filter(({ name }) => name === example);
  if (found === undefined) return expect.fail(`no example is called ${example}`);
  const caps = capsWithout(cap);
  const planned = (await planExample(found)).get("image") ?? expect.fail("no image");
  const missing = missingCapabilities(planned.plan, caps, planned.located.source);
  expect(missing.map((lacking) => lacking.cap)).toContain(cap);
});

const classic = capsWithout("mergeop", "diffop");
const opsOf = (graph: Graph): readonly OpNode[] => verticesOf(graph);
const nameOf = (nodes: readonly OpNode[], digest: string | undefined): string | undefined =>
  nodes.find((node) => node.digest === digest)?.name;

describe("without merge", () => {
  test.each([
    ["of our own base", tool, "[rootfs] CA roots, time zones, users"],
    [
      "of another image",
      { ...tool, "service.yaml": "image: { base: debian:bookworm-slim }\n" },
      "[base linux/amd64] debian:bookworm-slim",
    ],
  ])("the binary is copied as it is onto the root %s", async (_what, files, below) => {
    const nodes = opsOf(graphOf(await planFiles(files), { caps: classic }));
    const image = nodes.find(({ name }) => name === "[tool linux/amd64] image");
    if (image?.op.op !== "file") return expect.fail("no copy");
    expect(image.inputs.map(({ digest }) => nameOf(nodes, digest))).toEqual([
      below,
      "[tool linux/amd64] go build .",
    ]);
    const [action, ...others] = image.op.file.actions ?? [];
    expect(others).toEqual([]);
    if (action?.action !== "copy") return expect.fail("no copy");
    const { src, dest, dirCopyContents, owner, mode, timestamp } = action.copy;
    expect({ src, dest, dirCopyContents }).toEqual({ src: "/", dest: "/", dirCopyContents: true });
    // Owners, modes and times are the source's: so is the layer's digest.
    expect([owner ?? undefined, Number(mode), String(timestamp)]).toEqual([undefined, -1, "-1"]);
  });

  test("an image from scratch is the binary's layer", async () => {
    const files = { ...tool, "service.yaml": "image: { base: scratch }\n" };
    const keys = async (caps: ReadonlySet<string>) =>
      opsOf(graphOf(await planFiles(files), { caps })).map(({ digest }) => digest);
    expect(await keys(classic)).toEqual(await keys(capsWithout()));
  });

  test("many modules are downloaded in one step and not copied together", async () => {
    const names = async (caps: ReadonlySet<string>) =>
      opsOf(graphOf(await planFiles(manyModules), { caps }))
        .map(({ name }) => name)
        .filter((name) => name.startsWith("[modules"));
    expect((await names(capsWithout())).length).toBeGreaterThan(2);
    expect(await names(classic)).toEqual(["[modules] go mod download"]);
  });

  test("each group's modules are copied once, onto those of the groups before", async () => {
    const { planned, plan } = await groupedService();
    const nodes = opsOf(graphOf(planned, { caps: classic }, plan));
    const copies = nodes.filter(({ name }) => name.startsWith("[internal] modules of "));
    const groups = plan.service.platforms[0]?.links[0]?.variant.deps?.groups ?? [];
    expect(copies).toHaveLength(groups.length);
    for (const [index, node] of copies.entries()) {
      const before = copies[index - 1]?.digest;
      expect(node.inputs.map(({ digest }) => digest).includes(before ?? "")).toBe(index > 0);
    }
    const steps = nodes.filter(({ kind, name }) => kind === "exec" && /^\[deps \S+\] go build/.test(name));
    const seen = steps.map((step) => step.inputs.find(({ uses }) => uses.includes("/gm"))?.digest);
    expect(seen.at(-1)).toBe(copies.at(-1)?.digest);
    expect(new Set(seen).size).toBe(steps.length);
  });
});

test("without choosing content-based caching, mounts are as the builder's default has them", async () => {
  const caps = capsWithout("exec.mount.cache.content");
  for (const graph of await graphs(caps)) {
    for (const { op } of verticesOf(graph)) {
      if (op.op !== "exec") continue;
      expect((op.exec.mounts ?? []).map(({ contentCache }) => contentCache ?? 0)).toEqual(
        (op.exec.mounts ?? []).map(() => 0),
      );
    }
  }
});

test("a builder that copies nothing by pattern compiles other modules in one step", async () => {
  const { planned, plan } = await groupedService();
  const nodes = opsOf(graphOf(planned, { caps: release("0.8.3") }, plan));
  const steps = nodes.filter(({ kind, name }) => kind === "exec" && /^\[deps \S+\] go build/.test(name));
  expect(steps.map(({ name }) => name)).toEqual([
    "[deps linux/amd64] go build (1 imported packages of other modules)",
  ]);
});

test("nothing changes for a builder that has everything", async () => {
  const planned = await planFiles(shop, { target: "orders" });
  const keys = (caps: ReadonlySet<string>) => opsOf(graphOf(planned, { caps })).map(({ digest }) => digest);
  expect(keys(new Set([...knownCaps.keys(), "some.day"]))).toEqual(keys(capsWithout()));
});
