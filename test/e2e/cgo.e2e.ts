// Services with C in them, built by the packaged frontend: on this platform, for the other one without emulation, static
// and with shared libraries. What came out is read with readelf, and run.
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { caSecret, type Clients, clientsOf, pinnedFrontend, scratchDir } from "./support/clients.ts";
import { runContainer, unpackImage } from "./support/container.ts";
import { type Files, project } from "./support/project.ts";
import { runForeign } from "./support/qemu.ts";
import { type Run, run, succeeded } from "./support/run.ts";

const rig = inject("rig");
const syntax = `# syntax=${pinnedFrontend(rig, inject("frontend"))}`;
const work = scratchDir();
const native = process.arch === "arm64" ? "arm64" : "amd64";
const other = native === "arm64" ? "amd64" : "arm64";
let clients: Clients;
let outputs = 0;

beforeAll(async () => {
  clients = await clientsOf(rig);
});
afterAll(work.remove);

const write = (files: Files, description: string): string =>
  project(work.path, { ...files, "service.yaml": `${syntax}\n${description}` });

function build(dir: string, ...args: readonly string[]): Promise<Run> {
  const file = ["-f", join(dir, "service.yaml")];
  return clients.buildx(["build", "--progress=plain", ...caSecret(), ...file, ...args, dir]);
}

interface Built {
  readonly file: string;
  readonly log: string;
}

/** Builds the bare executable for a platform. */
async function executable(dir: string, name: string, platform = native): Promise<Built> {
  const dest = join(work.path, `out-${outputs++}`);
  const output = ["--target=binary", `--platform=linux/${platform}`, `--output=type=local,dest=${dest}`];
  const { stdout, stderr } = await succeeded(build(dir, ...output));
  return { file: join(dest, name), log: stdout + stderr };
}

interface Ran {
  readonly stdout: string;
  /** Where the image's files are. */
  readonly root: string;
}

/** Builds an image, and runs it as an engine does. */
async function ran(dir: string): Promise<Ran> {
  const reference = `${rig.registry}/cgo-${outputs++}:latest`;
  await succeeded(build(dir, `--output=type=image,name=${reference},push=true`));
  const container = await unpackImage(clients.crane, reference, work.path);
  const { stdout } = await succeeded(runContainer(container));
  return { stdout, root: join(container.bundle, "rootfs") };
}

/** What both outputs of a build that must fail hold. */
async function complains(dir: string): Promise<string> {
  const { code, stdout, stderr } = await build(dir);
  expect(code).not.toBe(0);
  return stdout + stderr;
}

/** Reads an executable's headers. */
const headers = async (file: string): Promise<string> =>
  (await succeeded(run("readelf", ["--wide", "-h", "-l", "-d", file]))).stdout;

