// Services with C in them, built by the packaged frontend: on this platform, for the other one without emulation, static
// and with shared libraries. What came out is read with readelf, and run.
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { stripVTControlCharacters } from "node:util";
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
async function executable(dir: string, name: string, platform = native, target = "binary"): Promise<Built> {
  const dest = join(work.path, `out-${outputs++}`);
  const output = [`--target=${target}`, `--platform=linux/${platform}`, `--output=type=local,dest=${dest}`];
  const { stdout, stderr } = await succeeded(build(dir, ...output));
  return { file: join(dest, name), log: stdout + stderr };
}

interface Ran extends Run {
  /** Where the image's files are. */
  readonly root: string;
}

/** Builds an image, and runs it as an engine does. */
async function started(dir: string, ...args: readonly string[]): Promise<Ran> {
  const reference = `${rig.registry}/cgo-${outputs++}:latest`;
  await succeeded(build(dir, `--output=type=image,name=${reference},push=true`, ...args));
  const container = await unpackImage(clients.crane, reference, work.path);
  return { ...(await runContainer(container)), root: join(container.bundle, "rootfs") };
}

/** {@link started}, for a program that ends well. */
async function ran(dir: string): Promise<Ran> {
  const done = await started(dir);
  await succeeded(Promise.resolve(done));
  return done;
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

/** An example, for the frontend that is tested. */
function copyOf(example: string): string {
  const dir = join(work.path, `${example}-${outputs++}`);
  cpSync(join(import.meta.dirname, "..", "..", "examples", example), dir, { recursive: true });
  const file = join(dir, "service.yaml");
  writeFileSync(file, readFileSync(file, "utf8").replace(/^.*$/m, syntax));
  return dir;
}

describe("examples/cgo", () => {
  const copied = (): string => copyOf("cgo");

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

describe("settings that take more of the Go toolchain", () => {
  const files = {
    "main.go": `package main

// static int twice(int n) { return 2 * n; }
import "C"
import (
	"crypto/fips140"
	"fmt"
)

func main() { fmt.Println(C.twice(21), fips140.Enabled(), fips140.Version()) }
`,
  };
  const description = `build: { cgo: true }
services:
  counted: { main: ., build: { cover: true } }
  fips: { main: ., build: { fips140: v1.0.0 } }
`;
  test("a binary with C counts what runs", async () => {
    const { file, log } = await executable(write(files, description), "counted", native, "counted.binary");
    expect(await headers(file)).not.toMatch(/INTERP|NEEDED/);
    expect(await version(file)).toMatch(/-cover=true\n[^]*CGO_ENABLED=1\n/);
    expect(log).not.toContain("not in the prepared caches");
    const counts = `${file}.counts`;
    mkdirSync(counts);
    const ran = run(file, [], { env: { GOCOVERDIR: counts } });
    expect((await succeeded(ran)).stdout).toBe("42 false latest\n");
    const percent = await succeeded(run("go", ["tool", "covdata", "percent", `-i=${counts}`]));
    expect(percent.stdout).toMatch(/example\.com\/hello\s+coverage: 100\.0%/);
  });

  test("and links the FIPS module that was asked for", async () => {
    const { file, log } = await executable(write(files, description), "fips", native, "fips.binary");
    expect(await headers(file)).not.toMatch(/INTERP|NEEDED/);
    expect(await version(file)).toMatch(/CGO_ENABLED=1\n[^]*GOFIPS140=v1\.0\.0-c2097c7c\n/);
    expect(log).not.toContain("not in the prepared caches");
    expect((await succeeded(run(file, []))).stdout).toBe("42 true v1.0.0\n");
  });
});

const version = async (file: string): Promise<string> =>
  (await succeeded(run("go", ["version", "-m", file]))).stdout;

describe("examples/race", () => {
  const example = (): string => copyOf("race");

  test("reports the race, in an image of nothing but the binary", async () => {
    const { code, stdout, stderr, root } = await started(example(), "--target=words-race");
    expect(stdout).toBe("5 words\n");
    expect(stderr).toMatch(/WARNING: DATA RACE[^]* example\.com\/words\/main\.go:16 [^]*Found 1 data race/);
    expect(code).toBe(66);
    const binary = join(root, "usr/local/bin/words");
    expect(await version(binary)).toMatch(/-race=true\n[^]*CGO_ENABLED=1\n/);
    expect(await headers(binary)).not.toMatch(/INTERP|NEEDED/);
  });

  test("and the program without the detector does not", async () => {
    const { code, stdout, stderr, root } = await started(example(), "--target=words");
    expect([code, stdout, stderr]).toEqual([0, "5 words\n", ""]);
    expect(await version(join(root, "usr/local/bin/words"))).not.toContain("-race");
  });

  test("is compiled for the other platform here, and all of it ahead", async () => {
    const { file, log } = await executable(example(), "words", other, "words-race.binary");
    expect(await headers(file)).not.toMatch(/INTERP|NEEDED/);
    expect(await version(file)).toMatch(new RegExp(`-race=true\n[^]*GOARCH=${other}\n`));
    expect(log).not.toContain("not in the prepared caches");
  });
});

describe("the address sanitizer", () => {
  const files = {
    "main.go": `package main

// #include <stdlib.h>
//
// static int *numbers(void) { return calloc(4, sizeof(int)); }
// static int at(int *all, int index) { return all[index]; }
import "C"
import (
	"fmt"
	"unsafe"
)

func main() {
	numbers := C.numbers()
	fmt.Println(C.at(numbers, 3))
	fmt.Println(C.at(numbers, 4))
	C.free(unsafe.Pointer(numbers))
}
`,
  };
  const asan = "build: { asan: true, cgo: { link: dynamic } }\n";

  test("reports what C reads behind the end of its memory", async () => {
    const { code, stdout, stderr, root } = await started(write(files, asan));
    expect(stdout).toBe("0\n");
    expect(stderr).toMatch(
      /AddressSanitizer: heap-buffer-overflow[^]*0 bytes to the right of 16-byte region/,
    );
    expect(code).toBe(1);
    expect(await version(join(root, "usr/local/bin/hello"))).toMatch(/-asan=true\n[^]*CGO_ENABLED=1\n/);
    expect(await headers(join(root, "usr/local/bin/hello"))).toContain("[libasan.so.8]");
    expect(readdirSync(join(root, "var/lib/dpkg/status.d"))).toContain("libasan8");
  });

  test("and nothing of a program that is right, in a container without a capability", async () => {
    const right = { "main.go": files["main.go"].replace("numbers, 4", "numbers, 2") };
    const { code, stdout, stderr } = await started(write(right, asan));
    expect([code, stdout, stderr]).toEqual([0, "0\n0\n", ""]);
  });

  test("takes a base that has its library", async () => {
    const output = await complains(write(files, `${asan}image: { base: debian:bookworm-slim }\n`));
    expect(output).toMatch(
      /GF062 hello needs libasan\.so\.8 \(of Debian's package libasan8.*\), which the base \S*debian:bookworm-slim\S* has not/,
    );
  });
});

describe("symbols and a debugger", () => {
  const files = {
    "main.go": `package main

// static int twice(int n) { return 2 * n; }
import "C"
import "fmt"

func main() {
	answer := C.twice(21)
	fmt.Println(answer)
}
`,
  };
  const description = "build: { cgo: true, buildId: true }\n";
  const said = async (command: string, ...args: readonly string[]): Promise<string> =>
    (await succeeded(run(command, args))).stdout;
  const idOf = async (file: string): Promise<string | undefined> =>
    /Build ID: ([0-9a-f]{40})$/m.exec(await said("readelf", "-n", file))?.[1];

  test("the executable with symbols has the build id of the one that ships, and tells lines", async () => {
    const dir = write(files, description);
    const [shipped, twin] = [
      (await executable(dir, "hello")).file,
      (await executable(dir, "hello", native, "symbols")).file,
    ];
    expect(await idOf(twin)).toMatch(/[1-9a-f]/);
    expect(await idOf(twin)).toBe(await idOf(shipped));
    expect(await said("readelf", "-SW", shipped)).not.toMatch(/\.symtab|\.debug_info/);
    const [symbols, table] = [
      await said("nm", twin),
      await said("readelf", "--debug-dump=decodedline", twin),
    ];
    const lineOf = (symbol: RegExp): string => {
      const address = symbol.exec(symbols)?.[1] ?? expect.fail(`no symbol ${symbol}`);
      return new RegExp(`^(\\S+ +\\d+) +0x${address}\\b`, "m").exec(table)?.[1] ?? expect.fail(address);
    };
    expect(lineOf(/^0*([0-9a-f]+) [Tt] main\.main$/m)).toMatch(/^main\.go +7$/);
    expect(lineOf(/^0*([0-9a-f]+) [Tt] _cgo_\w+_Cfunc_twice$/m)).toMatch(/^cgo-gcc-prolog +\d+$/);
  });

  test("the debugger of the debug image stops in a program with C", async () => {
    const { file } = await executable(write(files, description), "debug/dlv", native, "debug");
    const program = join(dirname(dirname(file)), "usr/local/bin/hello");
    const debugging = run(file, ["exec", "--allow-non-terminal-interactive=true", program], {
      input: "break main.main:2\ncontinue\nprint answer\nquit\n",
    });
    const { stdout } = await succeeded(debugging);
    expect(stripVTControlCharacters(stdout)).toMatch(
      /> \[Breakpoint 1\] main\.main\(\) example\.com\/hello\/main\.go:9 [^]*^\(dlv\) 42$/m,
    );
  });
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
