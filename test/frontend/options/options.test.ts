// What clients send beside the description. All of it comes from outside and may be anything.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unusedOptions } from "../../../src/frontend/options/option-checks.ts";
import type { Options } from "../../../src/frontend/options/options.ts";
import { readOptions, withCommit } from "../../../src/frontend/options/read-options.ts";
import { firstLine, formatDiagnostics, isDiagnosticError } from "../../../src/description/index.ts";

const worker = { os: "linux", architecture: "amd64" } as const;
const read = (options: Readonly<Record<string, string>>): Options =>
  readOptions(new Map(Object.entries(options)), worker);

function refusal(options: Readonly<Record<string, string>>): string {
  try {
    read(options);
  } catch (error) {
    if (isDiagnosticError(error)) return formatDiagnostics(error.diagnostics, []).trimEnd();
    throw error;
  }
  throw new Error("nothing was wrong");
}

test("nothing said means the defaults of every client", () => {
  expect(read({})).toEqual({
    filename: "Dockerfile",
    request: {
      target: "",
      platforms: [],
      buildPlatform: worker,
      buildArgs: {},
      labels: {},
      imageContexts: [],
      cacheNamespace: "",
    },
    multiPlatform: undefined,
    noCache: undefined,
    resolveMode: "default",
    networkMode: undefined,
    cacheImports: [],
    extraHosts: [],
    proxy: {},
    requestId: undefined,
    raw: new Map(),
  });
});

describe("the request", () => {
  test("takes file, target, arguments and labels as they are", () => {
    const options = read({
      filename: "deploy/service.yaml",
      target: "orders.binary",
      "build-arg:version": "1=2",
      "build-arg:empty": "",
      "label:com.example.a": "b",
      requestid: "frontend.lint",
    });
    expect(options).toMatchObject({ filename: "deploy/service.yaml", requestId: "frontend.lint" });
    expect(options.request).toMatchObject({
      target: "orders.binary",
      buildArgs: { version: "1=2", empty: "" },
      labels: { "com.example.a": "b" },
    });
  });

  test("does not depend on the order in which options arrive", () => {
    const options = { "build-arg:b": "1", "label:z": "1", "build-arg:a": "2", "label:y": "2", target: "x" };
    const turned = Object.fromEntries(Object.entries(options).toReversed());
    expect(JSON.stringify(read(options).request)).toBe(JSON.stringify(read(turned).request));
  });

  test.each([
    ["linux/amd64", ["linux/amd64"]],
    ["linux/amd64,linux/arm64", ["linux/amd64", "linux/arm64"]],
    [" linux/arm64 , ,linux/arm/v7", ["linux/arm64", "linux/arm/v7"]],
    ["", []],
  ])("platform %j", (platform, expected) => {
    const found = read({ platform }).request.platforms;
    expect(found.map((each) => [each.os, each.architecture, each.variant].filter(Boolean).join("/"))).toEqual(
      expected,
    );
  });

  test("an unknown platform says what to write", () => {
    expect(refusal({ platform: "linux/x86_64", filename: "service.yaml" })).toBe(
      'service.yaml: GF030 --platform: unknown platform "linux/x86_64"\nhelp: use `linux/amd64`',
    );
  });

  test("the client's commit and origin are labels to be, without a password", () => {
    const origins = [
      ["https://git.example/shop", "https://git.example/shop"],
      ["https://user:token@git.example/shop", "https://git.example/shop"],
      ["https://user:p@ss@git.example/shop", "https://git.example/shop"],
      ["https://token@git.example/shop@v2", "https://git.example/shop@v2"],
      ["ssh://git@git.example/shop", "ssh://git.example/shop"],
      ["git@git.example:shop.git", "git@git.example:shop.git"],
    ] as const;
    for (const [origin, label] of origins) {
      const { request } = read({ "vcs:source": origin, "vcs:revision": "abc" });
      expect(request.revision).toEqual({ commit: "abc", source: label });
    }
    expect(read({ "vcs:source": "", "vcs:revision": "" }).request).not.toHaveProperty("revision");
  });

  test("what the client says of changes counts files that git ignores: it is no part of the commit", () => {
    expect(read({ "vcs:revision": "abc-dirty" }).request.revision).toEqual({
      commit: "abc",
      saidDirty: true,
    });
  });

  test("the commit that the builder found fills what the client did not tell", () => {
    const commit = { commit: "abc", source: "https://u:p@git.example/x", dirty: false };
    expect(withCommit(read({}), commit).request.revision).toEqual({
      commit: "abc",
      source: "https://git.example/x",
      dirty: false,
    });
    const told = read({ "vcs:revision": "def" });
    expect(withCommit(told, commit)).toBe(told);
    expect(withCommit(told, undefined)).toBe(told);
  });

  test("images that the client replaces are known by their names", () => {
    const contexts = { "context:golang": "x", "context:debian:12::linux/arm64": "y", context: "z" };
    expect(read(contexts).request.imageContexts?.toSorted()).toEqual(["debian:12", "golang"]);
  });

  test("the cache namespace is the client's", () => {
    expect(read({ "build-arg:BUILDKIT_CACHE_MOUNT_NS": "team-a" }).request.cacheNamespace).toBe("team-a");
  });
});

