// What --target accepts, and which platforms are built.
import { describe, expect, test } from "vitest";
import { amd64, arm64, complaintOf, planFiles, shop, tool } from "./support.ts";

describe("one service", () => {
  test("has its image, the default, and its bare executable", async () => {
    const { plan } = await planFiles(tool);
    expect(plan.targets).toEqual([
      { name: "image", service: "tool", output: "image", description: "image of tool (.)", default: true },
      {
        name: "binary",
        service: "tool",
        output: "binary",
        description: "bare executable of tool (.)",
        default: false,
      },
      {
        name: "symbols",
        service: "tool",
        output: "symbols",
        description: "executable with symbols of tool (.)",
        default: false,
      },
      {
        name: "debug",
        service: "tool",
        output: "debug",
        description: "unoptimized image with a debugger of tool (.)",
        default: false,
      },
    ]);
    expect([plan.target, plan.output]).toEqual(["image", "image"]);
    expect((await planFiles(tool, { target: "binary" })).plan.output).toBe("binary");
    expect((await planFiles(tool, { target: "Image" })).plan.output).toBe("image");
  });

  test("under `services:` it also goes by its name", async () => {
    const files = {
      ...tool,
      "service.yaml": "# syntax=org/go-frontend\nservices: { api: {} }\n",
    };
    const { plan } = await planFiles(files);
    expect(plan.targets.map(({ name }) => name)).toEqual([
      "image",
      "binary",
      "symbols",
      "debug",
      "api",
      "api.binary",
      "api.symbols",
      "api.debug",
    ]);
    const debug = { ...files, "service.yaml": "# syntax=org/go-frontend\nservices: { debug: {} }\n" };
    expect((await planFiles(debug, { target: "debug" })).plan.output).toBe("image");
    expect((await planFiles(debug, { target: "debug.debug" })).plan.output).toBe("debug");
    expect((await planFiles(files, { target: "api.binary" })).plan.output).toBe("binary");
    expect((await planFiles(files, { target: "api" })).plan.service.name).toBe("api");
  });

  test("an unknown target says what there is, and what was probably meant", async () => {
    expect(await complaintOf(planFiles(tool, { target: "imag" }))).toMatchInlineSnapshot(`
      "service.yaml:1:1: GF032 unknown target "imag"
      help: did you mean --target image? Targets of this file: image, binary, symbols, debug"
    `);
    expect(await complaintOf(planFiles(tool, { target: "production" }))).toMatchInlineSnapshot(`
      "service.yaml:1:1: GF032 unknown target "production"
      help: targets of this file: image, binary, symbols, debug"
    `);
    expect(await complaintOf(planFiles(tool, { target: "\u001b[31m" }))).not.toContain("\u001b");
  });
});

describe("several services", () => {
  test("are targets by their names, with an executable each", async () => {
    const { plan } = await planFiles(shop, { target: "worker" });
    expect(plan.targets.map(({ name }) => name)).toEqual([
      "orders",
      "orders.binary",
      "orders.symbols",
      "orders.debug",
      "worker",
      "worker.binary",
      "worker.symbols",
      "worker.debug",
    ]);
    expect(plan.targets.some((each) => each.default)).toBe(false);
    expect([plan.service.name, plan.service.programs[0]?.importPath]).toEqual([
      "worker",
      "example.com/shop/cmd/worker",
    ]);
  });

  test("one has to be chosen, and the names are there to choose from", async () => {
    expect(await complaintOf(planFiles(shop))).toMatchInlineSnapshot(`
      "service.yaml:5:1: GF032 this file describes several services and no target was chosen
      help: add --target with one of: orders, orders.binary, orders.symbols, orders.debug, worker, worker.binary, worker.symbols, worker.debug"
    `);
    expect(await complaintOf(planFiles(shop, { target: "order" }))).toMatchInlineSnapshot(`
      "service.yaml:5:1: GF032 unknown target "order"
      help: did you mean --target orders? Targets of this file: orders, orders.binary, orders.symbols, orders.debug, worker, worker.binary, worker.symbols, worker.debug"
    `);
  });
});

describe("platforms", () => {
  const withPlatforms = (list: string) => ({
    ...tool,
    "service.yaml": `# syntax=org/go-frontend\nplatforms: ${list}\n`,
  });
  const ids = async (...args: Parameters<typeof planFiles>): Promise<readonly string[]> =>
    (await planFiles(...args)).plan.service.platforms.map(({ id }) => id);

  test("are the client's, else the description's, else the builder's", async () => {
    const files = withPlatforms("[linux/arm64, linux/amd64]");
    expect(await ids(files)).toEqual(["linux/arm64", "linux/amd64"]);
    expect(await ids(files, { platforms: [{ os: "linux", architecture: "s390x" }] })).toEqual([
      "linux/s390x",
    ]);
    expect(await ids(files, { platforms: [amd64, arm64, amd64] })).toEqual(["linux/amd64", "linux/arm64"]);
    expect(await ids(tool)).toEqual(["linux/amd64"]);
    expect(await ids(tool, { buildPlatform: arm64 })).toEqual(["linux/arm64"]);
  });

  test("an image is for linux; other systems get the bare executable", async () => {
    const files = withPlatforms("[linux/amd64, windows/amd64]");
    expect(await complaintOf(planFiles(files), files["service.yaml"])).toMatchInlineSnapshot(`
      "service.yaml:2:12: GF034 images are made for linux, not for windows/amd64
      2 | platforms: [linux/amd64, windows/amd64]
        |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      help: build the bare executable: --target binary"
    `);
    expect(await ids(files, { target: "binary" })).toEqual(["linux/amd64", "windows/amd64"]);

    // The target that the help names is one of this description's.
    const shared = `${shop["service.yaml"]}platforms: [windows/amd64]\n`;
    const several = { ...shop, "service.yaml": shared };
    const said = await complaintOf(planFiles(several, { target: "worker" }));
    const target = /--target (\S+)/.exec(said)?.[1];
    expect(target).toBe("worker.binary");
    expect(await ids(several, { target: "worker.binary" })).toEqual(["windows/amd64"]);
  });

  test("the standard library starts from the helper's cache on the builder's own platform only", async () => {
    const onHelper = async (...args: Parameters<typeof planFiles>): Promise<readonly boolean[]> =>
      (await planFiles(...args)).plan.service.platforms.flatMap(({ links }) =>
        links.map(({ variant }) => variant.std.onHelper),
      );
    expect(await onHelper(withPlatforms("[linux/amd64, linux/arm64, linux/amd64/v3]"))).toEqual([
      true,
      false,
      false,
    ]);
    expect(await onHelper(withPlatforms("[linux/amd64, linux/arm64]"), { buildPlatform: arm64 })).toEqual([
      false,
      true,
    ]);
  });
});
