import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleScript } from "../support/bundle.ts";
import { runFrontendScript, type FrontendRun, type FrontendRunOptions } from "../support/gateway-harness.ts";

const directory = mkdtempSync(join(tmpdir(), "gateway-lifecycle-"));
const script = join(directory, "lifecycle.mjs");
beforeAll(async () => {
  await bundleScript(join(import.meta.dirname, "..", "support", "gateway-frontends", "lifecycle.ts"), script);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const run = (name: string, options?: FrontendRunOptions): Promise<FrontendRun> =>
  runFrontendScript(script, [name], {
    ...options,
    env: { NODE_COMPILE_CACHE: join(directory, "cache"), ...options?.env },
  });

const returns = (result: FrontendRun) => result.events.filter((event) => event.method === "Return");
const errorOf = (result: FrontendRun) =>
  result.returned?.["error"] as
    | { code: number; message: string; details: { typeUrl: string; value: string }[] }
    | undefined;
function metadataOf(result: FrontendRun): Record<string, string> {
  const { metadata = {} } = (result.returned?.["result"] ?? {}) as { metadata?: Record<string, string> };
  return Object.fromEntries(
    Object.entries(metadata).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]),
  );
}

/** Each is a process of its own, started by the Go server with pipes as stdin and stdout. */
describe("a frontend that succeeds", () => {
  test("calls Ping first, returns once, and exits 0 without closing the session", async () => {
    const result = await run("single");
    expect(result.events.map((event) => event.method ?? event.event)).toEqual([
      "Ping",
      "Solve",
      "Return",
      "exit",
    ]);
    expect(result.exit).toMatchObject({ exitCode: 0 });
    expect(result.exit.closedEarly).toBeUndefined();
    expect(result.stderr).toBe("");
    expect(result.returned).toMatchObject({ result: { ref: { id: "ref-1" } } });
    expect(metadataOf(result)).toEqual({
      "refs.platforms":
        '{"Platforms":[{"ID":"linux/amd64","Platform":{"architecture":"amd64","os":"linux"}}]}',
      "containerimage.config": '{"architecture":"amd64","os":"linux","config":{}}',
    });
  });

  test("returns several platforms, configs and attestations", async () => {
    const result = await run("multi");
    expect(result.exit.exitCode).toBe(0);
    expect(result.returned).toMatchObject({
      result: {
        refs: { refs: { "linux/amd64": { id: "ref-1" }, "linux/arm/v7": {} } },
        attestations: {
          "linux/arm/v7": {
            attestation: [
              {
                ref: { id: "ref-1" },
                path: "/p.json",
                inTotoPredicateType: "https://example.com/p",
                inTotoSubjects: [{}, { kind: "Raw", name: "n", digest: [`sha256:${"0".repeat(64)}`] }],
                metadata: { reason: "c2JvbQ==" },
              },
            ],
          },
        },
      },
    });
    expect(metadataOf(result)).toEqual({
      "refs.platforms":
        '{"Platforms":[{"ID":"linux/amd64","Platform":{"architecture":"amd64","os":"linux"}},' +
        '{"ID":"linux/arm/v7","Platform":{"architecture":"arm","os":"linux","variant":"v7"}}]}',
      "containerimage.config/linux/amd64": "{}",
      "containerimage.base.config/linux/amd64": '{"a":1}',
      "frontend.note": "hi",
    });
  });

  test("writes the forms of servers before proto.refarray", async () => {
    const single = await run("single", { flags: ["-without", "proto.refarray"] });
    expect(single.returned).toMatchObject({ result: { refDeprecated: "ref-1" } });
    const empty = await run("empty", { flags: ["-without", "proto.refarray"] });
    expect(empty.returned).toMatchObject({ result: { refDeprecated: "" } });
  });

  test("an empty result is an empty reference, never nothing", async () => {
    const result = await run("empty");
    expect(result.returned).toEqual({ result: { ref: {} } });
    expect(result.exit.exitCode).toBe(0);
  });

  test("reads its options, however the numbers run", async () => {
    const result = await run("opts", {
      env: {
        BUILDKIT_FRONTEND_OPT_7: "build-arg:X=a=b",
        BUILDKIT_FRONTEND_OPT_0: "no-cache=",
        BUILDKIT_FRONTEND_OPT_3: "bare",
        BUILDKIT_SESSION_ID: "s1",
        BUILDKIT_EXPORTEDPRODUCT: "docker",
        // Docker 20.10 wrote capitals.
        BUILDKIT_WORKERS:
          '[{"ID":"w","Labels":{"a":"b"},"Platforms":[{"architecture":"arm","os":"linux","variant":"v7","os.version":"1","os.features":["f"]}],' +
          '"buildkitVersion":{"package":"p","version":"v0.32.2","revision":"r"},"gcPolicy":null}]',
      },
    });
    expect(JSON.parse(metadataOf(result)["result.json"] ?? "")).toEqual({
      opts: { "build-arg:X": "a=b", "no-cache": "", bare: "" },
      sessionID: "s1",
      product: "docker",
      workers: [
        {
          id: "w",
          labels: { a: "b" },
          platforms: [{ os: "linux", architecture: "arm", variant: "v7", osVersion: "1", osFeatures: ["f"] }],
          buildkitVersion: { package: "p", version: "v0.32.2", revision: "r" },
        },
      ],
    });
  });

  test("may print: everything goes to stderr", async () => {
    const result = await run("prints");
    expect(result.exit).toMatchObject({ exitCode: 0 });
    expect(result.stderr).toBe("to stdout\nto stderr\nmore to stdout\n");
  });

  test("ends although timers are open", async () => {
    expect((await run("lingers")).exit.exitCode).toBe(0);
  });

  test("is not spoiled by a rejection after the result", async () => {
    const result = await run("lateRejection");
    expect(result.exit.exitCode).toBe(0);
    expect(returns(result)).toHaveLength(1);
    expect(errorOf(result)).toBeUndefined();
  });

  test("reads 20 MiB", async () => {
    expect(metadataOf(await run("large"))).toEqual({ size: "20971520" });
  });

  test("may load its code while Ping travels", async () => {
    const result = await run("load");
    expect(result.returned).toEqual({ result: { ref: {} } });
  });
});

