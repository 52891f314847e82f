// What compiles C: which packages of Debian, in which step, and what of it is in the keys of others.
import { describe, expect, test } from "vitest";
import type { BuildRequest, Plan, Step } from "../../src/plan/index.ts";
import { amd64, arm64, buildOf, complaintOf, type Files, planFiles } from "./support.ts";

const files: Files = {
  "go.mod": "module example.com/app\n\ngo 1.26\n",
  "main.go": 'package main\n\nimport "example.com/app/c"\n\nfunc main() { c.F() }\n',
  "c/c.go": 'package c\n\n// #include "f.h"\nimport "C"\n\nfunc F() { C.f() }\n',
  "c/f.c": "void f(void) {}\n",
  "c/f.h": "void f(void);\n",
  "c/f.cpp": "int g;\n",
  "c/doc.go": "//go:build !cgo\n\npackage c\n\nfunc F() {}\n",
};

async function planned(cgo: string, request: Partial<BuildRequest> = {}, more: Files = {}) {
  const text = `# syntax=org/go-frontend\nbuild: { cgo: ${cgo} }\n`;
  return planFiles({ ...files, ...more, "service.yaml": text }, request);
}

const toolsOf = ({ service }: Plan) => service.platforms[0]?.links[0]?.variant.cTools;

const crossed = { buildPlatform: amd64, platforms: [arm64] };

describe("packages and environment", () => {
  const native = "gcc g++ libc6-dev pkgconf";
  const toArm64 = "gcc-aarch64-linux-gnu g++-aarch64-linux-gnu pkgconf";
  test.each([
    ["true", {}, native, ""],
    ["true", crossed, toArm64, ""],
    [
      "true",
      { buildPlatform: arm64, platforms: [amd64] },
      "gcc-x86-64-linux-gnu g++-x86-64-linux-gnu pkgconf",
      "",
    ],
    ["true", { buildPlatform: arm64, platforms: [arm64] }, native, ""],
    ["{ link: dynamic }", crossed, toArm64, "arm64: libc6:arm64 libgcc-s1:arm64 libstdc++6:arm64"],
    [
      "{ packages: [zlib1g-dev, 'swig:native', zlib1g-dev] }",
      crossed,
      toArm64,
      "arm64: zlib1g-dev:arm64 swig",
    ],
    ["{ packages: [zlib1g-dev, 'swig:native'] }", {}, native, "zlib1g-dev swig"],
    ["{ libc: musl }", {}, native, "musl-dev"],
    ["{ libc: musl }", crossed, toArm64, "arm64: musl-dev:arm64"],
  ])("%s %j", async (cgo, request, compilers, libraries) => {
    const { plan } = await planned(cgo, request);
    const { foreign, ...tools } = toolsOf(plan) ?? expect.fail("no tools");
    expect(tools.compilers.join(" ")).toBe(compilers);
    expect([...(foreign === undefined ? [] : [`${foreign}:`]), ...tools.libraries].join(" ")).toBe(libraries);
  });

  test("the compiler of the target, and static libraries of pkg-config where all is static", async () => {
    expect(toolsOf((await planned("true", crossed)).plan)?.env).toEqual({
      CC: "aarch64-linux-gnu-gcc",
      CXX: "aarch64-linux-gnu-g++",
      PKG_CONFIG: "/usr/local/bin/pkg-config-static",
      PKG_CONFIG_LIBDIR: "/usr/lib/aarch64-linux-gnu/pkgconfig:/usr/share/pkgconfig",
    });
    expect(toolsOf((await planned("{ libc: musl, link: dynamic }")).plan)?.env).toEqual({
      CC: "gcc -specs /usr/lib/x86_64-linux-musl/musl-gcc.specs",
      CXX: "/usr/local/bin/no-c++",
      PKG_CONFIG_LIBDIR: "/usr/lib/x86_64-linux-gnu/pkgconfig:/usr/share/pkgconfig",
    });
  });
});

describe("what is compiled", () => {
  test("are the files of C, and not those for builds without it", async () => {
    const { plan } = await planned("true");
    expect(plan.service.files).toEqual(["c/c.go", "c/f.c", "c/f.cpp", "c/f.h", "go.mod", "main.go"]);
    const off = await planned("false");
    expect(off.plan.service.files).toEqual(["c/doc.go", "c/f.h", "go.mod", "main.go"]);
  });

  test("a static position-independent executable needs no loader", async () => {
    const text = "# syntax=org/go-frontend\nbuild: { cgo: true, mode: pie }\n";
    const { plan } = await planFiles({ ...files, "service.yaml": text });
    expect(plan.service.platforms[0]?.links[0]?.argv).toContain(
      "-ldflags=-s -w -buildid= -linkmode=external -extldflags=-static-pie",
    );
  });

  test("a static binary asks no C library for names of hosts and users", async () => {
    const argv = async (cgo: string) => (await planned(cgo)).plan.service.platforms[0]?.links[0]?.argv ?? [];
    expect(await argv("true")).toContain("-tags=netgo,osusergo");
    expect((await argv("true")).find((arg) => arg.startsWith("-ldflags"))).toBe(
      "-ldflags=-s -w -buildid= -linkmode=external -extldflags=-static",
    );
    const dynamic = await argv("{ link: dynamic }");
    expect(dynamic.join(" ")).not.toContain("netgo");
    expect(dynamic).toContain("-ldflags=-s -w -buildid= -linkmode=external");
  });
});

