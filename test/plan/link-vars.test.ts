// Variables of build.vars that the linker passes over. What it does with each was asked of Go 1.26.8:
// `go run -ldflags "-X main.a=SET …"` of the program below.
import { describe, expect, test } from "vitest";
import { firstLine } from "../../src/description/index.ts";
import { complaintOf, type Files, planFiles, shop, sums } from "./support.ts";

const main = `package main

import (
	"fmt"
	"os"

	"example.com/vars/sub"
	other "example.com/vars/sub"
)

const c = "const" // not "var nosuch string"

type MyString string
type Alias = string

/* var hidden string */
var (
	a        string
	b        = "b"
	cc       = c
	d        = sub.C
	e        = sub.V
	e2       = other.V
	f        = os.Getenv("X")
	g        = "x" + "y"
	h        = b
	i        = string("conv")
	j        = "x" + b
	k Alias
	l Alias = "l"
	m, n = "m", "n"
	o, p string = "o", fmt.Sprint("p")
	q = (("q"))
	r = \`raw
var nosuch string\`
	s string = c +
		"x"
	t = "abc"[1:]
	w = func() string { return "w" }()
	x = sub.Arr[0]
	y = string(rune('a'))
	z, zz = two()
	first = second
	second = third()
)

var num int
var my MyString = "my"
var list = []string{"x"}
var count = 7
var err error
var pointer *string

func two() (string, string) { return "1", "2" }

func third() string {
	var inside string
	if inside == "{" { return inside }
	return '}'
}

type T struct{}

func (T) method() {}

func main() { println(a) }
`;

const files = (description: string): Files => ({
  "service.yaml": `# syntax=org/go-frontend\n${description}`,
  "go.mod": "module example.com/vars\n\ngo 1.26\n",
  "main.go": main,
  "sub/sub.go": 'package sub\n\nconst C = "subconst"\n\nvar V = "subvar"\n\nvar Arr = []string{"z"}\n',
  "sub/sub_test.go": "package sub\n\nvar inTest string\n",
  "lonely/lonely.go": "package lonely\n\nvar Version string\n",
});

async function saidOf(...names: readonly string[]): Promise<readonly string[]> {
  const vars = names.map((name) => `"${name}": SET`).join(", ");
  const { inspected } = await planFiles(files(`build: { vars: { ${vars} } }\n`));
  return inspected.warnings.map((each) => `${firstLine(each)} | ${each.help ?? ""}`);
}

test.each("a b cc d g h i k l m n o q r s y".split(" "))("main.%s is set by the linker", async (name) => {
  expect(await saidOf(`main.${name}`)).toEqual([]);
});

test.each([
  ["e", "sub.V"],
  ["e2", "other.V"],
  ["f", 'os.Getenv("X")'],
  ["j", '"x"+b'],
  ["p", 'fmt.Sprint("p")'],
  ["t", '"abc"[1:]'],
  ["w", 'func()string{return"w"}()'],
  ["x", "sub.Arr[0]"],
  ["z", "two()"],
  ["zz", "two()"],
  ["first", "second"],
  ["second", "third()"],
])("main.%s is set by the program after the linker", async (name, value) => {
  expect(await saidOf(`main.${name}`)).toEqual([
    `service.yaml:2:18: GF047 warning: the program sets main.${name} itself when it starts (\`${value}\`), after what the linker put in | give it no value, \`var ${name} string\`, or a constant one`,
  ]);
});

test.each([
  ["num", "int"],
  ["my", "MyString"],
  ["list", "[]string"],
  ["count", "number"],
  ["err", "error"],
  ["pointer", "*string"],
])("main.%s is of another type: the linker refuses it", async (name, type) => {
  expect(await complaintOf(saidOf(`main.${name}`))).toBe(
    `service.yaml:2:18: GF047 main.${name} is of type ${type}, and the linker sets text only\nhelp: make it a string: \`var ${name} string\``,
  );
});

test.each(["nosuch", "hidden", "inside", "method", "T.x"])("main.%s is not there", async (name) => {
  expect((await saidOf(`main.${name}`))[0]).toContain("has no effect");
});

describe("the help", () => {
  test("names the variable that was meant", async () => {
    expect(await saidOf("example.com/vars/sub.v")).toEqual([
      'service.yaml:2:18: GF047 warning: package example.com/vars/sub has no variable "v": setting it has no effect | did you mean `example.com/vars/sub.V`? Else declare it in the package: `var v string`',
    ]);
    expect((await saidOf("main.c"))[0]).toContain("main.c is a constant, which the linker cannot set");
    expect((await saidOf("main.third"))[0]).toContain(
      "main.third is a function, which the linker cannot set",
    );
    expect(await saidOf("example.com/vars/sub.inTest")).toHaveLength(1);
  });

  test("of the main package by its import path is its name to the linker", async () => {
    expect(await saidOf("example.com/vars.a")).toEqual([
      'service.yaml:2:18: GF047 warning: the linker knows the main package as main: "example.com/vars.a" has no effect | write `main.a`',
    ]);
  });

  test("of a package that is not imported", async () => {
    expect(await saidOf("example.com/vars/lonely.Version")).toEqual([
      'service.yaml:2:18: GF047 warning: the service does not import the package "example.com/vars/lonely": setting "Version" has no effect | name a package that the service imports, or `main` for its own',
    ]);
    expect((await saidOf("sub.V2"))[0]).toContain("did you mean `example.com/vars/sub.V2`?");
    expect((await saidOf("example.com/var/sub.C"))[0]).toContain("did you mean `example.com/vars/sub.C`?");
  });
});

test("of other modules and of the standard library nothing is known", async () => {
  const more = {
    ...files(
      'build: { vars: { "github.com/acme/kit/version.Version": x, "runtime.nosuch": x, "internal/godebugs.x": x } }\n',
    ),
    "go.mod": "module example.com/vars\n\ngo 1.26\n\nrequire github.com/acme/kit v1.0.0\n",
    "go.sum": sums("github.com/acme/kit v1.0.0"),
    "kit.go": 'package main\n\nimport _ "github.com/acme/kit"\n',
  };
  expect((await planFiles(more)).inspected.warnings).toEqual([]);
});

describe("several services", () => {
  const worker = 'package main\n\nimport "example.com/shop/internal/job"\n\nfunc main() { job.Run("") }\n';

  test("share a variable that one of them has", async () => {
    const { inspected } = await planFiles({ ...shop, "cmd/worker/main.go": worker }, { target: "orders" });
    expect(inspected.warnings).toEqual([]);
  });

  test("are told of one that none of them has, once, and of those of their own", async () => {
    const text = `# syntax=org/go-frontend
build: { vars: { main.verison: x } }
services:
  orders: { main: ./cmd/orders }
  worker: { main: ./cmd/worker, build: { vars: { main.version: y } } }
`;
    const changed = { ...shop, "service.yaml": text, "cmd/worker/main.go": worker };
    const { inspected } = await planFiles(changed, { target: "orders" });
    expect(inspected.warnings.map(firstLine)).toEqual([
      'service.yaml:2:18: GF047 warning: package main has no variable "verison": setting it has no effect',
      'service.yaml:5:50: GF047 warning: package main has no variable "version": setting it has no effect',
    ]);
  });
});

test("a file of one platform counts for all", async () => {
  const some = {
    ...files("build: { vars: { main.only: x } }\nplatforms: [linux/amd64, linux/arm64]\n"),
    "main_arm64.go": "package main\n\nvar only string\n",
  };
  expect((await planFiles(some)).inspected.warnings).toEqual([]);
});
