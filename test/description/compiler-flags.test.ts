// Flags that are handed on to Go's tools, and those that are not.
import { describe, expect, test } from "vitest";
import { good, messages } from "./support.ts";

const text = (build: string): string => `# syntax=org/go-frontend\nbuild: { ${build} }\n`;

describe("flags of tools", () => {
  test.each([
    "gcflags: [-N, -l, -l=4, -B, -dwarf=false]",
    "asmflags: [-D=X, -D=X=1]",
    "ldflags: [-checklinkname=0, -compressdwarf=false, -B=none, -B=0x1234]",
  ])("%s", (build) => {
    expect(() => good(text(build))).not.toThrow();
  });

  test.each([
    ["gcflags", "-toolexec=/bin/sh"],
    ["gcflags", "-importcfg=/etc/passwd"],
    ["gcflags", "-N -l"],
    ["gcflags", "-d=ssa/check/on"],
    ["gcflags", "-o=/x"],
    // The standard library's assembly is not written for it.
    ["asmflags", "-spectre=all"],
    ["asmflags", "-I=/usr/include"],
    ["asmflags", "-o=/x"],
    ["ldflags", "-extld=/bin/sh"],
    ["ldflags", "-extldflags=-static"],
    ["ldflags", "-linkmode=external"],
    ["ldflags", "-X main.version=1"],
    ["ldflags", "-checklinkname=0 -extld=/bin/sh"],
    ["ldflags", "-I=/lib/ld.so"],
    ["ldflags", "@/etc/passwd"],
    ["ldflags", "-s"],
    // The linker makes it from the build id, which it is told to leave out.
    ["ldflags", "-B=gobuildid"],
    ["ldflags", "-B=0x123"],
    ["ldflags", `-B=0x${"ab".repeat(33)}`],
  ])("%s: %s is refused", (key, flag) => {
    const [message = "", ...others] = messages(text(`${key}: [${JSON.stringify(flag)}]`));
    expect(others).toEqual([]);
    expect(message).toContain("GF040");
    expect(message).toContain("is not one of the flags that are handed on");
  });

  test("what is meant by a flag is said", () => {
    expect(messages(text('ldflags: ["-X main.version=1"]'))[0]).toContain("GF040");
    expect(messages(text("ldflags: [-race]"))[0]).toContain("GF040");
  });
});

describe("settings of Go", () => {
  test.each([
    "cover: true",
    "cover: [example.com/shop/..., github.com/acme/x]",
    "fips140: certified",
    "fips140: v1.0.0-c2097c7c",
    'godebug: { http2client: "0", default: go1.23 }',
    "mode: exe",
  ])("%s", (build) => {
    expect(() => good(text(build))).not.toThrow();
  });

  test.each([
    ["cover: [./...]", /holds ".\/...", which is not a pattern of import paths/],
    ["cover: [-x]", /holds "-x", which is not a pattern of import paths/],
    ['cover: ["a,b"]', /holds "a,b", which is not a pattern of import paths/],
    ["cover: []", /is empty/],
    ["race: atomic", /^GF025 race must be true or false, found text "atomic"/],
    ["asan: 1", /^GF025 asan must be true or false, found the number 1/],
    ["cover: count", /cover must be true, false or a list of import paths/],
    ["fips140: v2.0.0", /is not a version of Go's FIPS 140-3 module/],
    ["fips140: ../x", /is not a version of Go's FIPS 140-3 module/],
    ['godebug: { HTTP2: "0" }', /names "HTTP2", which is not the name of a GODEBUG setting/],
    ['godebug: { http2client: "0,x=1" }', /holds "0,x=1" for http2client/],
    ['godebug: { http2client: "" }', /holds "" for http2client/],
    ["mode: c-shared", /mode must be exe or pie/],
  ])("%s is refused", (build, message) => {
    expect(messages(text(build)).join("\n")).toMatch(message);
  });
});

describe("levels and experiments", () => {
  test.each([
    "levels: { amd64: v2, arm: 7, arm64: v9.5, '386': sse2 }",
    "experiments: [jsonv2, nogreenteagc]",
  ])("%s", (build) => {
    expect(() => good(text(build))).not.toThrow();
  });

  test.each([
    ["levels: { amd64: v5 }", /holds "v5", which is not a level of amd64/],
    ["levels: { s390x: z13 }", /names "s390x", which has no levels/],
    ["levels: { constructor: x }", /names "constructor", which has no levels/],
    ["experiments: [JSONv2]", /which is not the name of an experiment/],
    ['experiments: ["jsonv2,x"]', /which is not the name of an experiment/],
  ])("%s is refused", (build, message) => {
    expect(messages(text(build)).join("\n")).toMatch(message);
  });
});