describe("steps", () => {
  const runs = (steps: readonly Step[]) => steps.flatMap((step) => (step.kind === "run" ? [step] : []));

  test("the tools are installed by a step that names nothing of the project", async () => {
    const steps = buildOf(await planned("true")).steps;
    const other = buildOf(
      await planned(
        "true",
        {},
        { "go.mod": "module example.com/other\n\ngo 1.25\n", "main.go": "package main\n" },
      ),
    ).steps;
    const keyOf = (all: readonly Step[]) => {
      const { at: _at, ...step } =
        runs(all).find(({ id }) => id === "tools linux/amd64") ?? expect.fail("none");
      return JSON.stringify([step, all.find(({ id }) => id === step.on.step)]);
    };
    expect(keyOf(other)).toBe(keyOf(steps));
    expect(keyOf(steps)).toContain("debian:bookworm-slim");
  });

  test("services with other packages share the compilers", async () => {
    const steps = buildOf(await planned("{ packages: [zlib1g-dev] }")).steps;
    const installs = runs(steps).filter(({ id }) => id.startsWith("tools "));
    expect(installs.map(({ id, on, argv }) => [id, on.step, argv.slice(2).join(" ")])).toEqual([
      ["tools linux/amd64", "image of steps debian:bookworm-slim", " gcc g++ libc6-dev pkgconf"],
      ["tools linux/amd64 libraries", "tools linux/amd64", " zlib1g-dev"],
    ]);
  });

  test("all that compile run on them, and no other", async () => {
    const steps = runs(buildOf(await planned("{ link: dynamic }")).steps);
    const on = steps.filter((step) => step.on.step === "root linux/amd64").map(({ id }) => id);
    expect(on).toEqual(["std linux/amd64 cgo", "build . linux/amd64", "libraries app linux/amd64"]);
  });

  test.each([
    ["cover: true", "pkg/tool/*/cover", ["std linux/amd64 coverage", "build . linux/amd64"]],
    ["fips140: v1.0.0", "lib/fips140/*", ["std linux/amd64 cgo", "build . linux/amd64"]],
  ])("%s takes nothing of the C tools away", async (setting, part, ids) => {
    const text = `# syntax=org/go-frontend\nbuild: { cgo: true, ${setting} }\n`;
    const { steps } = buildOf(await planFiles({ ...files, "service.yaml": text }));
    const compiling = runs(steps).filter(({ env }) => env.includes("CGO_ENABLED=1"));
    expect(compiling.map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
    const below = (id: string): readonly string[] => {
      const step = steps.find((candidate) => candidate.id === id) ?? expect.fail(id);
      const trees = step.kind === "merge" ? step.trees : "on" in step && step.on ? [step.on] : [];
      return [id, ...trees.flatMap((tree) => below(tree.step))];
    };
    for (const { on } of compiling) expect(below(on.step)).toContain("tools linux/amd64");
    const link = compiling.find(({ id }) => id === "build . linux/amd64") ?? expect.fail("no link");
    const seen = steps.filter(({ id }) => below(link.on.step).includes(id));
    expect(JSON.stringify(seen)).toContain(part);
  });

  test("a package of C has no cache mount: it may open what go's key leaves out", async () => {
    const mounts = (steps: readonly Step[]) =>
      runs(steps).flatMap((step) =>
        step.mounts.flatMap((mount) => (mount.kind === "cache" ? [step.id] : [])),
      );
    expect(mounts(buildOf(await planned("true")).steps)).toEqual([]);
    expect(mounts(buildOf(await planned("false")).steps)).toEqual(["build . linux/amd64"]);
  });

  test("of a service whose C is in other modules the mount is one for these tools", async () => {
    const pure = { "main.go": "package main\n\nfunc main() {}\n" };
    const idOf = async (cgo: string) => {
      const found = runs(buildOf(await planned(cgo, {}, pure)).steps).flatMap(({ mounts }) =>
        mounts.flatMap((mount) => (mount.kind === "cache" ? [mount.id] : [])),
      );
      expect(found).toHaveLength(1);
      return found[0];
    };
    const ids = await Promise.all(
      ["false", "true", "{ packages: [zlib1g-dev] }", "{ libc: musl }", "{ link: dynamic }"].map(idOf),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe("a platform without C tools", () => {
  test.each([
    [{ platforms: [{ os: "windows", architecture: "amd64" }], target: "binary" }, "windows/amd64"],
    [{ platforms: [amd64, { os: "linux", architecture: "riscv64" }] }, "linux/riscv64"],
  ])("%j", async (request, name) => {
    expect(await complaintOf(planned("true", request))).toBe(
      `service.yaml:2:15: GF064 cgo is for linux/amd64 and linux/arm64, and this is built for ${name}\n` +
        "help: build other platforms as a service of its own, without `cgo`",
    );
  });

  test("a builder", async () => {
    const buildPlatform = { os: "linux", architecture: "riscv64" };
    expect(await complaintOf(planned("true", { buildPlatform, platforms: [amd64] }))).toContain(
      "GF064 cgo needs a builder on linux/amd64 and linux/arm64, and this one is linux/riscv64",
    );
  });
});
