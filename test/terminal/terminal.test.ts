// No byte that a terminal obeys comes from a file: projects whose every name and text may hold such bytes, through
// everything that prints.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { runCli } from "../../src/cli/cli.ts";
import { ignoreRules, ignoring, openTree } from "../../src/facts/index.ts";
import { sourceInfo } from "../../src/frontend/excerpt.ts";
import { toGatewayError } from "../../src/frontend/errors.ts";
import { readOptions } from "../../src/frontend/options/read-options.ts";
import { answerSubrequest } from "../../src/frontend/subrequests.ts";
import { warn } from "../../src/frontend/warnings.ts";
import { encodeDetail, GatewayError, type GatewayClient } from "../../src/gateway/index.ts";
import { platform as onPlatform } from "../../src/llb/index.ts";
import { inspect, planBuild, sourcesFor } from "../../src/plan/index.ts";
import {
  diagnosticError,
  formatDiagnostics,
  isDiagnosticError,
  parseDescription,
  visible,
  visibleText,
  warningAt,
} from "../../src/description/index.ts";
import type { FixtureFile } from "../facts/fixtures/index.ts";
import { memoryTree } from "../facts/memory-tree.ts";
import { fakeClient } from "../frontend/support.ts";
import { amd64, graphOf, plainRequest } from "../plan/support.ts";

type Files = Readonly<Record<string, FixtureFile>>;

/** What terminals act on, or hide: all but tabs and line feeds, which our own text may hold. */
const obeyed = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

const bad = fc.constantFrom(
  "\u001b[2J\u001b[1;1H\u001b[32m#20 DONE",
  "\u001b]0;title\u0007",
  "\u009b31m",
  "\r#20 DONE",
  "\n#20 DONE",
  "\u202egnp.exe",
  "\u2066\u061c",
  "\u200b",
  "\u007f",
  "\u0085",
  "\ufeff",
  "\u0000",
);

/** A word that is right in its place, most often, or has such a byte in it. */
const word = (right: string): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 40, arbitrary: fc.constant(right) },
    { weight: 1, arbitrary: bad.map((it) => `${right}${it}`) },
    { weight: 1, arbitrary: bad.map((it) => `${right.slice(0, 1)}${it}${right.slice(1)}`) },
  );

/** On disk no name holds a slash or a zero byte. */
const name = (right: string): fc.Arbitrary<string> =>
  word(right).map((text) => text.replaceAll("\0", "\u0001"));

const seldom = fc.nat(9).map((n) => n === 0);

interface Project {
  readonly files: Files;
  readonly target: string;
  readonly buildArg: string;
}

const project: fc.Arbitrary<Project> = fc
  .record({
    syntax: word("# syntax=org/go-frontend"),
    key: word("strip"),
    value: word("false"),
    envValue: word("info"),
    escaped: bad,
    main: fc.constantFrom("", "", "main: ./cmd/app\n", "main: ./cmd/absent\n"),
    module: word("example.com/app"),
    required: word("example.com/lib"),
    version: word("v1.0.0"),
    extra: word("// indirect"),
    folder: name("app"),
    pkg: name("pkg"),
    file: name("main"),
    clause: word("main"),
    imported: word("example.com/app/pkg"),
    line: word("//line x.go:1"),
    embed: word("data.txt"),
    generated: word("//go:generate stringer -type X"),
    cgo: word("#include <a.h>"),
    link: name("target"),
    ignore: word("*.md"),
    own: fc.boolean(),
    vendored: word("# example.com/lib v1.0.0"),
    withEscaped: seldom,
    withVendor: seldom,
    withCgo: seldom,
    withLink: seldom,
    target: word("image"),
    buildArg: word("unknown"),
  })
  .map((it): Project => {
    const dir = `cmd/${it.folder}`;
    const go = `${it.generated}\n\npackage ${it.clause}\n\nimport (\n\t_ "embed"\n\t_ ${JSON.stringify(it.imported)}\n\t_ "example.com/lib"\n)\n\n//go:embed ${it.embed}\nvar data string\n\n${it.line}\nfunc main() {}\n`;
    const escaped = `"\\u${it.escaped.charCodeAt(0).toString(16).padStart(4, "0")}"`;
    return {
      target: it.target.replaceAll("\0", ""),
      buildArg: it.buildArg.replaceAll("\0", ""),
      files: {
        "service.yaml": `${it.syntax}\n${it.main}build: { ${it.key}: ${it.value} }\nimage: { env: { A: "${it.envValue}", B: ${it.withEscaped ? escaped : "b"} } }\n`,
        "go.mod": `module ${it.module}\n\ngo 1.26\n\nrequire ${it.required} ${it.version} ${it.extra}\n`,
        "go.sum": `${it.required} ${it.version} h1:x\n`,
        [`${dir}/${it.file}.go`]: go,
        [`${dir}/data.txt`]: "x",
        [`${it.pkg}/a.go`]: `package pkg\n${it.withCgo ? `\n/*\n${it.cgo}\n*/\nimport "C"\n` : ""}`,
        ...(it.withLink ? { [`${it.pkg}/b.go`]: { link: it.link } } : {}),
        [it.own ? "service.yaml.dockerignore" : ".dockerignore"]: `${it.ignore}\n`,
        ...(it.withVendor ? { "vendor/modules.txt": `${it.vendored}\n## explicit\nexample.com/lib\n` } : {}),
      },
    };
  });

