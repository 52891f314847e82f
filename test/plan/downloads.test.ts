// Many public modules are downloaded in parts, so that a new version of one fetches its part and no other.
import { describe, expect, test } from "vitest";
import { stagesOf } from "../../src/plan/index.ts";
import { buildOf, graphOf, planFiles, planWith, sums, verticesOf } from "./support.ts";

const names = Array.from({ length: 40 }, (_, index) => `example.com/m${index}`);

/** NetMode NONE (moby/buildkit:solver/pb/ops.proto). */
const NO_NETWORK = 2;

type Versions = Readonly<Record<string, string>>;

const versionOf = (name: string, versions: Versions): string => versions[name] ?? "v1.0.0";

const files = (modules = names, versions: Versions = {}): Record<string, string> => ({
  "go.mod": `module example.com/app\n\ngo 1.26\n\nrequire (\n${modules.map((name) => `\t${name} ${versionOf(name, versions)}\n`).join("")})\n`,
  "go.sum": sums(...modules.map((name) => `${name} ${versionOf(name, versions)}`)),
  "main.go": `package main\n\nimport _ "${names[1] ?? ""}"\n\nfunc main() {}\n`,
});

async function partsOf(some: Record<string, string>) {
  const planned = await planFiles(some);
  return planned.plan.modules[0]?.parts ?? [];
}

const textOf = (
  part: { files: readonly { path: string; text: string }[] } | undefined,
  name: string,
): string => part?.files.find(({ path }) => path === name)?.text ?? "";

const changed = (before: Awaited<ReturnType<typeof partsOf>>, after: typeof before): readonly string[] =>
  before
    .filter((part, index) => JSON.stringify(part) !== JSON.stringify(after[index]))
    .map(({ name }) => name);

describe("parts of the download", () => {
  test("fetch each module once, checked by its lines of go.sum, which are all that is in the key", async () => {
    const parts = (await partsOf(files())).filter(({ name }) => name !== "graph");
    expect(parts.length).toBeGreaterThan(1);
    const fetched = parts.flatMap(({ command }) => command.slice(4));
    expect(fetched).toHaveLength(names.length);
    expect(new Set(fetched)).toEqual(new Set(names.map((name) => `${name}@v1.0.0`)));
    for (const part of parts) {
      expect(part.command.slice(0, 4)).toEqual(["go", "mod", "download", "--"]);
      const lines = textOf(part, "go.sum")
        .split("\n")
        .filter((line) => line !== "");
      const sums = lines.map((line) =>
        line
          .split(" ")
          .slice(0, 2)
          .join("@")
          .replace(/\/go\.mod$/, ""),
      );
      expect(new Set(sums)).toEqual(new Set(part.command.slice(4)));
      expect(lines).toHaveLength(2 * part.command.slice(4).length);
      expect(textOf(part, "go.mod")).not.toContain("require");
    }
  });

  test("one part reads the service's own module files, for the module graph", async () => {
    const [graph] = (await partsOf(files())).filter(({ name }) => name === "graph");
    expect(textOf(graph, "go.mod")).toBe(files()["go.mod"]);
    expect(textOf(graph, "go.sum")).toBe(files()["go.sum"]);
    expect(graph?.command).toEqual(["go", "mod", "graph"]);
  });

  test("a new version or a new module changes one part and the graph, an order no part", async () => {
    const before = await partsOf(files());
    const two = [expect.stringMatching(/^\d$/), "graph"];
    expect(changed(before, await partsOf(files(names, { "example.com/m7": "v1.1.0" })))).toEqual(two);
    expect(changed(before, await partsOf(files([...names, "example.com/new"])))).toEqual(two);
    expect(changed(before, await partsOf(files(names.toReversed())))).toEqual(["graph"]);
    const newer = { ...files(), "go.mod": (files()["go.mod"] ?? "").replace("go 1.26", "go 1.25") };
    expect(changed(before, await partsOf(newer))).toEqual(["graph"]);
  });

  test("there are none where modules are few, private or need a login", async () => {
    expect(await partsOf(files(names.slice(0, 20)))).toEqual([]);
    expect(await partsOf({ ...files(), "service.yaml": "modules:\n  private: [corp.example]\n" })).toEqual(
      [],
    );
    const login = "modules:\n  private: [corp.example]\n  auth: { corp.example: { token: t } }\n";
    expect(await partsOf({ ...files(), "service.yaml": login })).toEqual([]);
  });

  test("there are none where go.mod does not say all that is needed", async () => {
    const old = files();
    expect(await partsOf({ ...old, "go.mod": (old["go.mod"] ?? "").replace("go 1.26", "go 1.16") })).toEqual(
      [],
    );
    const replaced = `${old["go.mod"] ?? ""}\nreplace example.com/m3 => ./m3\n`;
    expect(await partsOf({ ...old, "go.mod": replaced, "m3/go.mod": "module example.com/m3\n" })).toEqual([]);
  });
});

test("each part is a step of its own; the listing reads them as one, and nothing else has a network", async () => {
  const planned = await planFiles(files());
  const listing = { "linux/amd64": { packages: [], back: [] } };
  const nodes = verticesOf(graphOf(planned, {}, planWith(planned, listing)));
  const steps = nodes.filter(({ name }) =>
    /^\[modules (\d\] go mod download|graph\] go mod graph)$/.test(name),
  );
  expect(steps).toHaveLength(planned.plan.modules[0]?.parts?.length ?? 0);
  const online = nodes.filter(({ op }) => op.op === "exec" && op.exec.network !== NO_NETWORK);
  expect(online.map(({ name }) => name)).toEqual(steps.map(({ name }) => name));
  const all = nodes.find(({ name }) => name === "[modules] all");
  expect(new Set(all?.inputs.map(({ digest }) => digest))).toEqual(
    new Set(steps.map(({ digest }) => digest)),
  );
  const readers = nodes.filter(({ inputs }) => inputs.some(({ digest }) => digest === all?.digest));
  expect(readers.length).toBeGreaterThan(0);
});

test("a stage is shown for each", async () => {
  const stages = stagesOf(buildOf(await planFiles(files()))).filter(({ name }) => name.startsWith("modules"));
  const last = stages.at(-1);
  expect(last?.name).toBe("modules");
  expect(last?.needs).toEqual(stages.slice(0, -1).map(({ name }) => name));
  expect(stages[0]?.inputs.find(({ kind }) => kind === "go.sum")?.entries.length).toBeGreaterThan(0);
});
