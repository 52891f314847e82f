// What a user sees of each mistake in `docker buildx build` output: the excerpt, the sentence with its place, the help.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type Clients, clientsOf, pinnedFrontend, scratchDir } from "./support/clients.ts";
import { type Files, HELLO, project } from "./support/project.ts";

const rig = inject("rig");
const frontend = pinnedFrontend(rig, inject("frontend"));
const syntax = `# syntax=${frontend}`;
const work = scratchDir();
let clients: Clients;

beforeAll(async () => {
  clients = await clientsOf(rig);
});
afterAll(work.remove);

interface Mistake {
  readonly name: string;
  /** The description's lines after the syntax line. */
  readonly lines?: string;
  readonly files?: Files;
  readonly args?: readonly string[];
  /** Marked lines of the excerpt. */
  readonly marked: readonly string[];
  readonly says: readonly string[];
}

const noReference = `${rig.registry}/no/such-image:1`;

const MISTAKES: readonly Mistake[] = [
  {
    name: "YAML that cannot be read",
    lines: "name: [a, b\nimage:\n",
    marked: ["name: [a, b"],
    says: ["service.yaml:2:7: GF026 a list is not closed", "help: add the `]` that is missing"],
  },
  {
    name: "a tab",
    lines: "image:\n\tports: [80]\n",
    marked: ["\tports: [80]"],
    says: ["service.yaml:3:1: GF023 a tab is used for indentation", "help: use two spaces"],
  },
  {
    name: "a key that stands twice",
    lines: "name: a\nname: b\n",
    marked: ["name: b"],
    says: ['service.yaml:3:1: GF022 "name" appears twice (first on line 2)', "help: remove one of the two"],
  },
  {
    name: "an unknown key",
    lines: "image:\n  prots: [80]\n",
    marked: ["  prots: [80]"],
    says: ['service.yaml:3:3: GF021 unknown key "prots" in image', "help: did you mean `ports`?"],
  },
  {
    name: "a value of the wrong type",
    lines: "image:\n  ports: 80\n",
    marked: ["  ports: 80"],
    says: [
      "service.yaml:3:10: GF025 ports must be a list of numbers, found the number 80",
      "help: write `ports: [80]`",
    ],
  },
  {
    name: "a version without quotes",
    lines: "go: 1.20\n",
    marked: ["go: 1.20"],
    says: ["service.yaml:2:5: GF020 go: 1.20 is a number (1.2) in YAML", 'help: write `go: "1.20"`'],
  },
  {
    name: "several mistakes at once",
    lines: "go: 1.20\nimgae: 3\nbuild:\n  strip: maybe\n",
    marked: ["go: 1.20", "imgae: 3", "  strip: maybe"],
    says: [
      "service.yaml:2:5: GF020",
      'service.yaml:3:1: GF021 unknown key "imgae"',
      "help: did you mean `image`?",
      'service.yaml:5:10: GF025 strip must be true or false, found text "maybe"',
    ],
  },
  {
    name: "no go.mod",
    files: { "go.mod": undefined },
    marked: [syntax],
    says: ["service.yaml:1:1: GF010 no go.mod in .", "help: run `go mod init`"],
  },
  {
    name: "a go.mod that .dockerignore hides",
    files: { ".dockerignore": "# what the Dockerfile needs\n*\n!bin\n" },
    marked: [syntax],
    says: [
      "service.yaml:1:1: GF004 go.mod is excluded by .dockerignore line 2 (*)",
      "help: add `!go.mod` after it, remove the line, or say in service.yaml.dockerignore what this build ignores",
    ],
  },
  {
    name: "source that .dockerignore hides",
    files: { "service.yaml.dockerignore": "*\n!go.*\n" },
    marked: [syntax],
    says: [
      "GF006 no main package in module example.com/hello",
      "help: service.yaml.dockerignore line 1 (*) hides source: add `!**/*.go` after it or remove the line",
    ],
  },
  {
    name: "no go.mod where module points",
    lines: "module: ./svc\n",
    marked: ["module: ./svc"],
    says: ["service.yaml:2:9: GF010 no go.mod in ./svc", "help: go.mod is in .: set `module: .`"],
  },
  {
    name: "main that is not there",
    lines: "main: ./cmd/nope\n",
    files: { "cmd/orders/main.go": HELLO["main.go"] },
    marked: ["main: ./cmd/nope"],
    says: [
      "service.yaml:2:7: GF002 no directory ./cmd/nope in the build context",
      "help: main packages of this module: ",
    ],
  },
  {
    name: "main that is a library",
    lines: "main: ./lib\n",
    files: { "lib/lib.go": "package lib\n" },
    marked: ["main: ./lib"],
    says: [
      "service.yaml:2:7: GF001 ./lib is package lib, not package main",
      "help: nearest main packages found: .",
    ],
  },
  {
    name: "main outside the build context",
    lines: "main: ../../cmd\n",
    marked: ["main: ../../cmd"],
    says: ["service.yaml:2:7: GF003 main points outside the build context (../../cmd)", "set `module:`"],
  },
  {
    name: "several main packages and none chosen",
    files: {
      "main.go": undefined,
      "cmd/api/main.go": HELLO["main.go"],
      "cmd/worker/main.go": HELLO["main.go"],
    },
    marked: [syntax],
    says: [
      "GF005 module example.com/hello has 2 main packages",
      "./cmd/api, ./cmd/worker",
      "help: set `main: ./cmd/api`",
    ],
  },
  {
    name: "no main package at all",
    files: { "main.go": undefined, "lib/lib.go": "package lib\n" },
    marked: [syntax],
    says: ["GF006 no main package in module example.com/hello", "help: a service needs a `package main`"],
  },
  {
    name: "an unknown platform",
    lines: "platforms: [linux/amd64, linux/amd46]\n",
    marked: ["platforms: [linux/amd64, linux/amd46]"],
    says: ['service.yaml:2:26: GF030 unknown platform "linux/amd46"', "help: use `linux/amd64`"],
  },
  {
    name: "an unknown platform of the client",
    args: ["--platform", "linux/amd46"],
    marked: [syntax],
    says: ['GF030 --platform: unknown platform "linux/amd46"', "help: use `linux/amd64`"],
  },
  {
    name: "a platform without container images",
    lines: "platforms: [windows/amd64]\n",
    marked: ["platforms: [windows/amd64]"],
    says: [
      "service.yaml:2:12: GF034 images are made for linux, not for windows/amd64",
      "help: build the bare executable",
    ],
  },
  {
    name: "an unknown target",
    args: ["--target", "imgae"],
    marked: [syntax],
    says: [
      'GF032 unknown target "imgae"',
      "help: did you mean --target image? Targets of this file: image, binary",
    ],
  },
  {
    name: "no target where there are several services",
    lines: "services:\n  api: { main: ./cmd/api }\n  worker: { main: ./cmd/worker }\n",
    files: {
      "main.go": undefined,
      "cmd/api/main.go": HELLO["main.go"],
      "cmd/worker/main.go": HELLO["main.go"],
    },
    marked: ["services:"],
    says: [
      "service.yaml:2:1: GF032 ",
      "help: add --target with one of: api, api.binary, api.symbols, api.debug, worker, worker.binary, worker.symbols, worker.debug",
    ],
  },
  {
    name: "a base image that does not exist",
    lines: `image:\n  base: ${noReference}\n`,
    marked: [`  base: ${noReference}`],
    says: [
      `service.yaml:3:9: GF070 base image ${noReference}: not found`,
      "help: check the name and the tag",
    ],
  },
  {
    name: "a Go release that no toolchain image has",
    lines: 'go: "1.99"\n',
    marked: ['go: "1.99"'],
    says: ["service.yaml:2:5: GF071 toolchain image docker.io/library/golang:1.99-alpine", "help: "],
  },
  {
    name: "a Go release of go.mod that no toolchain image has",
    files: { "go.mod": "module example.com/hello\n\ngo 1.99\n" },
    marked: ["go 1.99"],
    says: ["go.mod:3:4: GF071 toolchain image docker.io/library/golang:1.99-alpine", "help: "],
  },
  {
    name: "a program that is not in the image",
    lines: "image:\n  entrypoint: [/hello]\n",
    marked: ["  entrypoint: [/hello]"],
    says: ['service.yaml:3:16: GF045 "/hello" is not in the image', "help: write `/usr/local/bin/hello`"],
  },
  {
    name: "a user that is not in the image",
    lines: "image:\n  user: step\n",
    marked: ["  user: step"],
    says: [
      'service.yaml:3:9: GF045 the user "step" is not in the /etc/passwd of static',
      "help: write `user: 65532`",
    ],
  },
  {
    name: "a variable that nothing sets",
    lines: 'build:\n  vars: { main.version: "${verison}" }\n',
    marked: ['  vars: { main.version: "${verison}" }'],
    says: ["service.yaml:3:", "GF042 "],
  },
];

