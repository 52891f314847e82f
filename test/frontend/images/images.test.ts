// Images: found once, pinned to the digest they have now, replaced by what the client names instead.
import { describe, expect, test } from "vitest";
import { isAsChosen } from "../../../src/frontend/images/as-chosen.ts";
import type { ImageRequest } from "../../../src/frontend/images/image-request.ts";
import { imageResolver } from "../../../src/frontend/images/images.ts";
import { readOptions } from "../../../src/frontend/options/read-options.ts";
import { PATIENCE } from "../../../src/frontend/patience.ts";
import { GatewayError, type GatewayClient } from "../../../src/gateway/index.ts";
import { mkdir, platform as onPlatform, scratch, viewDefinition } from "../../../src/llb/index.ts";
import { formatDiagnostics, isDiagnosticError } from "../../../src/description/index.ts";
import { amd64, arm64 } from "../../plan/support.ts";
import { fakeClient } from "../support.ts";

const digest = `sha256:${"ab".repeat(32)}`;
const range = { start: { line: 2, column: 7, offset: 0 }, end: { line: 2, column: 9, offset: 0 } };

const wanted = (reference: string, more: Partial<ImageRequest> = {}): ImageRequest => ({
  reference,
  platform: amd64,
  use: "base",
  at: { file: "service.yaml", range },
  ...more,
});

interface Source {
  readonly identifier: string;
  readonly attrs?: Readonly<Record<string, string>>;
}

function registry(answer: (source: Source) => object = () => ({ config: { Env: ["A=b"] } })) {
  const asked: { readonly source: Source; readonly options: unknown }[] = [];
  const resolveSourceMeta = (async (source: Source, options: unknown) => {
    asked.push({ source, options });
    await Promise.resolve();
    const config = new TextEncoder().encode(JSON.stringify(answer(source)));
    return { source: { identifier: source.identifier, attrs: {} }, image: { digest, config } };
  }) as unknown as GatewayClient["resolveSourceMeta"];
  return { asked, resolveSourceMeta };
}

function resolver(opts: Readonly<Record<string, string>>, answers: Partial<GatewayClient>) {
  const client = fakeClient(opts, answers);
  // The pauses of a real one have a test of their own.
  const patience = { ...PATIENCE, pauses: [1, 1, 1, 1] };
  return imageResolver(client, readOptions(client.buildOpts.opts, amd64), patience);
}

describe("an image", () => {
  test("is named in full and pinned", async () => {
    const { asked, resolveSourceMeta } = registry();
    const resolve = resolver({ "image-resolve-mode": "pull" }, { resolveSourceMeta });
    expect(await resolve(wanted("debian"))).toEqual({
      reference: `docker.io/library/debian:latest@${digest}`,
      config: { config: { Env: ["A=b"] } },
    });
    expect(asked[0]).toMatchObject({
      source: { identifier: "docker-image://docker.io/library/debian:latest" },
      options: { platform: amd64, resolveMode: "pull" },
    });
  });

  test("is asked for once for each platform", async () => {
    const { asked, resolveSourceMeta } = registry();
    const resolve = resolver({}, { resolveSourceMeta });
    const requests = [
      wanted("a.example/b:1"),
      wanted("a.example/b:1"),
      wanted("a.example/b:1", { platform: arm64 }),
    ];
    await Promise.all(requests.map(resolve));
    expect(asked).toHaveLength(2);
  });
});