describe("examples/cgo", () => {
  const example = join(import.meta.dirname, "..", "..", "examples", "cgo");
  const copied = (): string => {
    const dir = join(work.path, `visits-${outputs++}`);
    cpSync(example, dir, { recursive: true });
    const file = join(dir, "service.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replace(/^.*$/m, syntax));
    return dir;
  };

  test("is a static binary that keeps its data in SQLite", async () => {
    const { file, log } = await executable(copied(), "visits");
    expect(await headers(file)).not.toMatch(/INTERP|NEEDED/);
    expect((await succeeded(run(file, ["-once"]))).stdout).toMatch(/^visit 1, SQLite 3\./);
    // What compiled it is told.
    expect(log).toMatch(/^#\d+ [\d.]+ gcc 4:12\./m);
  });

  test("and one for the other platform, compiled here", async () => {
    const { file } = await executable(copied(), "visits", other);
    const about = await headers(file);
    expect(about).not.toMatch(/INTERP|NEEDED/);
    expect(about).toContain(other === "arm64" ? "AArch64" : "X86-64");
    expect(await runForeign(other, file, ["-once"])).toMatch(/^visit 1, SQLite 3\./);
  });
});

const withCxx: Files = {
  "go.mod": "module example.com/hello\n\ngo 1.26\n",
  "main.go":
    'package main\n\nimport (\n\t"fmt"\n\n\t"example.com/hello/words"\n)\n\nfunc main() { fmt.Println(words.Longest("a bcd ef")) }\n',
  "words/words.go": `package words

// #cgo CPPFLAGS: -I\${SRCDIR}/../include
// #include <stdlib.h>
// #include <words.h>
import "C"
import "unsafe"

func Longest(text string) int {
	given := C.CString(text)
	defer C.free(unsafe.Pointer(given))
	return int(C.longest(given))
}
`,
  "words/words.cpp": `#include <algorithm>
#include <sstream>
#include <string>
#include <words.h>

int longest(const char *text) {
  std::istringstream in(text);
  std::string word;
  std::size_t most = 0;
  while (in >> word) most = std::max(most, word.size());
  return static_cast<int>(most) * SCALE;
}
`,
  "include/words.h":
    '#define SCALE 10\n#ifdef __cplusplus\nextern "C"\n#endif\nint longest(const char *text);\n',
};

/** One set of C tools for several tests: to install one takes most of a build. */
const dynamic = "cgo: { link: dynamic, packages: [libsqlite3-dev] }";

describe("C++ and a header of another folder", () => {
  test("an edit of the header is in the next build", async () => {
    const dir = write(withCxx, "build: { cgo: true }\n");
    const before = await executable(dir, "hello");
    expect((await run(before.file, [])).stdout).toBe("30\n");
    const header = join(dir, "include", "words.h");
    writeFileSync(header, readFileSync(header, "utf8").replace("SCALE 10", "SCALE 20"));
    const after = await executable(dir, "hello");
    expect((await run(after.file, [])).stdout).toBe("60\n");
  });

  test("with shared libraries, the image has those that are needed, and says whose they are", async () => {
    const dir = write(withCxx, `build: { ${dynamic} }\n`);
    const { stdout, root } = await ran(dir);
    expect(stdout).toBe("30\n");
    const packages = readdirSync(join(root, "var/lib/dpkg/status.d"));
    expect(packages.toSorted()).toEqual(["libc6", "libgcc-s1", "libstdc++6"]);
    const status = readFileSync(join(root, "var/lib/dpkg/status.d/libc6"), "utf8");
    expect(status).toMatch(/^Package: libc6\n[^]*^Version: 2\.36-/m);
  });

  test("and so does a base that has them", async () => {
    const { stdout } = await ran(
      write(withCxx, `build: { ${dynamic} }\nimage: { base: debian:bookworm-slim }\n`),
    );
    expect(stdout).toBe("30\n");
  });
});

const withSqlite: Files = {
  "main.go": `package main

// #cgo pkg-config: sqlite3
// #include <sqlite3.h>
import "C"
import "fmt"

func main() { fmt.Println("SQLite", C.GoString(C.sqlite3_libversion())) }
`,
};

describe("a library of Debian's", () => {
  test("is found by pkg-config, for either platform", async () => {
    const dir = write(withSqlite, "build: { cgo: { packages: [libsqlite3-dev, zlib1g-dev] } }\n");
    const { file } = await executable(dir, "hello", other);
    expect(await headers(file)).not.toMatch(/INTERP|NEEDED/);
    expect(await runForeign(other, file, [])).toMatch(/^SQLite 3\.40/);
  });

  test("that nobody named is missed in words that help", async () => {
    const output = await complains(write(withSqlite, "build: { cgo: true }\n"));
    expect(output).toMatch(/GF063 the C library sqlite3.*\n.*packages: \[libsqlite3-dev\]/);
    expect(output).not.toContain("GF093");
  });

  test("that a base has not is named with its package", async () => {
    const output = await complains(
      write(withSqlite, `build: { ${dynamic} }\nimage: { base: debian:bookworm-slim }\n`),
    );
    expect(output).toMatch(
      /GF062 hello needs libsqlite3\.so\.0 \(of Debian's package libsqlite3-0.*\), which the base \S*debian:bookworm-slim\S* has not/,
    );
  });
});

test("github.com/confluentinc/confluent-kafka-go links its own librdkafka", async () => {
  const dir = write(
    {
      "go.mod":
        "module example.com/hello\n\ngo 1.26\n\nrequire github.com/confluentinc/confluent-kafka-go/v2 v2.12.0\n",
      "go.sum":
        "github.com/confluentinc/confluent-kafka-go/v2 v2.12.0 h1:If5Bi+oJVehEdjuhHa7QEFppQtyexvBXJiuZIloJtIw=\n" +
        "github.com/confluentinc/confluent-kafka-go/v2 v2.12.0/go.mod h1:6ypM/bldGVG8gf1s9/05ICQU76BmXcbhF6K2jtznock=\n",
      "main.go": `package main

import (
	"fmt"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

func main() {
	_, version := kafka.LibraryVersion()
	producer, err := kafka.NewProducer(&kafka.ConfigMap{"bootstrap.servers": "127.0.0.1:1"})
	fmt.Println("librdkafka", version, producer, err)
}
`,
    },
    "build: { cgo: true }\n",
  );
  const { file } = await executable(dir, "hello");
  expect(await headers(file)).not.toMatch(/INTERP|NEEDED/);
  expect((await succeeded(run(file, []))).stdout).toMatch(/^librdkafka 2\.12\.0 rdkafka#producer-1 <nil>/);
});

test("musl makes a static binary of C, and says that it has no C++", async () => {
  const files = {
    "main.go":
      'package main\n\n// #include <stdlib.h>\nimport "C"\nimport "fmt"\n\nfunc main() { fmt.Println(C.abs(-42)) }\n',
  };
  const musl = "build: { cgo: { libc: musl } }\n";
  const { file } = await executable(write(files, musl), "hello");
  expect(await headers(file)).not.toMatch(/INTERP|NEEDED/);
  expect((await succeeded(run(file, []))).stdout).toBe("42\n");
  expect(await complains(write(withCxx, musl))).toContain("no C++ library for musl");
});

test("a flag that go does not allow is refused", async () => {
  const plugin = 'package main\n\n// #cgo CFLAGS: -fplugin=./x.so\nimport "C"\n\nfunc main() {}\n';
  const output = await complains(write({ "main.go": plugin }, "build: { cgo: true }\n"));
  expect(output).toContain("invalid flag in #cgo CFLAGS: -fplugin=./x.so");
  expect(output).toMatch(/GF090/);
});