/** All that the frontend gives to clients of a project, as they would print it. */
async function shownByFrontend({ files, target, buildArg }: Project): Promise<readonly string[]> {
  const shown: string[] = [];
  const text = files["service.yaml"] as string;
  const filename = "service.yaml";
  const parsed = parseDescription({ filename, bytes: new TextEncoder().encode(text) });
  const client = fakeClient({});
  const description = { filename, text };
  const folder = memoryTree(files);
  const bare = openTree(folder);
  const options = readOptions(new Map([["filename", filename]]), amd64);
  const request = { ...plainRequest, target, buildArgs: { [buildArg]: "x" } };
  const failed = async (error: unknown): Promise<void> => {
    const found = isDiagnosticError(error) ? error.diagnostics : [];
    const told = toGatewayError(error, await sourcesFor(found, description, bare), client);
    shown.push(told.message, ...told.details.map((detail) => sourceTextOf(encodeDetail(detail).value)));
  };
  for (const id of ["frontend.outline", "frontend.targets", "frontend.lint"]) {
    try {
      const { metadata } = await answerSubrequest(id, {
        parsed,
        tree: bare,
        options: { ...options, request },
        builder: client,
      });
      for (const [key, value] of metadata) {
        const result = new TextDecoder().decode(value);
        shown.push(...(key === "result.json" ? stringsIn(JSON.parse(result)) : [result]));
      }
    } catch (error) {
      await failed(error);
    }
  }
  try {
    if (!parsed.ok) throw diagnosticError(parsed.diagnostics);
    const { located } = parsed;
    const own = files["service.yaml.dockerignore"] as string | undefined;
    const rules = ignoreRules(filename, own, files[".dockerignore"] as string | undefined);
    const tree = openTree(ignoring(folder, rules));
    const inspected = await inspect(located, tree, request);
    const plan = planBuild(located, inspected, request);
    const warned = {
      ...client,
      caps: { has: () => true },
      warn: async (_: string, short: string, more: Warned) =>
        void shown.push(short, ...more.detail, new TextDecoder().decode(more.sourceInfo.data)),
    };
    await warn(warned as unknown as GatewayClient, { vertex: "sha256:x", tree }, located, inspected.warnings);
    for (const { state, platform } of graphOf({ request, located, inspected, plan }).platforms) {
      const { metadata, source } = state.marshal(onPlatform(platform));
      for (const op of metadata.values()) {
        shown.push(...op.description.values(), op.progressGroup?.name ?? "");
      }
      for (const info of source?.infos ?? []) shown.push(new TextDecoder().decode(info.data));
    }
  } catch (error) {
    await failed(error);
  }
  return shown;
}

