// The frontend's bundle as the image holds it, run on the Node that the image has.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bundle, bundleFrontend, writeBundle } from "../../frontend-image/bundle.ts";
import { packagesOf } from "../../frontend-image/notices.ts";
import { nodeFlags } from "../../src/frontend/limits.ts";
import { runFrontendScript } from "../support/gateway-harness.ts";

let bundle: Bundle;
const root = mkdtempSync(join(tmpdir(), "go-frontend-bundle-"));
const entry = join(root, "app", "frontend.cjs");
beforeAll(async () => {
  bundle = await bundleFrontend();
  writeBundle(bundle, root, "app", "doc");
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** The files that are loaded before the entry gives up control: what stands between the start and Ping. */
function loadedFirst(name = "frontend.cjs", seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(name)) return seen;
  seen.add(name);
  const text = bundle.files.find((file) => file.name === name)?.text ?? "";
  const lazy = new Set(
    Array.from(
      text.matchAll(/Promise\.resolve\(\)\.then\([^"]*require\("\.\/([^"]+)"\)/g),
      (match) => match[1],
    ),
  );
  for (const [, next = ""] of text.matchAll(/require\("\.\/([^"]+)"\)/g)) {
    if (!lazy.has(next)) loadedFirst(next, seen);
  }
  return seen;
}

test("the same sources give the same bytes", async () => {
  expect(await bundleFrontend()).toEqual(bundle);
});

test("what Ping needs is small and comes first; YAML, zod and the codecs come later", () => {
  const first = bundle.files.filter((file) => loadedFirst().has(file.name));
  const size = (files: Bundle["files"]): number => files.reduce((sum, { text }) => sum + text.length, 0);
  expect(first.map((file) => file.name)).toContain("frontend.cjs");
  expect(size(first)).toBeLessThan(64 * 1024);
  expect(size(bundle.files)).toBeGreaterThan(8 * size(first));
  expect(size(bundle.files)).toBeLessThan(1024 * 1024);
});

test("it has the words of messages, and no sentence of the reference", () => {
  const all = bundle.files.map(({ text }) => text).join("\n");
  const sentences = referenceSentences();
  expect(sentences.length).toBeGreaterThan(50);
  expect(sentences.filter((sentence) => all.includes(sentence))).toEqual([]);
  expect(all).toContain("a user id, or text like 65532:0");
  expect(all).toContain("entrypoint: [/usr/local/bin/orders, serve]");
});

/** Of the text of each key in the JSON Schema a piece that every way to write a string leaves as it is. */
function referenceSentences(): readonly string[] {
  const path = join(import.meta.dirname, "..", "..", "schema", "service.schema.json");
  const texts = Array.from(readFileSync(path, "utf8").matchAll(/"description": "((?:[^"\\]|\\.)*)"/g));
  const pieces = texts.flatMap(([, text = ""]) => /[A-Za-z ,.]{40,}/.exec(text)?.[0] ?? []);
  return [...new Set(pieces)];
}

test("it holds no gRPC library, no source map and no other package than these", () => {
  expect(packagesOf(bundle.inputs)).toEqual(["long", "protobufjs", "yaml", "zod"]);
  for (const { text } of bundle.files) expect(text).not.toContain("sourceMappingURL");
  expect(bundle.notices).toContain("Colin McDonnell");
  expect(bundle.notices).toContain("Eemeli Aro");
});

test("the warm run loads what every build needs, says nothing and leaves the pipes alone", () => {
  const cache = join(root, "cache");
  const env = { GO_FRONTEND_WARM: "1", NODE_COMPILE_CACHE: cache };
  const run = spawnSync(process.execPath, [entry], { env, encoding: "utf8" });
  expect(run).toMatchObject({ status: 0, stdout: "", stderr: "" });
  const [tag = ""] = readdirSync(cache);
  expect(readdirSync(join(cache, tag)).length).toBeGreaterThan(loadedFirst().size);
});

test("the flags that hold Node to its memory are in no hash, so that compile caches made without them are taken", () => {
  const tag = (flags: readonly string[]): string =>
    spawnSync(process.execPath, [...flags, "-p", "v8.cachedDataVersionTag()"], { encoding: "utf8" }).stdout;
  expect(tag(nodeFlags)).toBe(tag([]));
  expect(tag([])).toMatch(/^\d+\n$/);
  expect(tag(["--hash-seed=1"])).not.toBe(tag([]));
});

test("the baked compile cache has the same bytes every time, and Node takes it", () => {
  const bake = join(import.meta.dirname, "..", "..", "frontend-image", "bake.ts");
  const contents = ["one", "two"].map((name) => {
    const out = join(root, name);
    const run = spawnSync(process.execPath, ["--no-warnings", bake, out, entry], {
      encoding: "utf8",
      env: {},
    });
    expect(run).toMatchObject({ status: 0, stderr: "" });
    const [tag = ""] = readdirSync(out);
    return readdirSync(join(out, tag)).map((file) => [file, readFileSync(join(out, tag, file), "base64")]);
  });
  expect(contents[0]).toHaveLength(bundle.files.length);
  expect(contents[0]).toEqual(contents[1]);
});

describe("run as BuildKit runs it", () => {
  test("Ping is the first call; an empty context is returned as an error; then the process ends", async () => {
    const run = await runFrontendScript(entry, [], {
      flags: ["-dir", root],
      env: { NODE_COMPILE_CACHE: "" },
    });
    expect(run.events.find(({ event }) => event === "call")).toMatchObject({ method: "Ping" });
    expect(run.returned).toHaveProperty("error.message", expect.stringContaining("GF082"));
    expect(run.exit).toMatchObject({ exitCode: 0 });
    expect(run.exit.closedEarly ?? false).toBe(false);
  });

  test("by grpc-js, where the image is built so", async () => {
    const other = await bundleFrontend("grpc-js");
    expect(packagesOf(other.inputs)).toContain("@grpc/grpc-js");
    writeBundle(other, root, "grpc-js", "doc");
    const run = await runFrontendScript(join(root, "grpc-js", "frontend.cjs"), [], {
      flags: ["-dir", root],
      env: { NODE_COMPILE_CACHE: "" },
    });
    expect(run.events.find(({ event }) => event === "call")).toMatchObject({ method: "Ping" });
    expect(run.returned).toHaveProperty("error.message", expect.stringContaining("GF082"));
    expect(run.exit).toMatchObject({ exitCode: 0 });
  });

  test("the end of stdin ends it", () => {
    const run = spawnSync(process.execPath, [entry], { input: "", encoding: "latin1", timeout: 10_000 });
    expect(run.status).toBe(1);
    expect(run.stdout).toMatch(/^PRI \* HTTP\/2\.0\r\n\r\nSM\r\n\r\n/);
    expect(run.stderr).toMatch(/^frontend: .*\n$/);
  });
});