/** The lines that clients mark with >>> in excerpts. */
const markedLines = (output: string): readonly string[] =>
  [...output.matchAll(/^ *\d+ \| >>> (.*)$/gm)].map(([, line]) => line ?? "");

async function fail(dir: string, args: readonly string[] = [], file = "service.yaml"): Promise<string> {
  const { code, stderr } = await clients.buildx([
    "build",
    "--progress=plain",
    "-f",
    join(dir, file),
    "-o",
    "type=cacheonly",
    ...args,
    dir,
  ]);
  expect(code).not.toBe(0);
  return stderr;
}

test.each(MISTAKES)("$name", async ({ lines = "", files = {}, args = [], marked, says }) => {
  const dir = project(work.path, { "service.yaml": `${syntax}\n${lines}`, ...files });
  const output = await fail(dir, args);
  expect(markedLines(output)).toEqual(marked);
  for (const part of says) expect(output).toContain(part);
  // Nothing but the sentence: no stack, no frontend internals.
  expect(output).not.toMatch(/GF099|node:internal|\.mjs|at file:/);
});

describe("files that are no description", () => {
  const given = ["--build-arg", `BUILDKIT_SYNTAX=${frontend}`];

  test("an empty file, which cannot name its frontend", async () => {
    const dir = project(work.path, { "service.yaml": "" });
    const output = await fail(dir, given);
    expect(output).toContain("service.yaml:1:1: GF027 the description is empty");
    expect(output).toContain("help: the smallest description is one line: `# syntax=org/go-frontend`");
  });

  test("one of 1 MiB is refused, and its excerpt is no wall of text", async () => {
    const dir = project(work.path, { "service.yaml": `${syntax}\n${"#".repeat(1 << 20)}\n` });
    const output = await fail(dir);
    expect(output).toContain("GF028 the description is larger than 256 KiB");
    expect(markedLines(output)).toEqual([syntax]);
    expect(output.length).toBeLessThan(10_000);
  });

  test("a binary is refused, and none of its bytes reach the terminal", async () => {
    const program = readFileSync(process.execPath).subarray(0, 50_000);
    const dir = project(work.path, {
      "service.yaml": Buffer.concat([Buffer.from(`${syntax}\n\u001b]0;title\u0007\n`), program]),
    });
    for (const output of [await fail(dir), await fail(dir, given)]) {
      expect(output).toContain("GF029 the description is not text: byte ");
      expect(output).toContain("help: check that -f names the description");
      expect(markedLines(output)).toHaveLength(1);
      expect(output).not.toMatch(/[\0-\u0008\u000e-\u001f]/);
    }
  });

  test("one that is not there is named by the client", async () => {
    const dir = project(work.path, {});
    const { code, stderr } = await clients.buildctl([
      "build",
      "--progress=plain",
      "--frontend=gateway.v0",
      `--opt=source=${frontend}`,
      "--opt=filename=missing.yaml",
      `--local=context=${dir}`,
      `--local=dockerfile=${dir}`,
    ]);
    expect(code).not.toBe(0);
    expect(stderr).toContain("missing.yaml: GF082 the description missing.yaml is not there");
    expect(stderr).toContain("help: name the description with -f FILE");
  });
});