describe("a named context takes the image's place", () => {
  const identifierFor = async (opts: Readonly<Record<string, string>>, request: ImageRequest) => {
    const { asked, resolveSourceMeta } = registry();
    await resolver(opts, { resolveSourceMeta })(request);
    return asked[0]?.source.identifier;
  };

  test.each([
    ["context:debian", "debian"],
    ["context:debian", "debian:latest"],
    ["context:debian", "docker.io/library/debian"],
    ["context:debian:bookworm-slim", "debian:bookworm-slim"],
    ["context:corp/base:1", "docker.io/corp/base:1"],
    ["context:r.example/base:1", "r.example/base:1"],
  ])("%s for %s", async (name, reference) => {
    const opts = { [name]: "docker-image://mirror.example/x:1" };
    expect(await identifierFor(opts, wanted(reference))).toBe("docker-image://mirror.example/x:1");
  });

  test("one for the platform comes first", async () => {
    const opts = {
      "context:debian::linux/arm64": "docker-image://arm.example/x:1",
      "context:debian": "docker-image://any.example/x:1",
    };
    expect(await identifierFor(opts, wanted("debian", { platform: arm64 }))).toBe(
      "docker-image://arm.example/x:1",
    );
    expect(await identifierFor(opts, wanted("debian"))).toBe("docker-image://any.example/x:1");
  });

  test("the toolchain also answers to its name without the tag, a base does not", async () => {
    const opts = { "context:golang": "docker-image://mirror.example/go:1" };
    const toolchain = wanted("golang:1.26-alpine", { use: "toolchain" });
    expect(await identifierFor(opts, toolchain)).toBe("docker-image://mirror.example/go:1");
    expect(await identifierFor(opts, wanted("golang:1.26-alpine"))).toBe(
      "docker-image://docker.io/library/golang:1.26-alpine",
    );
  });

  test("a folder of the client", async () => {
    const opts = { "context:debian": "local:rootfs", "local-sessionid:rootfs": "session-2" };
    const { state } = await resolver(opts, {})(wanted("debian"));
    const [source] = viewDefinition(state?.marshal(onPlatform(amd64)) ?? expect.fail("no state")).ops;
    expect(source?.op.op === "source" ? source.op.source : undefined).toMatchObject({
      identifier: "local://rootfs",
      attrs: { "local.session": "session-2" },
    });
  });

  test("an OCI layout of the client", async () => {
    const { asked, resolveSourceMeta } = registry();
    const opts = { "context:debian": `oci-layout://store@${digest}` };
    const { state, config } = await resolver(opts, { resolveSourceMeta })(wanted("debian"));
    expect(asked[0]?.source.attrs).toEqual({ "oci.session": "session-1", "oci.store": "store" });
    expect(asked[0]?.source.identifier).toBe(`oci-layout://docker.io/library/debian@${digest}`);
    expect(config).toEqual({ config: { Env: ["A=b"] } });
    expect(state).toBeDefined();
  });

  test("anything else says what can", async () => {
    const opts = { "context:debian": "ftp://x" };
    const error: unknown = await resolver(opts, {})(wanted("debian")).catch((thrown: unknown) => thrown);
    if (!isDiagnosticError(error)) expect.fail("no diagnostic");
    expect(formatDiagnostics(error.diagnostics, [])).toMatch(
      /^service\.yaml:2:7: GF070 .*ftp:\/\/x\nhelp: use/,
    );
  });
});

describe("an image that cannot be had", () => {
  const told = async (message: string, more: Partial<ImageRequest> = {}): Promise<string> => {
    const { resolveSourceMeta } = registry(() => {
      throw new GatewayError(message);
    });
    const error: unknown = await resolver(
      {},
      { resolveSourceMeta },
    )(wanted("r.example/x:1", more)).catch((thrown: unknown) => thrown);
    if (!isDiagnosticError(error)) throw error;
    return formatDiagnostics(error.diagnostics, []).trimEnd();
  };

  test.each([
    ["r.example/x:1: not found", "not found\nhelp: check the name and the tag"],
    [
      "pull access denied, repository does not exist or may require authorization",
      "access denied\nhelp: log in on the client: docker login r.example",
    ],
    [
      "failed to do request: dial tcp 10.0.0.1:443: i/o timeout",
      "failed to do request: dial tcp 10.0.0.1:443: i/o timeout (5 attempts)\nhelp: check that the builder can reach the registry",
    ],
  ])("%s", async (message, expected) => {
    expect(await told(message)).toBe(`service.yaml:2:7: GF070 base image r.example/x:1: ${expected}`);
  });

  test.each([
    "no match for platform in manifest: not found",
    "image with reference r.example/x:1 was found but does not match the specified platform: wanted linux/arm64, actual: linux/amd64",
  ])("is told from one that is not there for the platform: %s", async (message) => {
    expect(await told(message, { platform: arm64 })).toBe(
      "service.yaml:2:7: GF070 base image r.example/x:1 is there, but not for linux/arm64\nhelp: name a base that is made for it, or build for others with --platform",
    );
    expect(await told(message, { platform: arm64, use: "toolchain" })).toBe(
      "service.yaml:2:7: GF071 toolchain image r.example/x:1 is there, but not for linux/arm64\nhelp: name an image for linux/arm64, where the builder compiles, with `toolchain:`",
    );
  });

  test("as toolchain has help of its own", async () => {
    expect(await told("not found", { use: "toolchain" })).toContain(
      "GF071 toolchain image r.example/x:1: not found\n",
    );
    expect(await told("not found", { use: "toolchain" })).toContain(
      "help: choose a Go release that exists with `go:`",
    );
  });
});

