// Settings of a build that not every release, platform, base or program takes; and whom they part.
import { describe, expect, test } from "vitest";
import { compileCacheId } from "../../src/plan/steps/compile.ts";
import { complaintOf, type Files, planFiles, shop, tool } from "./support.ts";

const files = (build: string, more: Files = {}): Files => ({
  ...tool,
  ...more,
  "service.yaml": `# syntax=org/go-frontend\n${build}\n`,
});

const complaint = (build: string, more: Files = {}) => complaintOf(planFiles(files(build, more)));

describe("what cannot be", () => {
  test("a release that does not know the setting", async () => {
    expect(await complaint('go: "1.23"\nbuild: { fips140: latest }', { "go.mod": "module x\n\ngo 1.22\n" }))
      .toMatchInlineSnapshot(`
        "service.yaml:3:19: GF015 fips140 takes Go 1.24, and this is Go 1.23
        help: write \`go: "1.24"\` or a newer release, or leave fips140 out"
      `);
    expect(
      await complaint('go: "1.22"\nbuild: { godebug: { panicnil: "1" } }', {
        "go.mod": "module x\n\ngo 1.22\n",
      }),
    ).toMatchInlineSnapshot(`
      "service.yaml:3:19: GF015 godebug takes Go 1.23, and this is Go 1.22
      help: write \`go: "1.23"\` or a newer release, or leave godebug out"
    `);
  });

  test("an image of which only the go line is known", async () => {
    const named = "toolchain: registry.example/golang:1\nbuild: { fips140: latest }";
    expect(await complaint(named, { "go.mod": "module x\n\ngo 1.22\n" })).toMatchInlineSnapshot(`
      "service.yaml:3:19: GF015 fips140 takes Go 1.24, and the toolchain may be Go 1.22
      help: raise the go line of go.mod to 1.24, or leave fips140 out"
    `);
    await expect(planFiles(files(named, { "go.mod": "module x\n\ngo 1.24\n" }))).resolves.toBeDefined();
  });

  test("a position-independent executable where Go needs a C toolchain", async () => {
    const build = "platforms: [linux/amd64, linux/riscv64]\nimage: { base: debian }\nbuild: { mode: pie }";
    expect(await complaint(build)).toMatchInlineSnapshot(`
      "service.yaml:4:16: GF034 position-independent executables for linux/riscv64 are linked with a C toolchain
      help: leave \`mode\` out; without a C toolchain Go links them for linux/amd64, linux/arm64, linux/loong64 and linux/ppc64le"
    `);
  });

  test("a position-independent executable in an image without a loader", async () => {
    expect(await complaint("build: { mode: pie }")).toMatchInlineSnapshot(`
      "service.yaml:2:16: GF045 a position-independent executable starts by way of glibc's loader, which static has not
      help: choose a base with glibc, like \`image: { base: debian:bookworm-slim }\`, leave \`mode\` out, or have the C toolchain link one that needs no loader: \`build: { mode: pie, cgo: true }\`"
    `);
    expect(await complaint("image: { base: scratch }\nbuild: { mode: pie }")).toContain(
      "which scratch has not",
    );
    await expect(planFiles(files("build: { mode: pie }"), { target: "binary" })).resolves.toBeDefined();
  });

  test("a line of the main package that counts more", async () => {
    const main =
      "// Command x.\n\n//go:debug panicnil=1\n//go:debug http2client=0\npackage main\n\n//go:debug x=y\nfunc main() {}\n";
    const build = 'build: { godebug: { panicnil: "0", http2client: "0", x: z } }';
    expect(await complaint(build, { "main.go": main })).toMatchInlineSnapshot(`
      "service.yaml:2:31: GF043 main.go:3 says //go:debug panicnil=1, which counts more
      help: leave the setting out here, or the line there"
    `);
  });
});

test("a build id is the linker's or ours", async () => {
  expect(await complaint("build: { buildId: true, ldflags: [-checklinkname=0, -B=0x1234] }"))
    .toMatchInlineSnapshot(`
    "service.yaml:2:53: GF043 the linker is given a build id, and buildId makes one
    help: leave one of them out"
  `);
});

test("a build id is written for Linux alone, into the executable with symbols as well", async () => {
  const links = async (target: string, os = "linux") =>
    (
      await planFiles(files("build: { buildId: true }"), {
        target,
        platforms: [{ os, architecture: "amd64" }],
      })
    ).plan.service.platforms[0]?.links[0];
  const [binary, symbols] = [await links("binary"), await links("symbols")];
  expect(binary?.buildIdOf).toEqual(binary?.argv);
  expect(symbols?.buildIdOf).toEqual(binary?.argv);
  expect(symbols?.argv).not.toEqual(binary?.argv);
  expect(await links("binary", "windows")).not.toHaveProperty("buildIdOf");
});

describe("the file with godebug lines", () => {
  const build = 'build: { godebug: { panicnil: "1", http2client: "0" } }';
  const godebugOf = async (tree: Files) =>
    (await planFiles(tree)).plan.service.platforms[0]?.links[0]?.godebug;

  test("is go.mod with them behind what it says", async () => {
    expect(await godebugOf(files(build, { "go.mod": "module x\n\ngo 1.25" }))).toEqual({
      path: "go.mod",
      text: "module x\n\ngo 1.25\n\ngodebug http2client=0\ngodebug panicnil=1\n",
    });
  });

  test("is go.work in a workspace, which go asks in its place", async () => {
    const work = {
      "go.work": "go 1.25\n\nuse ./svc\n",
      "svc/go.mod": "module x\n\ngo 1.25\n",
      "svc/main.go": "package main\n\nfunc main() {}\n",
      "service.yaml": `# syntax=org/go-frontend\nmodule: ./svc\n${build}\n`,
    };
    expect((await godebugOf(work))?.path).toBe("go.work");
  });
});

test("what is compiled of other modules is shared with a service that counts, and not with one that names them", async () => {
  const text = (cover: string) => `# syntax=org/go-frontend
services:
  orders: { main: ./cmd/orders }
  counted: { extends: orders, build: { cover: ${cover} } }
`;
  const depsOf = async (target: string, cover: string) =>
    (await planFiles({ ...shop, "service.yaml": text(cover) }, { target })).plan.service.platforms[0]
      ?.links[0]?.variant.deps;
  expect(await depsOf("counted", "true")).toEqual(await depsOf("orders", "true"));
  expect((await depsOf("orders", "true"))?.parts[0]?.name).toBe("");
});

test("no cache mount is shared by what is compiled in another way", async () => {
  const builds = [
    "",
    "build: { mode: pie }",
    "build: { cover: true }",
    "build: { cover: [x] }",
    "build: { fips140: latest }",
    "build: { cgo: { link: dynamic } }",
    "build: { cgo: { link: dynamic }, race: true }",
    "build: { cgo: { link: dynamic }, asan: true }",
  ];
  const ids = await Promise.all(
    builds.map(async (build) => {
      const { plan } = await planFiles(files(build), { target: "binary" });
      const link = plan.service.platforms[0]?.links[0] ?? expect.fail("no link");
      const site = { plan, resolved: { toolchain: { reference: "golang" } } } as Parameters<
        typeof compileCacheId
      >[0];
      return compileCacheId(site, link, "build");
    }),
  );
  expect(new Set(ids).size).toBe(builds.length);
});
