// Detectors of data races and of wrong use of memory: what they need, and what is compiled with them.
import { describe, expect, test } from "vitest";
import type { BuildRequest, Step } from "../../src/plan/index.ts";
import { arm64, amd64, buildOf, complaintOf, type Files, planFiles, shop, tool } from "./support.ts";

const described = (build: string, more: Files = {}): Files => ({
  ...tool,
  ...more,
  "service.yaml": `# syntax=org/go-frontend\nbuild: { ${build} }\n`,
});

const planned = (build: string, request: Partial<BuildRequest> = {}, more: Files = {}) =>
  planFiles(described(build, more), request);

const complaint = (build: string, request: Partial<BuildRequest> = {}) =>
  complaintOf(planned(build, request));

const mac = { os: "darwin", architecture: "arm64" } as const;
const windows = { os: "windows", architecture: "amd64" } as const;

describe("what cannot be", () => {
  test("without cgo", async () => {
    expect(await complaint("race: true")).toMatchInlineSnapshot(`
      "service.yaml:2:16: GF060 race needs cgo, which is off: its detector is called by way of C
      help: write \`build: { race: true, cgo: true }\`"
    `);
    expect(await complaint("asan: true")).toMatchInlineSnapshot(`
      "service.yaml:2:16: GF060 asan needs cgo, which is off: its detector is called by way of C
      help: write \`build: { asan: true, cgo: { link: dynamic } }\`"
    `);
  });

  test("with musl", async () => {
    expect(await complaint("race: true, cgo: { libc: musl }")).toMatchInlineSnapshot(`
      "service.yaml:2:35: GF043 race takes glibc: Go does not test its race detector with musl (https://go.dev/issue/14481)
      help: leave \`libc: musl\` out"
    `);
    expect(await complaint("asan: true, cgo: { libc: musl, link: dynamic }")).toMatchInlineSnapshot(`
      "service.yaml:2:35: GF043 asan takes glibc: gcc's library for it is made for no other
      help: leave \`libc: musl\` out"
    `);
  });

  test("both", async () => {
    expect(await complaint("race: true, asan: true, cgo: true")).toMatchInlineSnapshot(`
      "service.yaml:2:28: GF043 race and asan do not go together: a program has one of them
      help: leave one out, or make two services, of which the second has \`extends\`"
    `);
  });

  test("a static binary with asan", async () => {
    expect(await complaint("asan: true, cgo: true")).toMatchInlineSnapshot(`
      "service.yaml:2:27: GF043 asan takes \`link: dynamic\`: its library cannot be put into a static binary
      help: write \`cgo: { link: dynamic }\`; on \`static\` and \`scratch\` the library is put beside the binary"
    `);
  });

  test("settings that go refuses, or that end the program", async () => {
    expect(await complaint("race: true, cgo: true, mode: pie")).toMatchInlineSnapshot(`
      "service.yaml:2:39: GF043 go build makes no position-independent executable with -race for Linux
      help: leave \`mode\` or \`race\` out"
    `);
    expect(await complaint("asan: true, cgo: { link: dynamic }, fips140: latest")).toMatchInlineSnapshot(`
      "service.yaml:2:55: GF043 Go's FIPS 140-3 module ends a program that is compiled with -asan
      help: leave \`fips140\` or \`asan\` out"
    `);
  });

  test("a platform without the detector", async () => {
    const request = { platforms: [windows, mac], target: "binary" };
    expect(await complaint("race: true", request)).toMatchInlineSnapshot(`
      "service.yaml:2:16: GF034 race is for linux/amd64, linux/arm64, darwin/amd64, darwin/arm64, and this is built for windows/amd64
      help: build other platforms as a service of its own, without \`race\`"
    `);
    expect(await complaint("asan: true, cgo: { link: dynamic }", { ...request, platforms: [mac] }))
      .toMatchInlineSnapshot(`
      "service.yaml:2:16: GF034 asan is for linux/amd64, linux/arm64, and this is built for darwin/arm64
      help: build other platforms as a service of its own, without \`asan\`

      service.yaml:2:27: GF064 cgo is for linux/amd64 and linux/arm64, and this is built for darwin/arm64
      help: build other platforms as a service of its own, without \`cgo\`"
    `);
  });

  test("asan by a cross compiler, which races are found by", async () => {
    const request = { buildPlatform: amd64, platforms: [amd64, arm64] };
    expect(await complaint("asan: true, cgo: { link: dynamic }", request)).toMatchInlineSnapshot(`
      "service.yaml:2:16: GF034 asan for linux/arm64 takes a builder on linux/arm64: for it the go command takes no cross compiler
      help: add such a builder, \`docker buildx create --append --platform linux/arm64 NODE\`, or build for linux/amd64 alone"
    `);
    await expect(planned("race: true, cgo: true", request)).resolves.toBeDefined();
    const platforms = [{ ...amd64, variant: "v3" }];
    const leveled = planned("asan: true, cgo: { link: dynamic }", { ...request, platforms });
    await expect(leveled).resolves.toBeDefined();
  });

  test("does not stand in the way of another service for that platform", async () => {
    const text = `# syntax=org/go-frontend
services:
  tool: {}
  tool-race: { extends: tool, build: { race: true, cgo: true } }
`;
    const request = { platforms: [windows], target: "tool.binary" };
    await expect(planFiles({ ...tool, "service.yaml": text }, request)).resolves.toBeDefined();
  });
});