describe("a toolchain image that is told to take the FIPS 140-3 module", () => {
  const resolved = async (setting: string, use: ImageRequest["use"] = "toolchain") => {
    const { resolveSourceMeta } = registry(() => ({ config: { Env: ["A=b", setting] } }));
    return resolver({}, { resolveSourceMeta })(wanted("r.example/go:1", { use }));
  };

  test("of another release is refused: it is unpacked in the module cache, which no step may write", async () => {
    for (const setting of ["GOFIPS140=v1.0.0", "GOFIPS140=certified"]) {
      const error: unknown = await resolved(setting).catch((thrown: unknown) => thrown);
      if (!isDiagnosticError(error)) throw new Error("no diagnostics");
      expect(formatDiagnostics(error.diagnostics, [])).toBe(
        `service.yaml:2:7: GF071 toolchain image r.example/go:1 sets ${setting}, a module that has to be unpacked, which no step can do\n` +
          "help: use an image that sets GOFIPS140=latest, the module of its own release, or nothing",
      );
    }
  });

  test("of its own release, or none, is used; so is a base, whatever it sets", async () => {
    for (const setting of ["GOFIPS140=latest", "GOFIPS140=off", "GOFIPS140="]) {
      expect((await resolved(setting)).config.config?.Env).toContain(setting);
    }
    expect((await resolved("GOFIPS140=v1.0.0", "base")).config.config?.Env).toContain("GOFIPS140=v1.0.0");
  });
});

describe("the image in the place of the toolchain that was chosen", () => {
  const plan = { reference: "golang:1.26-alpine", goVersion: "1.26", at: { file: "service.yaml", range } };
  const withEnv = (...Env: readonly string[]) => ({ config: { Env } });
  const upstream = [
    "PATH=/usr/local/go/bin:/bin",
    "GOLANG_VERSION=1.26.8",
    "GOTOOLCHAIN=local",
    "GOPATH=/go",
  ];

  test("is the one that was chosen when it says so", () => {
    expect(isAsChosen(plan, withEnv(...upstream))).toBe(true);
    expect(isAsChosen(plan, withEnv(...upstream, "GOEXPERIMENT="))).toBe(true);
  });

  test.each([
    ["of another release", ["GOLANG_VERSION=1.25.3"]],
    ["that does not tell its release", ["PATH=/usr/local/go/bin"]],
    ["with an experiment", [...upstream, "GOEXPERIMENT=jsonv2"]],
    ["for another level of the architecture", [...upstream, "GOAMD64=v3"]],
    ["for another floating point unit", [...upstream, "GOMIPS=softfloat"]],
  ])("is another one: %s", (_why, env) => {
    expect(isAsChosen(plan, withEnv(...env))).toBe(false);
  });

  test("of an image that somebody names nothing was assumed", () => {
    expect(isAsChosen({ ...plan, atLeast: "1.21" }, withEnv("GOLANG_VERSION=1.25.3"))).toBe(true);
  });
});