describe("SOURCE_DATE_EPOCH", () => {
  test.each([
    [{ "build-arg:SOURCE_DATE_EPOCH": "1700000000" }, 1_700_000_000],
    [{ "source-date-epoch": "5" }, 5],
    [{ "source-date-epoch": "5", "build-arg:SOURCE_DATE_EPOCH": "6" }, 5],
    [{ "build-arg:SOURCE_DATE_EPOCH": "0" }, 0],
    [{ "build-arg:SOURCE_DATE_EPOCH": "" }, undefined],
  ])("%j", (options, epoch) => {
    expect(read(options as Record<string, string>).request.epoch).toBe(epoch);
  });

  test.each(["now", "-1", "1.5", "1e9", " 1", "0x10", "9999999999999999999"])("%j is refused", (value) => {
    expect(refusal({ "build-arg:SOURCE_DATE_EPOCH": value })).toContain("GF081 SOURCE_DATE_EPOCH is ");
  });
});

describe("no-cache", () => {
  test.each([
    ["", []],
    ["build", ["build"]],
    ["Orders,deps", ["orders", "deps"]],
  ])("%j", (value, stages) => {
    expect(read({ "no-cache": value }).noCache).toEqual(stages);
  });
});

describe("what has few values", () => {
  test.each([
    ["multi-platform", "true", { multiPlatform: true }],
    ["multi-platform", "T", { multiPlatform: true }],
    ["multi-platform", "0", { multiPlatform: false }],
    ["multi-platform", "", { multiPlatform: undefined }],
    ["build-arg:BUILDKIT_MULTI_PLATFORM", "1", { multiPlatform: true }],
    ["image-resolve-mode", "pull", { resolveMode: "pull" }],
    ["image-resolve-mode", "local", { resolveMode: "local" }],
    ["image-resolve-mode", "", { resolveMode: "default" }],
    ["force-network-mode", "host", { networkMode: "host" }],
    ["force-network-mode", "none", { networkMode: "none" }],
    ["force-network-mode", "sandbox", { networkMode: undefined }],
    ["force-network-mode", "default", { networkMode: undefined }],
    ["force-network-mode", "", { networkMode: undefined }],
  ])("%s=%s", (name, value, expected) => {
    expect(read({ [name]: value })).toMatchObject(expected);
  });

  test.each([
    [
      "multi-platform",
      "maybe",
      'GF081 multi-platform is "maybe", not true or false\nhelp: write `multi-platform=true` or `multi-platform=false`',
    ],
    ["image-resolve-mode", "push", 'GF081 image-resolve-mode is "push"\nhelp: use default, pull or local'],
    ["force-network-mode", "bridge", 'GF081 force-network-mode is "bridge"\nhelp: use sandbox, host or none'],
  ])("%s=%s is refused", (name, value, message) => {
    expect(refusal({ [name]: value, filename: "service.yaml" })).toBe(`service.yaml: ${message}`);
  });
});