describe("what is compiled", () => {
  const runs = (steps: readonly Step[]) => steps.flatMap((step) => (step.kind === "run" ? [step] : []));
  /** Command lines of go build, as our program gets them. */
  const commandsOf = (steps: readonly Step[]): readonly string[] =>
    steps.flatMap((step) =>
      step.kind === "files"
        ? step.actions.flatMap((action) =>
            action.kind === "mkfile" && action.path === "/arguments.json"
              ? [action.text.replaceAll(/\s+/g, " ")].filter((text) => text.includes('"go", "build"'))
              : [],
          )
        : [],
    );

  test.each([
    ["race", "race: true, cgo: true"],
    ["asan", "asan: true, cgo: { link: dynamic }"],
  ])("all of it with -%s, with the package that the linker adds", async (name, build) => {
    const { steps } = buildOf(await planned(build));
    const commands = commandsOf(steps);
    expect(commands).toHaveLength(2);
    for (const text of commands) expect(text).toContain(`"-${name}"`);
    expect(commands[0]).toContain(`"runtime/${name}"`);
    // Without cgo go refuses the flag.
    const pure = runs(steps).filter(({ env }) => env.includes("CGO_ENABLED=0"));
    expect(pure.map(({ id }) => id)).toEqual(["helper"]);
  });

  test("races on macOS without cgo", async () => {
    const { plan } = await planned("race: true", { platforms: [mac], target: "binary" });
    const variant = plan.service.platforms[0]?.links[0]?.variant;
    expect(variant?.env["CGO_ENABLED"]).toBe("0");
    expect(variant?.std.packages).toContain("runtime/race");
    expect(variant?.std.packages).not.toContain("runtime/cgo");
  });

  test("files that are for it, and not those for builds without it", async () => {
    const more = {
      "on.go": "//go:build race\n\npackage main\n",
      "off.go": "//go:build !race\n\npackage main\n",
    };
    const files = async (build: string) => (await planned(build, {}, more)).plan.service.files;
    expect(await files("race: true, cgo: true")).toContain("on.go");
    expect(await files("race: true, cgo: true")).not.toContain("off.go");
    expect(await files("cgo: true")).toContain("off.go");
  });

  test("of other modules nothing is shared with a service that has no detector", async () => {
    const text = `# syntax=org/go-frontend
build: { cgo: true }
services:
  orders: { main: ./cmd/orders }
  orders-race: { extends: orders, build: { race: true } }
`;
    const commands = async (target: string): Promise<readonly string[]> =>
      commandsOf(buildOf(await planFiles({ ...shop, "service.yaml": text }, { target })).steps);
    const [plain, raced] = [await commands("orders"), await commands("orders-race")];
    expect([plain.length, raced.length]).toEqual([4, 3]);
    expect(raced.filter((command) => plain.includes(command))).toEqual([]);
  });

  test("asan's library is installed", async () => {
    const { plan } = await planned("asan: true, cgo: { link: dynamic }");
    expect(plan.service.platforms[0]?.links[0]?.variant.cTools?.libraries).toContain("libasan8");
  });

  test("the command that shows the same by hand has it", async () => {
    const { plan } = await planned("race: true, cgo: true");
    expect(plan.service.platforms[0]?.links[0]?.failure).toContain("go build -race -tags=netgo,osusergo .");
  });
});