describe("a configuration", () => {
  const read = async (config: unknown, use: ImageRequest["use"] = "base"): Promise<unknown> => {
    const { resolveSourceMeta } = registry(() => config as object);
    return resolver(
      {},
      { resolveSourceMeta },
    )(wanted("r.example/x:1", { use })).then(
      ({ config: found }) => found,
      (error: unknown) => {
        if (!isDiagnosticError(error)) throw error;
        return formatDiagnostics(error.diagnostics, []);
      },
    );
  };
  const help =
    "help: name another image, or build this one anew with a tool that follows the OCI image specification";

  test.each([
    ["config.Env that is not a list", { config: { Env: "A=b" } }],
    ["config.Env[0] that is not text", { config: { Env: [1] } }],
    ["config.Env[1] that is not text", { config: { Env: ["A=b", null] } }],
    ["config.Env[0] that is not text without zero bytes", { config: { Env: ["A=b\0"] } }],
    ["config.User that is not text", { config: { User: 0 } }],
    ["config.WorkingDir that is not text", { config: { WorkingDir: ["/"] } }],
    ["config.Labels that is not an object", { config: { Labels: ["a=b"] } }],
    ['config.Labels["a"] that is not text', { config: { Labels: { a: 1 } } }],
    ["config.ExposedPorts that is not an object", { config: { ExposedPorts: 8080 } }],
    ["config.Entrypoint that is not a list", { config: { Entrypoint: "/x" } }],
    ["config that is not an object", { config: [] }],
    ["architecture that is not text", { architecture: 64 }],
    ["os.features that is not a list", { "os.features": "x" }],
    ["history that is not a list", { history: {} }],
    ["history[0].created_by that is not text", { history: [{ created_by: 1 }] }],
    ["history[0].empty_layer that is not true or false", { history: [{ empty_layer: "yes" }] }],
    ["no fields: it must be an object", ["config"]],
  ])("with %s is an error that names the image and the field", async (problem, config) => {
    expect(await read(config)).toBe(
      `service.yaml:2:7: GF070 base image r.example/x:1 has a configuration with ${problem}\n${help}`,
    );
    expect(await read(config, "toolchain")).toContain(
      `GF071 toolchain image r.example/x:1 has a configuration with ${problem}`,
    );
  });

  test.each([
    ["nothing in it", {}, {}],
    ["null in place of what is not there", { config: null, history: null, os: null }, {}],
    ["null in its fields", { config: { Env: null, Labels: null, User: null } }, { config: {} }],
    [
      "variables without a name",
      { config: { Env: ["", "=x", "A", "B=c"] } },
      { config: { Env: ["A", "B=c"] } },
    ],
    [
      "a name of JavaScript's",
      { config: { Labels: { constructor: "x" } } },
      { config: { Labels: { constructor: "x" } } },
    ],
    ["fields that no build reads", { rootfs: {}, config: { Healthcheck: 1, OnBuild: 2 } }, { config: {} }],
  ])("with %s is one", async (_what, config, expected) => {
    expect(await read(config)).toEqual(expected);
    expect(await read(config, "toolchain")).toEqual(expected);
  });

  test.each([
    ["is not JSON", Buffer.from("{"), "has a configuration that is not JSON"],
    [
      "is larger than any",
      Buffer.from(JSON.stringify({ x: "x".repeat(1 << 20) })),
      "has a configuration of 1048584 bytes; 1048576 are read at most",
    ],
  ])("that %s", async (_what, config, words) => {
    const resolveSourceMeta = (async (source: Source) =>
      Promise.resolve({
        source,
        image: { digest, config },
      })) as unknown as GatewayClient["resolveSourceMeta"];
    await expect(resolver({}, { resolveSourceMeta })(wanted("r.example/x:1"))).rejects.toThrow(
      `GF070 base image r.example/x:1 ${words}`,
    );
  });

  test.each(["[]x", "7", "null", '"x"', '{"containerimage.config": 7}'])(
    "of a linked target that is %s is an error too",
    async (metadata) => {
      const opts = { "context:debian": "input:other", "input-metadata:other": metadata };
      const graph = scratch().file(mkdir("/x", 0o755)).marshal(onPlatform(amd64)).toPB();
      const inputs: GatewayClient["inputs"] = () => Promise.resolve(new Map([["other", graph]]));
      await expect(resolver(opts, { inputs })(wanted("debian"))).rejects.toThrow(
        "GF070 base image debian has metadata (input-metadata:other) that hold no configuration",
      );
    },
  );
});

