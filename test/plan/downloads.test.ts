// Many public modules are downloaded in parts, so that a new version of one fetches its part and no other.
import { describe, expect, test } from "vitest";
import { refinePlan, stagesOf } from "../../src/plan/index.ts";
import { graphOf, planFiles, sums, verticesOf } from "./support.ts";

const names = Array.from({ length: 40 }, (_, index) => `example.com/m${index}`);

type Versions = Readonly<Record<string, string>>;

const versionOf = (name: string, versions: Versions): string => versions[name] ?? "v1.0.0";

const files = (modules = names, versions: Versions = {}): Record<string, string> => ({
  "go.mod": `module example.com/app\n\ngo 1.26\n\nrequire (\n${modules.map((name) => `\t${name} ${versionOf(name, versions)}\n`).join("")})\n`,
  "go.sum": sums(...modules.map((name) => `${name} ${versionOf(name, versions)}`)),
  "main.go": `package main\n\nimport _ "${names[1] ?? ""}"\n\nfunc main() {}\n`,
});

const partsOf = async (some: Record<string, string>) => {
  const planned = await planFiles(some);
  return planned.plan.modules?.parts ?? [];
};

const textOf = (
  part: { files: readonly { path: string; text: string }[] } | undefined,
  name: string,
): string => part?.files.find(({ path }) => path === name)?.text ?? "";

describe("parts of the download", () => {
  test("hold each module once, with its lines of go.sum and no others", async () => {
    const parts = await partsOf(files());
    expect(parts.length).toBeGreaterThan(1);
    const required = parts.flatMap((part) =>
      [...textOf(part, "go.mod").matchAll(/^\t(\S+) v1/gm)].map(([, name]) => name),
    );
    expect(required).toHaveLength(names.length);
    expect(new Set(required)).toEqual(new Set(names));
    for (const part of parts) {
      const own = [...textOf(part, "go.mod").matchAll(/^\t(\S+) (\S+)$/gm)].map(
        ([, name, version]) => `${name ?? ""} ${version ?? ""}`,
      );
      const lines = textOf(part, "go.sum")
        .split("\n")
        .filter((line) => line !== "");
      expect(
        new Set(
          lines.map((line) =>
            line
              .split(" ")
              .slice(0, 2)
              .join(" ")
              .replace(/\/go\.mod$/, ""),
          ),
        ),
      ).toEqual(new Set(own));
      expect(textOf(part, "go.mod")).toContain("\ngo 1.26\n");
    }
  });

  test("a new version changes one part, a new module one, and an order none", async () => {
    const before = await partsOf(files());
    const changed = (after: typeof before) =>
      before.filter((part, index) => JSON.stringify(part) !== JSON.stringify(after[index]));
    expect(changed(await partsOf(files(names, { "example.com/m7": "v1.1.0" })))).toHaveLength(1);
    expect(changed(await partsOf(files([...names, "example.com/new"])))).toHaveLength(1);
    expect(changed(await partsOf(files(names.toReversed())))).toEqual([]);
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
  const nodes = verticesOf(graphOf(planned, {}, refinePlan(planned.plan, listing)));
  const steps = nodes.filter(({ name }) => /^\[modules \d\] go mod download$/.test(name));
  expect(steps).toHaveLength(planned.plan.modules?.parts?.length ?? 0);
  const all = nodes.find(({ name }) => name === "[modules] all");
  expect(new Set(all?.inputs.map(({ digest }) => digest))).toEqual(
    new Set(steps.map(({ digest }) => digest)),
  );
  const readers = nodes.filter(({ inputs }) => inputs.some(({ digest }) => digest === all?.digest));
  expect(readers.length).toBeGreaterThan(0);
});

test("a stage is shown for each", async () => {
  const { plan } = await planFiles(files());
  const stages = stagesOf(plan).filter(({ name }) => name.startsWith("modules"));
  const last = stages.at(-1);
  expect(last?.name).toBe("modules");
  expect(last?.needs).toEqual(stages.slice(0, -1).map(({ name }) => name));
  expect(stages[0]?.inputs.find(({ kind }) => kind === "go.sum")?.entries.length).toBeGreaterThan(0);
});