describe("names that gRPC cannot carry", () => {
  const control = "a\u001b[2J\nb";

  test("of folders and files beside the service do no harm", async () => {
    const dir = project(work.path, {
      "service.yaml": `${syntax}\n`,
      "main.go":
        'package main\n\nimport (\n\t_ "embed"\n)\n\n//go:embed data.txt\nvar data string\n\nfunc main() {}\n',
      "data.txt": "x",
      [`${control}/x.go`]: "package x\n",
      [`cmd/${control}/main.go`]: "package x\n",
      [`${control}.txt`]: "x",
    });
    const args = ["build", "--progress=plain", "-f", join(dir, "service.yaml"), "-o", "type=cacheonly", dir];
    const { code, stderr } = await clients.buildx(args);
    expect([code, stderr.split("\n").filter((line) => /ERROR|GF0/.test(line))]).toEqual([0, []]);
  });

  test("in an ignore file are an error at their line", async () => {
    const dir = project(work.path, { "service.yaml": `${syntax}\n`, ".dockerignore": "*.md\na\u001b[2J\n" });
    const output = await fail(dir);
    expect(output).toContain('.dockerignore:2:1: GF083 the pattern "a<U+001B>[2J" holds a control character');
    expect(output).not.toMatch(/[\0-\u0008\u000b-\u001f\u007f-\u009f]/);
  });

  test("nor are patterns that are none", async () => {
    const dir = project(work.path, { "service.yaml": `${syntax}\n`, ".dockerignore": "*.md\n[a\n" });
    const output = await fail(dir);
    expect(output).toContain('.dockerignore:2:1: GF083 "[a" is not a valid pattern');
    expect(output).toContain("help: correct the pattern or remove the line");
  });
});

