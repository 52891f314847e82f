// What the frontend takes of its builder's machine: the bundle as the image holds it, started as the image starts it,
// over a gateway server that gives a folder for every result. docs/limits.md has the figures of one run.
import { spawnSync } from "node:child_process";
import { linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleFrontend, writeBundle } from "../../frontend-image/bundle.ts";
import { nodeFlags } from "../../src/frontend/limits.ts";
import { runFrontendScript } from "../support/gateway-harness.ts";

const MB = 1_000_000;
/** What is promised, for any description and tree. */
const MOST = 150 * MB;
/** And of the command line, on the user's own machine. */
const MOST_CLI = 500 * MB;
const commandLine = join(import.meta.dirname, "..", "..", "src", "cli", "entry.ts");

const root = mkdtempSync(join(tmpdir(), "go-frontend-memory-"));
const docs = readFileSync(join(import.meta.dirname, "..", "..", "docs", "limits.md"), "utf8");
beforeAll(async () => writeBundle(await bundleFrontend(), root, "app", "doc"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

type Files = Readonly<Record<string, string>>;

const syntax = "# syntax=org/go-frontend\n";
const goMod = "module example.test/app\n\ngo 1.26\n";
const main = (...imports: readonly string[]): string =>
  `package main\n\nimport (\n${imports.map((path) => `\t_ "example.test/app/${path}"\n`).join("")})\n\nfunc main() {}\n`;
const plain = { "service.yaml": syntax, "go.mod": goMod, "main.go": main() };
const many = <T>(count: number, of: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, index) => of(index));
const table = (entries: readonly (readonly [string, string])[]): Files => Object.fromEntries(entries);

/** A folder of its own. */
function folder(name: string, files: Files): string {
  const dir = join(root, name);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return dir;
}

interface Outcome {
  /** Bytes, at the highest. */
  readonly memory: number;
  /** `built`, or the code of the error. */
  readonly said: string;
}

async function plan(dir: string, options: readonly string[] = []): Promise<Outcome> {
  const given = ["filename=service.yaml", ...options];
  const env = Object.fromEntries(given.map((option, index) => [`BUILDKIT_FRONTEND_OPT_${index}`, option]));
  const { exit, returned, stderr } = await runFrontendScript(join(root, "app", "frontend.cjs"), [], {
    flags: ["-dir", dir, "-without", "source.local.metadatatransfer"],
    env: { ...env, BUILDKIT_SESSION_ID: "session-1", BUILDKIT_WORKERS: "[]" },
    nodeFlags: ["--no-warnings", ...nodeFlags],
  });
  expect([exit.exitCode, stderr]).toEqual([0, ""]);
  const error = returned?.["error"] as { readonly message: string } | undefined;
  const said = error === undefined ? "built" : (/\bGF\d{3}\b/.exec(error.message)?.[0] ?? error.message);
  return { memory: (exit.maxRss ?? Infinity) * 1024, said };
}

interface Case {
  readonly what: string;
  readonly files: () => Files;
  readonly options?: readonly string[];
  readonly said: string;
}

const packages = (count: number, files: number): Files => ({
  ...plain,
  "main.go": main(...many(count, (at) => `internal/package${at}`)),
  ...table(
    many(count * files, (at) => [
      `internal/package${at % count}/some_longer_file_name_${at}.go`,
      `package package${at % count}\n\nconst C${at} = ${at}\n`,
    ]),
  ),
});

const cases: readonly Case[] = [
  { what: "one file", files: () => plain, said: "built" },
  {
    what: "two platforms",
    files: () => plain,
    options: ["platform=linux/amd64,linux/arm64"],
    said: "built",
  },
  { what: "a service of 400 packages", files: () => packages(400, 5), said: "built" },
  {
    what: "one of 800 services",
    files: () => ({
      ...plain,
      "service.yaml": `${syntax}services:\n${many(800, (at) => `  s${at}: { main: ./cmd/s${at} }\n`).join("")}`,
      "lib/lib.go": "package lib\n",
      ...table(many(800, (at) => [`cmd/s${at}/main.go`, main("lib")])),
    }),
    options: ["target=s7"],
    said: "built",
  },
  { what: "15,000 Go files", files: () => packages(150, 100), said: "built" },
  { what: "30,000 Go files", files: () => packages(300, 100), said: "built" },
  {
    what: "60,000 imports in one file",
    files: () => ({
      ...plain,
      "main.go": `package main\n\nimport (${many(60_000, (at) => `_ "example.test/app/p${at}"`).join(";")})\n`,
    }),
    said: "built",
  },
  {
    what: "20 files of 50,000 patterns of go:embed",
    files: () => ({
      ...plain,
      ...table(
        many(20, (file) => [
          `f${file}.go`,
          `package main\n\nimport _ "embed"\n${many(50_000, (at) => `//go:embed pattern_${file}_${at}\n`).join("")}`,
        ]),
      ),
    }),
    said: "built",
  },
  {
    what: "60,000 names in one directory",
    files: () => ({ ...plain, ...table(many(60_000, (at) => [`data_${at}.txt`, ""])) }),
    said: "built",
  },
  {
    what: "a go.sum of 20,000 lines",
    files: () => ({
      ...plain,
      "go.sum": many(20_000, (at) => `example.test/m${at}/sub v1.0.0 h1:${"A".repeat(43)}=\n`).join(""),
    }),
    said: "built",
  },
  {
    what: "a go.mod of 30,000 requirements",
    files: () => ({
      ...plain,
      "go.mod": `${goMod}\nrequire (\n${many(30_000, (at) => `\texample.test/m${at}/s v1.0.0\n`).join("")})\n`,
    }),
    said: "built",
  },
  {
    what: "values that put a variable of 4,000 characters in 3,000 times",
    files: () => ({
      ...plain,
      "service.yaml": `${syntax}args: { a: "${"x".repeat(4000)}" }\nimage:\n  env:\n${many(3000, (at) => `    N${at}: "\${a}"\n`).join("")}`,
    }),
    said: "GF040",
  },
  {
    what: "a go.sum of 8 MiB",
    files: () => ({ ...plain, "go.sum": "x".repeat(8 << 20) }),
    said: "GF016",
  },
  {
    what: "an ignore file of 100,000 stars",
    files: () => ({ ...plain, ".dockerignore": "*".repeat(100_000) }),
    said: "built",
  },
];

/** Bytes that `go-frontend check` takes of the user's machine, as a process that has all sources to read first. */
function memoryOfCheck(dir: string): number {
  const tell = `import { writeSync } from "node:fs"; process.on("exit", () => writeSync(3, String(process.resourceUsage().maxRSS)));`;
  const tellAtTheEnd = ["--import", `data:text/javascript,${encodeURIComponent(tell)}`];
  const { output, signal } = spawnSync(
    process.execPath,
    ["--no-warnings", ...tellAtTheEnd, commandLine, "check", dir],
    { encoding: "utf8", stdio: ["ignore", "ignore", "ignore", "pipe"] },
  );
  expect(signal).toBeNull();
  return Number(output[3] || Infinity) * 1024;
}

/** Prints the row that docs/limits.md has of a tree, with the figure of this run. */
function checkRow(what: string, { memory, said }: Outcome, check: number): void {
  const ends = said === "built" ? "a build" : said;
  const figures = [memory, check].map((bytes) => `${(bytes / MB).toFixed(0)} MB`).join(" | ");
  console.log(`| ${what} | ${figures} | ${ends} |`);
  const rows = docs.split("\n").filter((line) => line.startsWith(`| ${what} |`));
  expect(rows.map((row) => /(?: \| \d+ MB){2} \| (.*) \|$/.exec(row)?.[1])).toEqual([ends]);
  expect(check).toBeLessThan(MOST_CLI);
}

// A slow machine takes a minute for the largest of these trees.
describe("less than 150 MB of memory are taken by", { timeout: 300_000 }, () => {
  test.each(cases)("$what", async ({ what, files, options, said }) => {
    const dir = folder(what.replaceAll(/\W/g, "-"), files());
    const [outcome, check] = [await plan(dir, options), memoryOfCheck(dir)];
    rmSync(dir, { recursive: true, force: true });
    checkRow(what, outcome, check);
    expect(outcome.said).toBe(said);
    expect(outcome.memory).toBeLessThan(MOST);
  });

  test("100 Go files of 8 MB whose heads do not end", async () => {
    const what = "100 Go files of 8 MB whose heads do not end";
    const dir = folder("heads", { ...plain, "main.go": main("big"), "big/f0.go": `//${" ".repeat(8 * MB)}` });
    for (let at = 1; at < 100; at++) linkSync(join(dir, "big", "f0.go"), join(dir, "big", `f${at}.go`));
    const [outcome, check] = [await plan(dir), memoryOfCheck(dir)];
    checkRow(what, outcome, check);
    expect(outcome.said).toBe("built");
    expect(outcome.memory).toBeLessThan(MOST);
  });
});

test.each(["values", "buffers"])("work that holds ever more %s ends with an error of ours", (kind) => {
  const run = spawnSync(
    process.execPath,
    ["--no-warnings", ...nodeFlags, join(import.meta.dirname, "grow.ts"), kind],
    { encoding: "utf8" },
  );
  expect([run.status, run.signal, run.stderr]).toEqual([0, null, ""]);
  const { codes, maxRSS } = JSON.parse(run.stdout) as { codes: readonly string[]; maxRSS: number };
  expect(codes).toEqual(["GF085"]);
  // Looks are some milliseconds apart, and this is not the image's Node with one bundle, but Node with all sources.
  expect(maxRSS).toBeLessThan(1.2 * MOST);
});