describe("a registry that fails", () => {
  const patience = { limits: [30, 30, 30, 30, 30], pauses: [1, 2, 3, 4] };
  const failing = (
    answer: (attempt: number, signal: AbortSignal | undefined) => Promise<never> | undefined,
  ) => {
    let attempts = 0;
    const { resolveSourceMeta } = registry();
    const client = fakeClient(
      {},
      {
        resolveSourceMeta: async (source, options) => {
          attempts += 1;
          await answer(attempts, options?.signal);
          return resolveSourceMeta(source, options);
        },
      },
    );
    const resolve = imageResolver(client, readOptions(client.buildOpts.opts, amd64), patience);
    return { resolve, attempts: () => attempts };
  };
  const saying = (words: string) => (): Promise<never> => Promise.reject(new GatewayError(words));
  const prefix = "failed to resolve source metadata for r.example/b:1: ";
  const status = (code: string): string =>
    `${prefix}unexpected status from HEAD request to https://r.example/v2/b/manifests/1: ${code}`;

  test.each([
    status("429 Too Many Requests"),
    status("500 Internal Server Error"),
    status("502 Bad Gateway"),
    `${prefix}failed to do request: Head "https://r.example/v2/b/manifests/1": EOF`,
    `${prefix}failed to do request: Head "https://r.example/v2/": read tcp 10.0.0.1:4012->10.0.0.2:443: read: connection reset by peer`,
    `${prefix}failed to do request: Head "https://r.example/v2/": dial tcp 10.0.0.2:443: i/o timeout`,
    `${prefix}failed to copy: httpReadSeeker: failed open: unexpected EOF`,
  ])("%s is asked again", async (words) => {
    const two = failing((attempt) => (attempt < 3 ? saying(words)() : undefined));
    expect((await two.resolve(wanted("r.example/b:1"))).reference).toBe(`r.example/b:1@${digest}`);
    expect(two.attempts()).toBe(3);
    const all = failing(saying(words));
    const message = await all.resolve(wanted("r.example/b:1")).catch(String);
    expect(message).toMatch(/GF070 base image r\.example\/b:1: .* \(5 attempts\)/);
    expect(all.attempts()).toBe(5);
  });

  test.each([
    status("401 Unauthorized"),
    status("403 Forbidden"),
    status("404 Not Found"),
    `${prefix}r.example/b:1: not found`,
    `${prefix}no match for platform in manifest: not found`,
    `${prefix}failed to do request: Head "https://r.example/v2/": dial tcp: lookup r.example: no such host`,
    `${prefix}failed to do request: Head "https://r.example/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority`,
  ])("%s is an answer", async (words) => {
    const { resolve, attempts } = failing(saying(words));
    expect(await resolve(wanted("r.example/b:1")).catch(String)).toContain("GF070 base image r.example/b:1");
    expect(attempts()).toBe(1);
  });

  test("and never answers is given up", async () => {
    const silent = (_: number, signal: AbortSignal | undefined): Promise<never> =>
      new Promise((_resolve, reject) =>
        signal?.addEventListener("abort", () => reject(new GatewayError("the call was aborted"))),
      );
    const { resolve, attempts } = failing(silent);
    const message = await resolve(wanted("r.example/b:1")).catch(String);
    expect(message).toContain("GF070 base image r.example/b:1: no answer for 0.03 s (5 attempts)");
    expect(attempts()).toBe(5);
    const { limits, pauses } = PATIENCE;
    expect([...limits, ...pauses].reduce((sum, each) => sum + each, 0)).toBeLessThan(80_000);
  });

  test("a port is no status", async () => {
    const { resolve } = failing(
      saying(`${prefix}failed to do request: Head "https://r.example:40312/v2/": something`),
    );
    expect(await resolve(wanted("r.example/b:1")).catch(String)).toContain("something");
  });
});