interface Warned {
  readonly detail: readonly string[];
  readonly sourceInfo: { readonly data: Uint8Array };
}

function sourceTextOf(detail: Uint8Array): string {
  const { info } = JSON.parse(new TextDecoder().decode(detail)) as { info?: { data?: string } };
  return Buffer.from(info?.data ?? "", "base64").toString();
}

/** Every text in a value, what is in base64 decoded: clients print sources. */
function stringsIn(value: unknown, key = ""): readonly string[] {
  if (typeof value === "string") return [key === "data" ? Buffer.from(value, "base64").toString() : value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([inner, each]) => [inner, ...stringsIn(each, inner)]);
}

const scratch = mkdtempSync(join(tmpdir(), "go-frontend-terminal-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let folders = 0;

function folderOf(files: Files): string {
  const folder = join(scratch, String(folders++));
  for (const [path, file] of Object.entries(files)) {
    const full = join(folder, path);
    mkdirSync(dirname(full), { recursive: true });
    if (typeof file === "string") writeFileSync(full, file);
    else symlinkSync(file.link, full);
  }
  return folder;
}

/** All that the command line prints of a project. */
async function shownByCli({ files, target, buildArg }: Project): Promise<readonly string[]> {
  const shown: string[] = [];
  const folder = folderOf(files);
  const terminal = {
    out: (bytes: Uint8Array | string) => void shown.push(Buffer.from(bytes as string).toString()),
    err: (text: string) => void shown.push(text),
    isTerminal: false,
    cwd: process.cwd(),
  };
  const more = ["--target", target, "--build-arg", `${buildArg}=x`];
  const example = join(import.meta.dirname, "..", "..", "examples", "hello");
  for (const argv of [
    ["check", folder, ...more],
    ["plan", folder, ...more],
    ...["text", "dot", "svg"].map((format) => ["plan", folder, "--format", format]),
    ["why", folder, example],
    ["why", example, folder, "--format", "json"],
    [buildArg],
  ]) {
    await runCli(argv, terminal);
  }
  rmSync(folder, { recursive: true });
  return shown;
}

function expectClean(shown: readonly string[]): void {
  expect(shown.length).toBeGreaterThan(0);
  expect(shown.filter((text) => obeyed.test(text))).toEqual([]);
}

describe("a project with such bytes in every name", { timeout: 120_000 }, () => {
  test("is shown by the frontend without one of them", async () => {
    await fc.assert(
      fc.asyncProperty(project, async (one) => expectClean(await shownByFrontend(one))),
      { numRuns: 600 },
    );
  });

  test("is shown by the command line without one of them", async () => {
    await fc.assert(
      fc.asyncProperty(project, async (one) => expectClean(await shownByCli(one))),
      { numRuns: 100 },
    );
  });
});

describe("any text", () => {
  const any = fc.array(fc.oneof(bad, fc.string({ unit: "binary" }))).map((parts) => parts.join(""));

  test("of a diagnostic", () => {
    fc.assert(
      fc.property(any, any, any, (message, help, file) => {
        const start = { line: 1, column: 1, offset: 0 };
        const one = warningAt("GF033", message, { file, range: { start, end: start }, help });
        expectClean([formatDiagnostics([one], [{ filename: file, text: message }])]);
        expectClean([toGatewayError(diagnosticError([one]), [], fakeClient({})).message]);
        const info = sourceInfo({ filename: file, text: message }, "");
        expectClean([new TextDecoder().decode(info.data)]);
      }),
    );
  });

  test("of an error of the builder, or of a bug", () => {
    fc.assert(
      fc.property(any, (message) => {
        expectClean([toGatewayError(new GatewayError(message, { code: 2 }), [], fakeClient({})).message]);
        expectClean([toGatewayError(new Error(message), [], fakeClient({})).message]);
      }),
    );
  });

  test("of a step's name, or one of several lines", () => {
    fc.assert(
      fc.property(any, (text) => {
        expectClean([visible(text), visibleText(text)]);
        expect(visible(text)).not.toContain("\n");
      }),
    );
  });
});