describe("Go that does not compile", () => {
  const broken = {
    "service.yaml": `${syntax}\nname: hello\nmain: .\n`,
    "main.go": 'package main\n\nfunc main() {\n\tvar n int = "a"\n\tundefined(n)\n}\n',
  };
  const compiler = [
    "# example.com/hello",
    './main.go:4:14: cannot use "a" (untyped string constant) as int value in variable declaration',
    "./main.go:5:2: undefined: undefined",
  ];

  test("shows the compiler's lines unchanged, what failed, and the line of the description that asked for it", async () => {
    const output = await fail(project(work.path, broken));
    for (const line of compiler) {
      expect(output).toMatch(new RegExp(`^(#\\d+ )?\\d+\\.\\d+ ${escape(line)}$`, "m"));
    }
    expect(output).toMatch(/\d GF090 go build failed for linux\/(amd64|arm64) \(\.\)\n/);
    expect(output).toMatch(
      /\d help: mend what the lines above name; on your machine `CGO_ENABLED=0 GOOS=linux GOARCH=\w+ go build \.` shows the same\n/,
    );
    expect(markedLines(output)).toEqual(["main: ."]);
  });

  test("cannot paint over the log: what a terminal obeys is shown", async () => {
    const forged = "\u001b[2J\u001b[1;1H\u001b[32m#20 exporting to image DONE.go";
    const output = await fail(
      project(work.path, {
        "service.yaml": `${syntax}\nmain: .\n`,
        "main.go": `package main\n\nimport "example.com/hello/lib"\n\nfunc main() {\n\tlib.Say()\n//line ${forged}:1\n\tvar n int = "a"\n}\n`,
        "lib/lib.go": "package lib\n\nfunc Say() {}\n",
      }),
    );
    expect(output).toContain(
      "<U+001B>[2J<U+001B>[1;1H<U+001B>[32m#20 exporting to image DONE.go:1: cannot use",
    );
    expect(output).not.toMatch(/[\0-\u0008\u000b-\u001f\u007f-\u009f]/);
  });

  test("for each platform that fails", async () => {
    const output = await fail(project(work.path, broken), ["--platform", "linux/amd64,linux/arm64"]);
    expect(output).toMatch(/GF090 go build failed for linux\/(amd64|arm64) \(\.\)/);
    expect(markedLines(output)).toEqual(["main: ."]);
  });

  test("in a package of the same module", async () => {
    const dir = project(work.path, {
      "service.yaml": `${syntax}\nmain: ./cmd/hello\n`,
      "main.go": undefined,
      "cmd/hello/main.go": 'package main\n\nimport "example.com/hello/lib"\n\nfunc main() { lib.Say() }\n',
      "lib/lib.go": "package lib\n\nfunc Say() { return 1 }\n",
    });
    const output = await fail(dir);
    expect(output).toContain("lib/lib.go:3:21: too many return values");
    expect(markedLines(output)).toEqual(["main: ./cmd/hello"]);
  });
});

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
