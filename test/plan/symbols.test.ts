// Targets with symbols and with a debugger: what they share with the image, and what no project has a part in.
import { describe, expect, test } from "vitest";
import {
  buildOf,
  complaintOf,
  type Files,
  graphOf,
  planFiles,
  shop,
  stepKeys,
  tool,
  verticesOf,
} from "./support.ts";

const keysFor = async (files: Files, target: string) =>
  stepKeys(verticesOf(graphOf(await planFiles(files, { target }))));

test("symbols: everything but the link is the image's", async () => {
  const [image, symbols] = [await keysFor(shop, "orders"), await keysFor(shop, "orders.symbols")];
  const differing = Object.keys(symbols).filter((name) => symbols[name] !== image[name]);
  expect(differing).toEqual(["build linux/amd64"]);
  const { plan } = await planFiles(shop, { target: "orders.symbols" });
  expect(plan.service.platforms[0]?.links[0]?.argv).toContainEqual(
    expect.stringMatching(/^-ldflags=-buildid= /),
  );
});

describe("debug", () => {
  test("nothing is optimized, and no profile is used", async () => {
    const { plan } = await planFiles({ ...tool, "default.pgo": "profile" }, { target: "debug" });
    const link = plan.service.platforms[0]?.links[0];
    expect(link?.argv).toEqual(
      expect.arrayContaining(["-gcflags=all=-N -l", "-pgo=off", "-ldflags=-buildid="]),
    );
  });

  test("no project has a part in the debugger's keys", async () => {
    const debuggerOf = async (files: Files, target: string) => {
      const vertices = verticesOf(graphOf(await planFiles(files, { target })));
      const names = ["[modules delve] go mod download", "dlv", "shell", "go build github.com/go-delve"];
      return vertices
        .filter(({ name }) => names.some((part) => name.includes(part)))
        .map(({ digest }) => digest);
    };
    const one = await debuggerOf(shop, "orders.debug");
    expect(one).toHaveLength(4);
    expect(await debuggerOf(tool, "debug")).toEqual(one);
  });

  test("the image has the debugger and a shell on its path, and starts the service as its user", async () => {
    const { results } = buildOf(await planFiles(tool, { target: "debug" }));
    const config = results[0]?.config?.config;
    expect(config?.Env?.find((entry) => entry.startsWith("PATH="))).toMatch(/:\/debug$/);
    const image = buildOf(await planFiles(tool)).results[0]?.config?.config;
    expect([config?.Entrypoint, config?.User]).toEqual([image?.Entrypoint, image?.User]);
  });

  test("a release or a platform that the debugger does not take is an error", async () => {
    const old = { ...tool, "go.mod": "module example.com/tool\n\ngo 1.22\n" };
    expect(await complaintOf(planFiles(old, { target: "debug" }))).toMatchInlineSnapshot(`
      "go.mod:3:4: GF015 the debugger takes Go 1.25, and this may be Go 1.22
      help: build the executable with its symbols (target symbols), or write \`go: "1.25"\`"
    `);
    const platforms = [{ os: "linux", architecture: "s390x" }];
    expect(await complaintOf(planFiles(tool, { target: "debug", platforms }))).toMatchInlineSnapshot(`
      "service.yaml:1:1: GF034 the debugger does not run on linux/s390x
      help: build for one of linux/386, linux/amd64, linux/arm64, linux/loong64, linux/ppc64le, linux/riscv64"
    `);
  });
});