describe("cache sources", () => {
  test("are Go's JSON, with the old form beside it", () => {
    const options = {
      "cache-imports":
        '[{"Type":"registry","Attrs":{"ref":"r.example/cache"}},{"Type":"gha","Attrs":null},{"Type":"local"}]',
      "cache-from": "r.example/a, ,r.example/b",
    };
    expect(read(options).cacheImports).toEqual([
      { type: "registry", attrs: { ref: "r.example/cache" } },
      { type: "gha", attrs: {} },
      { type: "local", attrs: {} },
      { type: "registry", attrs: { ref: "r.example/a" } },
      { type: "registry", attrs: { ref: "r.example/b" } },
    ]);
    expect(read({ "cache-imports": "", "cache-from": "" }).cacheImports).toEqual([]);
  });

  test.each([
    "{",
    "{}",
    "null",
    "3",
    "[null]",
    "[3]",
    '[{"Type":{}}]',
    '[{"Type":"x","Attrs":{"a":1}}]',
    "[{}]",
  ])("%s is refused", (text) => {
    expect(refusal({ "cache-imports": text })).toContain("GF081 cache-imports ");
  });
});

test("extra hosts are lower-cased names with addresses", () => {
  expect(read({ "add-hosts": "Proxy.Corp=10.0.0.1,six=fd00::1,broken,=1.2.3.4" }).extraHosts).toEqual([
    { host: "proxy.corp", ip: "10.0.0.1" },
    { host: "six", ip: "fd00::1" },
  ]);
});

describe("build arguments", () => {
  test("that are proxies go to the download, in any spelling", () => {
    const options = read({
      "build-arg:HTTP_PROXY": "http://a",
      "build-arg:https_proxy": "http://b",
      "build-arg:No_Proxy": "localhost",
      "build-arg:ALL_PROXY": "",
    });
    expect(options.proxy).toEqual({ httpProxy: "http://a", httpsProxy: "http://b", noProxy: "localhost" });
  });
});

describe("options that have no effect here", () => {
  const warnings = (options: Readonly<Record<string, string>>): readonly string[] =>
    unusedOptions(read(options)).map(firstLine);

  test("are told, by the flag that asked for them", () => {
    expect(
      warnings({
        ulimit: "nofile=1024:1024",
        "shm-size": "67108864",
        "cgroup-parent": "/x",
        "build-arg:BUILDKIT_SANDBOX_HOSTNAME": "h",
      }),
    ).toEqual([
      "Dockerfile: GF081 warning: --cgroup-parent has no effect: build steps run with the limits of the builder",
      "Dockerfile: GF081 warning: --shm-size has no effect: build steps run with the limits of the builder",
      "Dockerfile: GF081 warning: --ulimit has no effect: build steps run with the limits of the builder",
      "Dockerfile: GF081 warning: --build-arg BUILDKIT_SANDBOX_HOSTNAME has no effect: build steps run with the limits of the builder",
    ]);
  });

  test("are not told when they say nothing, and those with an effect never", () => {
    expect(warnings({ "shm-size": "0", memory: "", "add-hosts": "a=10.0.0.1", "no-cache": "" })).toEqual([]);
  });
});

test("whatever arrives, the answer is options or an error of the user's", () => {
  const name = fc.oneof(
    fc.constantFrom(
      "filename",
      "target",
      "platform",
      "multi-platform",
      "no-cache",
      "image-resolve-mode",
      "force-network-mode",
      "add-hosts",
      "cache-imports",
      "cache-from",
      "source-date-epoch",
      "vcs:source",
      "vcs:revision",
      "build-arg:SOURCE_DATE_EPOCH",
      "build-arg:BUILDKIT_MULTI_PLATFORM",
      "build-arg:__proto__",
      "label:constructor",
      "__proto__",
    ),
    fc.string(),
  );
  const value = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.json(),
    fc.constantFrom("", ",", "=", "\0", "\u001b[2J"),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value), { maxLength: 6 }), (entries) => {
      const options = new Map(entries);
      try {
        expect(readOptions(options, worker).raw).toBe(options);
      } catch (error) {
        expect(isDiagnosticError(error)).toBe(true);
        if (isDiagnosticError(error)) {
          expect(formatDiagnostics(error.diagnostics, [])).not.toMatch(
            /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/,
          );
        }
      }
    }),
    { numRuns: 100 },
  );
});
