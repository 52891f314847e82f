// The command line, in this process, on the examples and on copies of them: what it prints and how it ends.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { runCli } from "../../src/cli/cli.ts";
import { localBuild } from "../../src/cli/llb.ts";
import { definitionFromBytes, viewDefinition } from "../../src/llb/index.ts";
import type { Build } from "../../src/plan/index.ts";
import { jsonSchema } from "../../src/description/index.ts";
import { exampleDescriptions, planExample, planFolder } from "../plan/support.ts";

const examples = fileURLToPath(new URL("../../examples/", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "go-frontend-cli-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

beforeEach(() => {
  vi.stubEnv("SOURCE_DATE_EPOCH", undefined);
});
afterEach(() => void vi.unstubAllEnvs());

interface Outcome {
  readonly code: number;
  readonly out: Buffer;
  readonly err: string;
}

async function run(argv: readonly string[], isTerminal = false): Promise<Outcome> {
  const out: Buffer[] = [];
  let err = "";
  const code = await runCli(argv, {
    out: (bytes) => void out.push(Buffer.from(bytes as string)),
    err: (text) => void (err += text),
    isTerminal,
    cwd: process.cwd(),
  });
  return { code, out: Buffer.concat(out), err };
}

let copies = 0;

/** A copy of an example to change. */
function copyOf(example: string, edits: Readonly<Record<string, string>> = {}): string {
  const folder = join(scratch, `${example}-${copies++}`);
  cpSync(join(examples, example), folder, { recursive: true });
  for (const [path, text] of Object.entries(edits)) writeFileSync(join(folder, path), text);
  return folder;
}

describe("the command line itself", () => {
  test("says how it is used", async () => {
    for (const argv of [["help"], ["--help"], ["-h"], ["check", "--help"]]) {
      const { code, err, out } = await run(argv);
      expect([code, out.length]).toEqual([0, 0]);
      expect(err).toContain("go-frontend check [FOLDER]");
    }
    expect((await run([])).code).toBe(2);
  });

  test("tells its version, which is package.json's", async () => {
    const { version } = JSON.parse(readFileSync(join(examples, "../package.json"), "utf8")) as {
      readonly version: string;
    };
    for (const argv of [["version"], ["--version"]]) {
      const { code, out, err } = await run(argv);
      expect([code, out.toString(), err]).toEqual([0, `go-frontend ${version}\n`, ""]);
    }
  });

  test.each([
    [["chekc"], 'unknown command "chekc"\nhelp: did you mean `check`?'],
    [["frobnicate"], 'unknown command "frobnicate"\nhelp: `go-frontend help` lists the commands'],
    [["plan", "--frmat", "json"], 'unknown option "--frmat"\nhelp: did you mean `--format`?'],
    [["plan", "-z"], 'unknown option "-z"\nhelp: `go-frontend help` lists the options'],
    [["plan", "--format"], "--format has no value\nhelp: write `--format FORMAT`"],
    [
      ["plan", "-f", "--dump"],
      "-f has no value\nhelp: write `-f FILE`, or `--file=--dump` where the value begins with a dash",
    ],
    [["llb", "--dump=x"], "--dump takes no value\nhelp: write `--dump` alone"],
    [
      ["plan", "--format", "xml", join(examples, "hello")],
      'unknown format "xml"\nhelp: the formats are json, text, dot, svg',
    ],
    [
      ["check", "--platform", "linux/x86_64"],
      '--platform: unknown platform "linux/x86_64"\nhelp: use `linux/amd64`',
    ],
    [
      ["check", "a", "b"],
      'check takes one folder, and "b" is a second one\nhelp: run it once for each; a description is named with `-f FILE`',
    ],
    [
      ["why", "a"],
      "why takes two plans, graphs, build records or folders\nhelp: write `go-frontend why A B`",
    ],
  ])("%j is a mistake of the command", async (argv, message) => {
    const { code, err, out } = await run(argv);
    expect([code, out.length]).toEqual([2, 0]);
    expect(err).toBe(`go-frontend: ${message}\n`);
  });

  test.each([
    [["check", "/nonexistent"], "/nonexistent is not a folder"],
    [
      ["plan", "-f", "/nonexistent.yaml", join(examples, "hello")],
      "there is no such file: /nonexistent.yaml\n",
    ],
  ])("%j cannot be done", async (argv, message) => {
    const { code, err } = await run(argv);
    expect(code).toBe(1);
    expect(err).toContain(message);
    expect(err).not.toMatch(/\n\s+at /);
  });

  test("a folder without a description says what the smallest one is", async () => {
    const folder = join(scratch, "empty");
    mkdirSync(folder);
    const { code, err } = await run(["check", folder]);
    expect(code).toBe(1);
    expect(err).toContain('the smallest is a file service.yaml with the line "# syntax=org/go-frontend"');
  });
});

describe("check", () => {
  test.each(exampleDescriptions())("examples/$name/$file is sound", async ({ folder, file }) => {
    const { code, err, out } = await run(["check", folder, "-f", join(folder, file)]);
    expect([code, out.length]).toEqual([0, 0]);
    const [ok = "", ...warnings] = err
      .split("\n")
      .filter((line) => /^ok:| GF[0-9]{3} /.test(line))
      .toReversed();
    expect(ok).toMatch(/^ok: [\w-]+ with golang:1\.26-(alpine|bookworm).*; targets: /);
    // What steps write is known to a builder only.
    expect(warnings).toEqual(folder.endsWith("/steps") ? [expect.stringContaining("GF057")] : []);
  });

  test("reads every service of a description", async () => {
    expect((await run(["check", join(examples, "two-services")])).err).toBe(
      "ok: api with golang:1.26-alpine, worker with golang:1.26-alpine; targets: api, api.binary, api.symbols, api.debug, worker, worker.binary, worker.symbols, worker.debug\n",
    );
  });

  test("knows the lists of whoever runs the build", async () => {
    const lists = [
      "--build-arg",
      "GO_FRONTEND_ALLOW_SECRETS=netrc",
      "--build-arg",
      "GO_FRONTEND_ALLOW_HOSTS=",
    ];
    const { code, err } = await run(["check", join(examples, "private-modules"), ...lists]);
    expect(code).toBe(1);
    expect(err).toMatch(/service\.yaml:\d+:\d+: GF055 the secret "[\w-]+" is not allowed here/);
    expect(err).toContain("GO_FRONTEND_ALLOW_HOSTS=…");
  });

  test("shows the line of a file of the tree", async () => {
    const folder = copyOf("hello", {
      "go.mod": "module example.com/hello\n\ngo 1.26\n\nrequire github.com/google/uuid v1.6.0\n",
      "more.go": 'package main\n\nimport _ "github.com/google/uuid"\n',
    });
    const { code, err } = await run(["check", folder]);
    expect(code).toBe(1);
    expect(err).toMatch(/go\.mod:\d+:\d+: GF011 .*\n\d+ \| /);
  });

  test("shows what is wrong at its line, all of it, and ends with 1", async () => {
    const folder = copyOf("hello", {
      "service.yaml": "# syntax=org/go-frontend\nnmae: x\nplatforms: [linux/x86]\n",
    });
    const { code, err } = await run(["check", folder]);
    expect(code).toBe(1);
    expect(err).toContain("service.yaml:2:1: GF021");
    expect(err).toContain("2 | nmae: x\n  | ^^^^");
    expect(err).toContain("service.yaml:3:13: GF030");
  });

  test("shows what is wrong in the source tree", async () => {
    const folder = copyOf("hello", { "service.yaml": "main: ./cmd/none\n" });
    const { code, err } = await run(["check", folder]);
    expect(code).toBe(1);
    expect(err).toContain("service.yaml:1:7: GF002");
  });

  test("prints warnings and goes on", async () => {
    const folder = copyOf("hello", { "service.yaml": "args: { api_token: x }\n" });
    const { code, err } = await run(["check", folder]);
    expect(code).toBe(0);
    expect(err).toContain("GF053");
    expect(err).toContain("ok: hello");
  });
});

describe("plan", () => {
  test("is the steps that a build would have, as JSON, with what they read", async () => {
    const folder = join(examples, "hello");
    const { code, out } = await run(["plan", folder, "--platform", "linux/arm64"]);
    const { contents, steps, results } = JSON.parse(out.toString()) as Record<string, unknown>;
    const buildPlatform = { os: "linux", architecture: process.arch === "arm64" ? "arm64" : "amd64" };
    const expected = await planFolder(folder, readFileSync(join(folder, "service.yaml"), "utf8"), {
      platforms: [{ os: "linux", architecture: "arm64" }],
      buildPlatform,
    });
    expect(code).toBe(0);
    const project = { ...expected, folder, ignore: [] };
    const build = JSON.parse(JSON.stringify(localBuild(project))) as Build;
    expect([steps, results]).toEqual([build.steps, build.results]);
    expect(Object.keys(contents as object)).toEqual(["go.mod", "main.go"]);
  });

  test("tells its stages as text, and as pictures", async () => {
    const argv = ["plan", join(examples, "orders"), "--platform", "linux/amd64", "--format"];
    const text = (await run([...argv, "text"])).out.toString();
    for (const stage of ["helper", "modules", "std", "deps", "orders"]) expect(text).toContain(stage);
    expect((await run([...argv, "dot"])).out.toString()).toMatch(/^digraph/);
    expect((await run([...argv, "svg"])).out.toString()).toMatch(/^<svg|^<\?xml/);
  });

  test("takes the target and build arguments", async () => {
    const argv = [
      "plan",
      join(examples, "two-services"),
      "--target",
      "worker.binary",
      "--build-arg",
      "version=9",
    ];
    const { out } = await run(argv);
    const plan = JSON.parse(out.toString()) as { readonly output: string; readonly target: string };
    expect(plan).toMatchObject({ output: "binary", target: "worker.binary" });
    expect(out.toString()).toContain("internal/job.Version=9");
  });

  test("takes a build argument's value from the environment when only its name is given", async () => {
    vi.stubEnv("version", "from-env");
    const { out } = await run(["plan", join(examples, "orders"), "--build-arg", "version"]);
    expect(out.toString()).toContain("main.version=from-env");
  });

  test("goes to a file", async () => {
    const file = join(scratch, "plan.json");
    const { code, out } = await run(["plan", join(examples, "hello"), "-o", file]);
    expect([code, out.length]).toEqual([0, 0]);
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ target: "image" });
  });
});

