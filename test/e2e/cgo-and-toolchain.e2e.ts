// What the toolchain decides, and what cgo's absence means: Go's own answers, built by the packaged frontend.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { caSecret, type Clients, clientsOf, pinnedFrontend, scratchDir } from "./support/clients.ts";
import { type Files, project } from "./support/project.ts";
import { type Run, run, succeeded } from "./support/run.ts";

const rig = inject("rig");
const syntax = `# syntax=${pinnedFrontend(rig, inject("frontend"))}`;
const work = scratchDir();
let clients: Clients;
let outputs = 0;

beforeAll(async () => {
  clients = await clientsOf(rig);
});
afterAll(work.remove);

const write = (files: Files, description = ""): string =>
  project(work.path, { ...files, "service.yaml": `${syntax}\n${description}` });

function build(dir: string, ...args: readonly string[]): Promise<Run> {
  return clients.buildx(["build", "--progress=plain", "-f", join(dir, "service.yaml"), ...args, dir]);
}

/** Builds the bare executable and gives what it prints. */
async function says(dir: string, ...args: readonly string[]): Promise<string> {
  const dest = join(work.path, `out-${outputs++}`);
  await succeeded(build(dir, "--target=binary", `--output=type=local,dest=${dest}`, ...args));
  return (await succeeded(run(join(dest, "hello"), []))).stdout.trim();
}

/** What both outputs of a build that must fail hold. */
async function complains(dir: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await build(dir, ...args);
  expect(code).not.toBe(0);
  return stdout + stderr;
}

const main = `package main

import (
	"fmt"
	"os"
	"strings"
)

var plugins []string

func main() { fmt.Println(strings.Join(plugins, " "), len(os.Args)) }
`;
const plugin = (name: string, constraint: string): string =>
  `//go:build ${constraint}\n\npackage main\n\nfunc init() { plugins = append(plugins, "${name}") }\n`;

/** A module that any release from 1.25 on can build. */
const open = {
  "go.mod": "module example.com/hello\n\ngo 1.25\n",
  "main.go": main,
  "a_old.go": plugin("old", "!go1.26"),
  "b_new.go": plugin("new", "go1.26"),
  "c_newest.go": plugin("newest", "go1.77"),
  "d_json.go": plugin("json", "goexperiment.jsonv2"),
  "e_level.go": plugin("level", "amd64.v2 || arm64"),
};

/** Of an official image: the level of amd64 is the first one. */
const alike = process.arch === "arm64" ? "new level 1" : "new 1";

describe("files whose place in the build the toolchain image decides", () => {
  test("are those of the release that `toolchain:` names", async () => {
    expect(await says(write(open, "toolchain: golang:1.26-alpine\n"))).toBe(alike);
  });

  test("or of the image that the client puts in the place of the one of go.mod", async () => {
    const context = "--build-context=golang=docker-image://golang:1.26-alpine";
    expect(await says(write(open), context)).toBe(alike);
  });

  test("and of what that image turns on", async () => {
    const image = join(work.path, "image");
    const dockerfile = "FROM golang:1.26-alpine\nENV GOEXPERIMENT=jsonv2 GOAMD64=v2\n";
    const folder = project(work.path, { Dockerfile: dockerfile });
    await succeeded(
      clients.buildx(["build", "--provenance=false", `--output=type=oci,tar=false,dest=${image}`, folder]),
    );
    const context = `--build-context=golang=oci-layout://${image}`;
    expect(await says(write(open), context)).toBe("new json level 1");
  });
});

test("a toolchain line below the go line is not followed", async () => {
  const version =
    'package main\n\nimport (\n\t"fmt"\n\t"runtime"\n)\n\nfunc main() { fmt.Println(runtime.Version()) }\n';
  const goMod = "module example.com/hello\n\ngo 1.26.0\n\ntoolchain go1.25.14\n";
  expect(await says(write({ "go.mod": goMod, "main.go": version }))).toMatch(/^go1\.26\.\d+$/);
});

describe("a package that needs cgo", () => {
  const withC = (name: string): string => `package ${name}\n\nimport "C"\n\nfunc Open() {}\n`;
  const over = {
    "main.go": 'package main\n\nimport "example.com/hello/store"\n\nfunc main() { store.Open() }\n',
    "store/store.go": 'package store\n\nimport "example.com/hello/store/db"\n\nfunc Open() { db.Open() }\n',
    "store/db/db.go": withC("db"),
  };

  test("of the service's own is told at its import, in a build and in a check, and nothing is run", async () => {
    const dir = write(over);
    for (const args of [[], ["--call=check"]]) {
      const output = await complains(dir, ...args);
      expect(output).toContain("store/db/db.go:3:8: GF060 package example.com/hello/store/db needs cgo");
      expect(output).not.toContain("[helper]");
    }
  });

  test("may be the main package", async () => {
    const dir = write({ "main.go": withC("main") });
    expect(await complains(dir)).toContain("main.go:3:8: GF060 main package . needs cgo, which is off");
    const named = write({ "main.go": undefined, "cmd/x/main.go": withC("main") }, "main: ./cmd/x\n");
    expect(await complains(named)).toContain("cmd/x/main.go:3:8: GF060 main package ./cmd/x needs cgo");
  });

  test("of another module is named in place of go's own words alone, and nothing of the service was compiled", async () => {
    const dir = write({
      "go.mod":
        "module example.com/hello\n\ngo 1.26\n\nrequire github.com/seccomp/libseccomp-golang v0.11.1\n",
      "go.sum":
        "github.com/seccomp/libseccomp-golang v0.11.1 h1:wuk4ZjSx6kyQII4rj6G6fvVzRHQaSiPvccJazDagu4g=\n" +
        "github.com/seccomp/libseccomp-golang v0.11.1/go.mod h1:5m1Lk8E9OwgZTTVz4bBOer7JuazaBa+xTkM895tDiWc=\n",
      "main.go": 'package main\n\nimport _ "github.com/seccomp/libseccomp-golang"\n\nfunc main() {}\n',
    });
    const output = await complains(dir, ...caSecret());
    expect(output).toMatch(
      /GF060 package github\.com\/seccomp\/libseccomp-golang needs cgo, which is off: github\.com\/seccomp\/libseccomp-golang\/seccomp\.go line \d+ imports "C" \(imported by example\.com\/hello\)/,
    );
    expect(output).toMatch(/GF090 go build failed for /);
  });

  test("and only then fails is a warning of build and check", async () => {
    const dir = write({
      "go.mod": "module example.com/hello\n\ngo 1.26\n\nrequire github.com/mattn/go-sqlite3 v1.14.32\n",
      "go.sum":
        "github.com/mattn/go-sqlite3 v1.14.32 h1:JD12Ag3oLy1zQA+BNn74xRgaBbdhbNIDYvQUEuuErjs=\n" +
        "github.com/mattn/go-sqlite3 v1.14.32/go.mod h1:Uh1q+B4BYcTPb+yiD3kU8Ct7aC0hY9fxUwlHK0RXw+Y=\n",
      "main.go": 'package main\n\nimport _ "github.com/mattn/go-sqlite3"\n\nfunc main() {}\n',
    });
    const { stdout, stderr } = await build(dir, "--call=check");
    expect(stdout + stderr).toMatch(
      /GF060[^]*github\.com\/mattn\/go-sqlite3 needs cgo[^]*modernc\.org\/sqlite/,
    );
  });
});