describe("a frontend that fails", () => {
  const stack = "github.com/moby/buildkit/stack.Stack+json";

  test("returns its own error with details", async () => {
    const result = await run("fails");
    expect(errorOf(result)).toMatchObject({
      code: 3,
      message: "unknown key",
      details: [{ typeUrl: "github.com/moby/buildkit/errdefs.Subrequest+json" }],
    });
    expect(result.exit).toMatchObject({ exitCode: 0 });
  });

  test.each([
    ["bug", "undefined is not a function"],
    ["rejectsElsewhere", "forgotten promise"],
    ["throwsElsewhere", "in a timer"],
    ["loadFails", "module is missing"],
  ])("%s: returns what crashed it, with its stack", async (name, message) => {
    const result = await run(name);
    expect(returns(result)).toHaveLength(1);
    expect(errorOf(result)).toMatchObject({ code: 2, message });
    const detail = errorOf(result)?.details.find((entry) => entry.typeUrl === stack);
    const frames = JSON.parse(Buffer.from(detail?.value ?? "", "base64").toString()) as {
      frames: { File: string }[];
    };
    expect(frames.frames[0]?.File).toContain("lifecycle.mjs");
    expect(result.exit.closedEarly).toBeUndefined();
  });

  test("something thrown that is no error", async () => {
    expect(errorOf(await run("throwsText"))).toMatchObject({ code: 2, message: "just text" });
  });

  test("relays BuildKit's error with all its details", async () => {
    const error = errorOf(await run("relays"));
    expect(error?.code).toBe(10);
    expect(error?.details.map((detail) => detail.typeUrl.replace(/.*\//, "")).sort()).toEqual([
      "errdefs.Solve+json",
      "errdefs.Source+json",
      "errdefs.Vertex+json",
      "gatewayapi.ExitMessage+json",
      "stack.Stack+json",
    ]);
  });

  test("can describe errors its own way", async () => {
    expect(errorOf(await run("describes"))).toMatchObject({ message: "nice: Error: raw" });
  });

  test("tells why BuildKit did not take its result", async () => {
    const result = await run("staleRef");
    expect(returns(result).map((event) => event.code)).toEqual(["Unknown", undefined]);
    const second = returns(result)[1]?.request as { error?: { message: string } } | undefined;
    expect(second?.error?.message).toBe("return reference gone not found");
  });
});

test("SIGTERM ends the build as cancelled", async () => {
  const result = await run("terminated");
  expect(errorOf(result)).toMatchObject({ code: 1, message: "the frontend was told to end (SIGTERM)" });
  expect(result.exit.exitCode).toBe(0);
});

describe("a frontend without BuildKit", () => {
  test("ends at once with 1 when the connection is cut", async () => {
    const result = await run("cut");
    expect(result.exit).toMatchObject({ exitCode: 1, closedEarly: true });
    expect(result.stderr).toMatch(/^frontend: BuildKit is gone: .*\n$/);
  });

  test("a byte printed past the guard ends the session", async () => {
    const result = await run("noise");
    expect(result.exit.exitCode).toBe(3);
    expect(result.stderr).toMatch(/BuildKit (closed|ended)/);
  });

  test("stops with a hint when stdin is no pipe", () => {
    let stderr = "";
    try {
      execFileSync(process.execPath, [script, "empty"], {
        stdio: ["ignore", "ignore", "pipe"],
        encoding: "utf8",
      });
    } catch (error) {
      stderr = (error as { stderr: string }).stderr;
    }
    expect(stderr).toContain("cannot start: stdin and stdout are not BuildKit's pipes");
  });

  test("ends with 1 at the end of stdin", () => {
    let status: number | null = 0;
    try {
      execFileSync(process.execPath, [script, "empty"], { input: "", stdio: ["pipe", "pipe", "pipe"] });
    } catch (error) {
      ({ status } = error as { status: number | null });
    }
    expect(status).toBe(1);
  });
});