describe("a folder beside the context", () => {
  const lib = join(scratch, "lib");
  const app = join(scratch, "beside");
  const write = (folder: string, files: Readonly<Record<string, string>>): void => {
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  };
  const given = `--build-context=lib=${lib}`;
  beforeEach(() => {
    write(lib, {
      "go.mod": "module example.com/lib\n\ngo 1.26\n",
      "lib.go": "package lib\n",
      "local.go": "package other\n",
      ".dockerignore": "local.go\n",
    });
    write(app, {
      "service.yaml": "# syntax=org/go-frontend\nname: app\n",
      "go.mod":
        "module example.com/app\n\ngo 1.26\n\nrequire example.com/lib v1.0.0\n\nreplace example.com/lib => ../lib\n",
      "main.go": 'package main\n\nimport _ "example.com/lib"\n\nfunc main() {}\n',
    });
  });

  test("answers a replace that leaves the context; without it that is an error", async () => {
    expect(await run(["check", app, given])).toMatchObject({ code: 0 });
    const without = await run(["check", app]);
    expect([without.code, without.err]).toEqual([1, expect.stringContaining("--build-context lib=…")]);
  });

  test("is read with its own ignore file, and an edit of it is told by its place in the tree", async () => {
    const [before, after] = [join(scratch, "before.json"), join(scratch, "after.json")];
    expect(await run(["plan", app, given, "-o", before])).toMatchObject({ code: 0 });
    const { contents } = JSON.parse(readFileSync(before, "utf8")) as { readonly contents: object };
    expect(Object.keys(contents).filter((path) => path.startsWith("."))).toEqual([
      ".go-frontend/contexts/lib/go.mod",
      ".go-frontend/contexts/lib/lib.go",
    ]);
    write(lib, { "lib.go": "package lib\n\nvar X = 1\n" });
    await run(["plan", app, given, "-o", after]);
    expect((await run(["why", before, after])).out.toString()).toMatch(
      /^build \. linux\/\S+\n {2}file \.go-frontend\/contexts\/lib\/lib\.go/,
    );
  });

  test("and the context are compared without what is left out where they are taken whole", async () => {
    const steps = "steps: { gen: { image: alpine, run: [[gen]], outputs: [gen] } }\n";
    write(app, { "service.yaml": `# syntax=org/go-frontend\nname: app\n${steps}` });
    write(join(app, ".git"), { HEAD: "ref: refs/heads/main\n" });
    const { out } = await run(["plan", app, given]);
    const { contents } = JSON.parse(out.toString()) as { readonly contents: object };
    expect(Object.keys(contents)).toEqual(
      expect.arrayContaining(["main.go", ".go-frontend/contexts/lib/lib.go"]),
    );
    expect(Object.keys(contents).filter((path) => /local\.go|^\.git\//.test(path))).toEqual([]);
    rmSync(join(app, ".git"), { recursive: true });
  });

  test("has a name in the graph", async () => {
    const { out } = await run(["llb", app, given, "--platform", "linux/amd64"]);
    const names = viewDefinition(definitionFromBytes(out)).ops.flatMap(({ op }) =>
      op.op === "source" ? [op.source.identifier] : [],
    );
    expect(names).toContain("local://lib");
  });

  test.each([
    ["--build-context=lib", "--build-context takes NAME=FOLDER, not lib"],
    ["--build-context=../x=.", "--build-context takes NAME=FOLDER"],
    ["--build-context=lib=no-such-folder", "is not a folder"],
  ])("%s is a mistake", async (option, message) => {
    const { code, err } = await run(["check", app, option]);
    expect([code, err]).toEqual([1, expect.stringContaining(message)]);
  });
});

describe("an ignore file", () => {
  test("hides source as it does in a build, and is named with its line", async () => {
    const folder = copyOf("hello", { ".dockerignore": "# all\n*\n" });
    for (const command of ["check", "plan", "llb"]) {
      const { code, err } = await run([command, folder]);
      expect(code).toBe(1);
      expect(err).toContain("GF004 go.mod is excluded by .dockerignore line 2 (*)");
      expect(err).toContain(
        "help: add `!go.mod` after it, remove the line, or say in service.yaml.dockerignore what this build ignores",
      );
    }
    writeFileSync(join(folder, ".dockerignore"), "*\n!go.mod\n");
    expect((await run(["check", folder])).err).toContain(
      "help: .dockerignore line 1 (*) hides source: add `!**/*.go` after it",
    );
    writeFileSync(join(folder, ".dockerignore"), "*\n!go.mod\n!**/*.go\n");
    expect((await run(["check", folder])).code).toBe(0);
  });

  test("that hides go.sum is named too", async () => {
    const folder = copyOf("orders", { ".dockerignore": "go.s*\n" });
    const { code, err } = await run(["check", folder]);
    expect(code).toBe(1);
    expect(err).toContain("GF011 go.sum is missing but the build needs");
    expect(err).toContain("help: .dockerignore line 1 (go.s*) hides it: add `!go.sum` after it");
  });

  test("beside the description counts instead of the folder's", async () => {
    const files = { ".dockerignore": "*\n", "service.yaml.dockerignore": "docs\n!docs/x\n" };
    const { code, out } = await run(["llb", copyOf("hello", files), "--platform", "linux/amd64"]);
    expect(code).toBe(0);
    const excluded = viewDefinition(definitionFromBytes(out)).ops.flatMap(({ op }) =>
      op.op === "source" ? (op.source.attrs?.["local.excludepatterns"] ?? []) : [],
    );
    expect(excluded).toEqual(['["docs","!docs/x"]']);
  });

  test("that BuildKit would refuse is named", async () => {
    const { code, err } = await run(["check", copyOf("hello", { ".dockerignore": "docs\na[\n" })]);
    expect([code, err]).toEqual([
      1,
      '.dockerignore:2:1: GF083 "a[" is not a valid pattern\n2 | a[\n  | ^\nhelp: correct the pattern or remove the line\n',
    ]);
  });
});

// git keeps links: a checkout may hold one that leads to a device, which never ends.
test.each(["service.yaml", ".dockerignore", "service.yaml.dockerignore"])(
  "%s that leads to a device is refused at once",
  async (name) => {
    const folder = copyOf("hello");
    rmSync(join(folder, name), { force: true });
    symlinkSync("/dev/zero", join(folder, name));
    const { code, err } = await run(["check", folder]);
    expect([code, err]).toEqual([1, `go-frontend: ${join(folder, name)} is not a regular file\n`]);
  },
);

test("an ignore file that a build would not read to its end is refused", async () => {
  const folder = copyOf("hello", { ".dockerignore": "docs\n".repeat(300_000) });
  const { code, err } = await run(["check", folder]);
  expect(code).toBe(1);
  expect(err).toMatch(
    /^\.dockerignore:1:1: GF084 \.dockerignore is larger than 1048576 bytes, the most that is read/,
  );
});

test.each(["why", "llb --dump"])("%s of a device ends at once", async (command) => {
  const { code, err } = await run([
    ...command.split(" "),
    "/dev/zero",
    ...(command === "why" ? ["/dev/zero"] : []),
  ]);
  expect(code).toBe(1);
  expect(err).toMatch(/^go-frontend: \/dev\/zero (?:is not a regular file|has more than 16777216 bytes)\n$/);
});

test("a pipe in the place of the description, and of go.mod, holds nothing up", async () => {
  for (const name of ["service.yaml", "go.mod"]) {
    const folder = copyOf("hello");
    rmSync(join(folder, name), { force: true });
    execFileSync("mkfifo", [join(folder, name)]);
    const { code, err } = await run(["check", folder]);
    expect(code).toBe(1);
    expect(err).toContain(name === "go.mod" ? "GF010 no go.mod" : "service.yaml is not a regular file");
  }
});

describe("why of JSON that is no plan", () => {
  const plan = async (): Promise<Record<string, unknown>> =>
    JSON.parse(
      (await run(["plan", join(examples, "orders"), "--platform", "linux/amd64"])).out.toString(),
    ) as Record<string, unknown>;
  const told = async (json: string): Promise<string> => {
    const file = join(scratch, `saved-${copies++}.json`);
    writeFileSync(file, json);
    const { code, err } = await run(["why", file, file]);
    expect(code).toBe(1);
    return err.replace(file, "FILE");
  };
  const words =
    "go-frontend: FILE is JSON, but neither a plan (go-frontend plan) nor a build record (provenance of mode=max)\n";

  test.each([
    "{}",
    "[]",
    "null",
    "7",
    '"x"',
    "[{}]",
    '{"service":{"links":"x"}}',
    '\n{"a":1}',
    `{"a":${"[".repeat(5000)}${"]".repeat(5000)}}`,
  ])("%.40s says so", async (json) => {
    expect(await told(json)).toBe(words);
  });

  test("text that is neither JSON nor a graph is an error too", async () => {
    expect(await told("{")).toContain("go-frontend: ");
    expect(await told("hello")).toContain("go-frontend: ");
  });

  test("each field that is read may be of another type", async () => {
    const saved = await plan();
    for (const key of ["steps", "results", "sources", "contents"]) {
      expect(await told(JSON.stringify({ ...saved, [key]: { of: { another: "kind" } } }))).toBe(words);
    }
    // Each field of each kind of step.
    const steps = saved["steps"] as readonly Record<string, unknown>[];
    const kinds = new Map(steps.map((step) => [step["kind"], step]));
    expect(new Set(kinds.keys())).toEqual(new Set(["context", "files", "image", "merge", "run"]));
    for (const step of kinds.values()) {
      for (const key of Object.keys(step)) {
        const spoilt = steps.map((each) =>
          each === step ? { ...each, [key]: { of: "another kind" } } : each,
        );
        expect([key, await told(JSON.stringify({ ...saved, steps: spoilt }))]).toEqual([key, words]);
      }
    }
  });
});

describe("llb", () => {
  const argv = (folder: string): readonly string[] => ["llb", folder, "--platform", "linux/amd64"];

  test("is a graph that buildctl reads", async () => {
    const { code, out } = await run(argv(join(examples, "orders")));
    const { ops } = viewDefinition(definitionFromBytes(out));
    expect(code).toBe(0);
    expect(ops.map(({ name }) => name)).toContain("[modules] go mod download");
  });

  test("does not fill a terminal", async () => {
    const { code, out, err } = await run(argv(join(examples, "orders")), true);
    expect([code, out.length]).toEqual([2, 0]);
    expect(err).toContain("buildctl build --local context=.");
  });

  test("is for one platform", async () => {
    const { code, err } = await run(["llb", join(examples, "orders")]);
    expect(code).toBe(1);
    expect(err).toContain("this plan is for linux/amd64, linux/arm64; choose one with --platform");
  });

  test("is the same in every folder, from every folder, at every time and in every environment", async () => {
    // Two folders that are part of no repository: what a stamp says of a commit is not the same everywhere.
    const here = await run(argv(copyOf("orders")));
    const names = ["HOME", "USER", "TZ", "LANG", "GOFLAGS", "GOPROXY", "GOOS", "CI"];
    for (const name of names) vi.stubEnv(name, "/elsewhere");
    vi.useFakeTimers({ toFake: ["Date"], now: new Date("2038-01-19T03:14:08Z") });
    const folder = process.cwd();
    const copy = copyOf("orders");
    process.chdir(copy);
    try {
      expect((await run(argv("."))).out.equals(here.out)).toBe(true);
    } finally {
      process.chdir(folder);
      vi.useRealTimers();
    }
  });

  test.each(exampleDescriptions())("of the printed plan of $name/$file: the same bytes", async (example) => {
    const folder = join(examples, example.name);
    for (const [target, { plan }] of await planExample(example)) {
      for (const link of plan.service.platforms.flatMap(({ links }) => links)) {
        const file = join(scratch, `plan-${copies++}.json`);
        const of = [
          folder,
          "-f",
          join(folder, example.file),
          "--target",
          target,
          "--platform",
          link.variant.id,
        ];
        expect((await run(["plan", ...of, "-o", file])).code).toBe(0);
        const [direct, printed] = [await run(["llb", ...of]), await run(["llb", "--plan", file])];
        expect(direct.out.length).toBeGreaterThan(1000);
        expect(printed.out.equals(direct.out)).toBe(true);
      }
    }
  });

  test("of anything else than a printed plan says so", async () => {
    const file = join(scratch, `plan-${copies++}.json`);
    writeFileSync(file, "{}");
    const { code, err } = await run(["llb", "--plan", file]);
    expect([code, err.replaceAll(file, "FILE")]).toEqual([
      1,
      "go-frontend: FILE is not a plan; write one with: go-frontend plan -o FILE\n",
    ]);
  });

  test("of a plan that somebody changed holds nothing that this frontend would not do", async () => {
    const file = join(scratch, `plan-${copies++}.json`);
    await run(["plan", join(examples, "hello"), "--platform", "linux/amd64", "-o", file]);
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replaceAll('"network": "none"', '"network": "host"'));
    const { code, err } = await run(["llb", "--plan", file]);
    expect(code).toBe(1);
    expect(err).toContain("only the download step has a network");
  });

  test("can be looked at, whoever made it", async () => {
    const file = join(scratch, "graph.llb");
    await run([...argv(join(examples, "hello")), "-o", file]);
    const json = JSON.parse((await run(["llb", "--dump", file])).out.toString()) as {
      readonly ops: readonly unknown[];
    };
    expect(json.ops.length).toBeGreaterThan(4);
    expect((await run(["llb", "--dump", file, "--format", "dot"])).out.toString()).toMatch(/^digraph/);
    const bad = await run(["llb", "--dump", file, "--format", "text"]);
    expect([bad.code, bad.err]).toEqual([
      2,
      'go-frontend: unknown format "text"\nhelp: the formats are json, dot, svg\n',
    ]);
    writeFileSync(file, "no graph");
    expect((await run(["llb", "--dump", file])).code).toBe(1);
  });
});

test("schema is the description's", async () => {
  const { code, out } = await run(["schema"]);
  expect(code).toBe(0);
  expect(JSON.parse(out.toString())).toEqual(jsonSchema());
});

describe("why", () => {
  const why = async (a: string, b: string): Promise<string> => {
    const { code, out, err } = await run(["why", a, b, "--platform", "linux/amd64"]);
    expect([code, err]).toEqual([0, ""]);
    return out.toString();
  };
  const read = (path: string): string => readFileSync(join(examples, "orders", path), "utf8");

  test("nothing, after an edit of what no build reads", async () => {
    const after = copyOf("orders", {
      "README.md": "words\n",
      "internal/store/store_test.go": "package store\n",
    });
    expect(await why(copyOf("orders"), after)).toMatch(
      /^nothing changed: every one of \d+ stages has the same key\n$/,
    );
  });

  test("the file, after an edit of one", async () => {
    const after = copyOf("orders", { "cmd/orders/main.go": `${read("cmd/orders/main.go")}\n// more\n` });
    const text = await why(copyOf("orders"), after);
    expect(text).toContain("file cmd/orders/main.go changed");
    expect(text).not.toMatch(/^(std|deps|modules|helper)/m);
  });

  test("the line of go.sum, after a module's version", async () => {
    const sum = read("go.sum").replaceAll("github.com/google/uuid v1.6.0", "github.com/google/uuid v1.6.1");
    const mod = read("go.mod").replaceAll("github.com/google/uuid v1.6.0", "github.com/google/uuid v1.6.1");
    const text = await why(copyOf("orders"), copyOf("orders", { "go.sum": sum, "go.mod": mod }));
    expect(text).toContain("github.com/google/uuid v1.6.1");
    expect(text).toMatch(/^modules/m);
    expect(text).not.toMatch(/^std/m);
  });

  test("the vendored file, after an edit of one", async () => {
    const module = "github.com/google/uuid v1.6.0";
    const files: Record<string, string> = {
      "go.mod": `module example.com/hello\n\ngo 1.26\n\nrequire ${module}\n`,
      "main.go": 'package main\n\nimport _ "github.com/google/uuid"\n\nfunc main() {}\n',
      "vendor/modules.txt": `# ${module}\n## explicit\ngithub.com/google/uuid\n`,
      "vendor/github.com/google/uuid/uuid.go": "package uuid\n",
    };
    const folder = (uuid: string): string => {
      const made = copyOf("hello");
      for (const [path, text] of Object.entries({
        ...files,
        "vendor/github.com/google/uuid/uuid.go": uuid,
      })) {
        mkdirSync(dirname(join(made, path)), { recursive: true });
        writeFileSync(join(made, path), text);
      }
      return made;
    };
    expect(await why(folder("package uuid\n"), folder("package uuid // patched\n"))).toBe(
      `deps linux/amd64
  file vendor/github.com/google/uuid/uuid.go changed
build . linux/amd64
  file vendor/github.com/google/uuid/uuid.go changed
  deps linux/amd64 changed
image hello linux/amd64
  build . linux/amd64 changed
`,
    );
  });

  test("between saved plans and between graphs, but not between one and the other", async () => {
    const [a, b] = [
      copyOf("orders"),
      copyOf("orders", { "service.yaml": `${read("service.yaml")}go: "1.27"\n` }),
    ];
    const save = async (command: string, folder: string): Promise<string> => {
      const file = join(scratch, `${command}-${copies++}`);
      expect((await run([command, folder, "--platform", "linux/amd64", "-o", file])).code).toBe(0);
      return file;
    };
    const plans = [await save("plan", a), await save("plan", b)] as const;
    const graphs = [await save("llb", a), await save("llb", b)] as const;
    expect(await why(...plans)).toContain("1.27");
    expect(await why(...graphs)).toContain("1.27");
    expect(await why(plans[0], plans[0])).toContain("nothing changed");
    const mixed = await run(["why", plans[0], graphs[0]]);
    expect(mixed.code).toBe(2);
    expect(mixed.err).toContain("compare two of a kind");
  });
});

describe("bake", () => {
  const definitionOf = async (...argv: readonly string[]): Promise<unknown> => {
    const { code, out, err } = await run(["bake", ...argv]);
    expect([code, err]).toEqual([0, ""]);
    return JSON.parse(out.toString());
  };

  test("lists every target, and groups of all images and all executables", async () => {
    const folder = copyOf("two-services");
    const common = { context: folder, dockerfile: "service.yaml" };
    expect(await definitionOf(folder)).toEqual({
      variable: { REPOSITORY: { default: "" }, TAG: { default: "latest" } },
      group: {
        default: { targets: ["api", "worker"] },
        binaries: { targets: ["api-binary", "worker-binary"] },
      },
      target: {
        api: { ...common, target: "api", tags: ["${REPOSITORY}api:${TAG}"] },
        worker: { ...common, target: "worker", tags: ["${REPOSITORY}worker:${TAG}"] },
        "api-binary": { ...common, target: "api.binary", output: ["type=local,dest=bin/api"] },
        "worker-binary": { ...common, target: "worker.binary", output: ["type=local,dest=bin/worker"] },
        "api-symbols": { ...common, target: "api.symbols", output: ["type=local,dest=symbols/api"] },
        "worker-symbols": { ...common, target: "worker.symbols", output: ["type=local,dest=symbols/worker"] },
        "api-debug": { ...common, target: "api.debug", tags: ["${REPOSITORY}api:${TAG}-debug"] },
        "worker-debug": { ...common, target: "worker.debug", tags: ["${REPOSITORY}worker:${TAG}-debug"] },
      },
    });
  });

  test("platforms and arguments are the command's, or the description's", async () => {
    const folder = copyOf("orders");
    expect(await definitionOf(folder, "--build-arg", "version=${x}")).toMatchObject({
      target: {
        orders: { platforms: ["linux/amd64", "linux/arm64"], args: { version: "$${x}" }, target: "image" },
      },
    });
    expect(await definitionOf(folder, "--platform", "linux/arm64")).toMatchObject({
      target: { orders: { platforms: ["linux/arm64"] } },
    });
  });

  test("names are those that bake takes, and no two are one", async () => {
    const folder = copyOf("two-services", {
      "service.yaml":
        "# syntax=org/go-frontend\nservices: { api: { main: ./cmd/api }, api-binary: { main: ./cmd/worker }, default: { main: ./cmd/api } }\n",
    });
    expect(await definitionOf(folder)).toMatchObject({
      group: {
        default: { targets: ["api", "api-binary", "default_"] },
        binaries: { targets: ["api-binary_", "api-binary-binary", "default-binary"] },
      },
    });
  });
});
