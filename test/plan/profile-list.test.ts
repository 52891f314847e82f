// Profiles of a list: which there can be, who is asked for them, and what they are part of.
import { expect, test } from "vitest";
import { messages } from "../description/support.ts";
import { platform as onPlatform, viewDefinition } from "../../src/llb/index.ts";
import { parseDescription } from "../../src/description/index.ts";
import { openTree } from "../../src/facts/index.ts";
import { inspect } from "../../src/plan/index.ts";
import { memoryTree } from "../facts/memory-tree.ts";
import { amd64, buildOf, complaintOf, graphOf, planFiles, plainRequest, shop, tool } from "./support.ts";

const SUM = `sha256:${"0".repeat(64)}`;
const URL_ENTRY = `{ url: "https://profiles.example.com/b.pgo", checksum: "${SUM}" }`;
const describing = (pgo: string): string => `# syntax=org/go-frontend\nbuild:\n  pgo: ${pgo}\n`;
const complaint = (pgo: string, buildArgs: Readonly<Record<string, string>> = {}) =>
  complaintOf(planFiles({ ...tool, "a.pgo": "", "service.yaml": describing(pgo) }, { buildArgs }));

test("one that the tree does not have is an error at its line", async () => {
  expect(await complaint(`\n    - ./a.pgo\n    - ./b.pgo`)).toMatchInlineSnapshot(`
    "service.yaml:5:7: GF046 the profile b.pgo is not in the build context
    help: name a CPU profile, relative to the module's directory, or write \`pgo: auto\`"
  `);
});

test("a client that is gone while they are looked for is told once, as the reason of the failure", async () => {
  const parsed = parseDescription({
    filename: "service.yaml",
    bytes: new TextEncoder().encode(`${describing("[./profiles/a.pgo]")}main: ./cmd/tool\n`),
  });
  if (!parsed.ok) expect.fail("not parsed");
  const files = memoryTree({ ...tool, "cmd/tool/main.go": "package main\n", "profiles/a.pgo": "" });
  const list = async (dirs: readonly string[]) => {
    if (dirs.some((dir) => dir !== ".")) throw new Error("connection lost");
    return files.list(dirs);
  };
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on("unhandledRejection", note);
  try {
    const inspecting = inspect(parsed.located, openTree({ ...files, list }), plainRequest);
    await expect(inspecting).rejects.toThrow("connection lost");
    await new Promise((resolve) => setTimeout(resolve, 10));
  } finally {
    process.off("unhandledRejection", note);
  }
  expect(unhandled).toEqual([]);
});

test.each([
  ["[]", "is empty"],
  [`[{ url: "https://x.example/a" }]`, "a profile from a URL has no checksum"],
  [`[{ image: profiles }]`, "a profile from an image has no path"],
  [
    `[{ image: profiles, path: /a, url: "https://x.example/a", checksum: "${SUM}" }]`,
    "a profile comes from a URL with its checksum, or from a path in an image",
  ],
  [`[{ url: "ftp://x.example/a", checksum: "${SUM}" }]`, "is not the URL of a file"],
  [`[{ url: "https://user:secret@x.example/a", checksum: "${SUM}" }]`, "holds a login"],
  [`[{ url: "https://x.example/a", checksum: "md5:0" }]`, "is not a checksum"],
  [`[{ image: profiles, path: a }]`, "must be an absolute path"],
  [`[{ uri: x }]`, 'unknown key "uri" in pgo[0]'],
])("%s: %s", (pgo, message) => {
  expect(messages(describing(pgo)).join("\n")).toContain(message);
});

test("a host that is not on the client's list is not asked", async () => {
  const hosts = { GO_FRONTEND_ALLOW_HOSTS: "proxy.golang.org" };
  expect(await complaint(`[${URL_ENTRY}]`, hosts)).toContain(
    'a profile from "profiles.example.com" is not allowed here',
  );
});

test("all that compiles has the profile, by what it holds, and nothing else does", async () => {
  const pgo = `build: { pgo: [${URL_ENTRY}, { image: profiles, path: /p.pgo }] }`;
  const text = `# syntax=org/go-frontend\nmain: ./cmd/orders\n${pgo}\n`;
  const { steps } = buildOf(await planFiles({ ...shop, "service.yaml": text }));
  const runs = steps.flatMap((step) => (step.kind === "run" ? [step] : []));
  const profiled = runs.filter(({ mounts }) => mounts.some(({ at }) => at === "/profile"));
  expect(profiled.map(({ id }) => id.replace(/ .*/, ""))).toEqual(["std", "deps", "build"]);
  for (const { mounts } of profiled) {
    // A mount that is read is keyed by its content.
    expect(mounts.find(({ at }) => at === "/profile")).toMatchObject({ access: "read" });
    expect(mounts.find(({ at }) => at === "/profile")).not.toHaveProperty("key");
  }
  expect(steps.find(({ kind }) => kind === "url")).toMatchObject({ checksum: SUM });
  expect(steps.find((step) => step.kind === "image" && step.use === "profile")).toMatchObject({
    reference: "profiles",
  });
  expect(runs.filter(({ network }) => network !== "none").map(({ id }) => id)).toEqual(["modules"]);
});

test("what fetches or takes a profile is shown at its line when it fails", async () => {
  const text = describing(`\n    - ${URL_ENTRY}\n    - { image: profiles, path: /p.pgo }`);
  const { platforms } = graphOf(await planFiles({ ...tool, "service.yaml": text }));
  const definition = platforms[0]?.state.marshal(onPlatform(amd64)) ?? expect.fail("no graph");
  const lines = viewDefinition(definition).ops.flatMap(({ name, digest }) => {
    const [line] = definition.source?.locations.get(digest)?.flatMap(({ ranges }) => ranges) ?? [];
    return name.includes("profile") && line !== undefined ? [[name, line.start.line]] : [];
  });
  expect(Object.fromEntries(lines)).toEqual({
    "[profile] https://profiles.example.com/b.pgo": 4,
    "[internal] profile https://profiles.example.com/b.pgo": 4,
    "[internal] profile /p.pgo of profiles": 5,
    "[profile] merge 2 profiles": 4,
  });
});
