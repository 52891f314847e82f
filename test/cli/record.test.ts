// Build records: what real builds wrote (test/golden/records, kept from docker buildx v0.36.1 and BuildKit v0.34.2; the
// helper's source and the records' own metadata are cut out).
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { runCli } from "../../src/cli/cli.ts";

const records = fileURLToPath(new URL("../golden/records/", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "go-frontend-record-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function why(a: string, b: string): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ["", ""];
  const code = await runCli(["why", a, b], {
    out: (text) => void (out += String(text)),
    err: (text) => void (err += text),
    isTerminal: false,
    cwd: records,
  });
  return { code, out, err };
}

const file = (name: string): string => join(records, name);
const json = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(file(name), "utf8")) as Record<string, unknown>;

function saved(name: string, content: unknown): string {
  const path = join(scratch, name);
  writeFileSync(path, JSON.stringify(content, null, 2));
  return path;
}

const before = file("before.metadata.json");
const same = `nothing changed: every one of 10 stages has the same key
a record names the files of the build context and does not hold them: compare plans or folders for edits
`;

describe("every form of one build's record is the same build", () => {
  const statement = json("before.statement.json");
  test.each([
    ["the metadata file (SLSA 0.2)", before],
    ["the attestation (in-toto statement, SLSA 1)", file("before.statement.json")],
    ["the statement's predicate alone", saved("v1.json", statement["predicate"])],
    [
      "imagetools' .Provenance of an index",
      saved("index.json", { "linux/amd64": { SLSA: statement["predicate"] } }),
    ],
    ["the predicate alone", saved("v02.json", json("before.metadata.json")["buildx.build.provenance"])],
  ])("%s", async (_what, form) => {
    expect(await why(before, form)).toEqual({ code: 0, out: same, err: "" });
    expect(await why(form, before)).toEqual({ code: 0, out: same, err: "" });
  });
});

test("each step that runs again is named, with the line, import and flag that did it", async () => {
  const { out } = await why(file("before.statement.json"), file("after.metadata.json"));
  const stages = out.split("\n").filter((line) => /^[^ ]/.test(line));
  expect(stages).toEqual(["modules", "deps linux/amd64", "build . linux/amd64", "merge"]);
  expect(out).toContain("  go.mod: with github.com/mattn/go-isatty v0.0.20\n");
  expect(out).toContain("  go.sum: with golang.org/x/sys v0.6.0 h1:");
  expect(out).toContain('  deps.go: with _ "github.com/mattn/go-isatty"\n');
  expect(out).toContain(
    "build . linux/amd64\n  command: -ldflags=-buildid= instead of -ldflags=-s -w -buildid=\n",
  );
});

test("a record of two platforms: what they share is one stage", async () => {
  const { out } = await why(before, file("two-platforms.metadata.json"));
  expect(out.split("\n").filter((line) => /^[^ ]/.test(line))).toEqual([
    "std linux/arm64",
    "deps linux/arm64",
    "build . linux/arm64",
    "merge (2)",
  ]);
});

test("a record without steps says how to get one with", async () => {
  const provenance = json("before.metadata.json")["buildx.build.provenance"] as Record<string, unknown>;
  const { buildConfig: _, ...min } = provenance;
  const { code, err } = await why(before, saved("min.json", { "buildx.build.provenance": min }));
  expect(code).toBe(1);
  expect(err).toContain("build with --provenance=mode=max");
  expect(err).toContain("BUILDX_METADATA_PROVENANCE=max");
});

test("a record is not compared with a plan", async () => {
  const folder = fileURLToPath(new URL("../../examples/hello", import.meta.url));
  const { code, err } = await why(before, folder);
  expect(code).toBe(2);
  expect(err).toContain("is a record and");
});
