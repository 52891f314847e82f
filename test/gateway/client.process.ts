import { lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  Code,
  exitCodeOf,
  GatewayError,
  isNotExist,
  singleRef,
  findRef,
  type GatewayClient,
  type Reference,
} from "../../src/gateway/index.ts";
import { pb } from "../../src/proto/index.ts";
import { gatewaySession } from "../support/gateway-session.ts";

const MIB = 1 << 20;
const DIGEST = `sha256:${"a".repeat(64)}`;

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "gateway-root-"));
  writeFileSync(join(root, "hello.txt"), "hello, world");
  writeFileSync(join(root, "empty"), "");
  writeFileSync(join(root, "big"), Buffer.alloc(20 * MIB, "0123456789abcdef").fill("end", 20 * MIB - 3));
  mkdirSync(join(root, "dir"));
  writeFileSync(join(root, "dir", "a.go"), "a");
  writeFileSync(join(root, "dir", "b.txt"), "b");
  symlinkSync("../hello.txt", join(root, "dir", "link"));
  utimesSync(join(root, "hello.txt"), 1_700_000_000, 1_700_000_000.123);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const open = (...flags: string[]) => gatewaySession(["-dir", root, ...flags]);

async function solved(client: GatewayClient, frontendOpt: Record<string, string> = {}): Promise<Reference> {
  const ref = singleRef(await client.solve({ frontend: "harness", frontendOpt }));
  if (ref === undefined) throw new Error("no reference");
  return ref;
}

async function failureOf(promise: Promise<unknown>): Promise<GatewayError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(GatewayError);
  return error as GatewayError;
}

describe("ping", () => {
  test("tells capabilities and workers", async () => {
    await using session = await open();
    const { caps, llbCaps, workers } = session.client;
    expect(caps.has("gateway.exec.filesystem")).toBe(true);
    expect(caps.has("no.such.cap")).toBe(false);
    expect(llbCaps.has("mergeop")).toBe(true);
    expect(caps.ids.length).toBeGreaterThan(20);
    expect(workers).toEqual([
      {
        id: "worker-1",
        labels: { "org.mobyproject.buildkit.worker.executor": "oci" },
        platforms: [
          { os: "linux", architecture: "amd64" },
          { os: "linux", architecture: "arm", variant: "v7" },
        ],
      },
    ]);
    expect((await session.client.ping()).caps.ids).toEqual(caps.ids);
  });

  test("a server without lists has the frozen minimum", async () => {
    await using session = await open("-caps", "none");
    expect(session.client.caps.ids).toEqual(["readfile", "resolveimage", "solve.base", "solve.inlinereturn"]);
    expect(session.client.llbCaps.ids).toHaveLength(29);
    expect(session.client.llbCaps.has("exec.mount.cache")).toBe(true);
  });

  test("a disabled capability is missing, and the error tells why", async () => {
    await using session = await open("-caps", "minimal");
    const { llbCaps, caps } = session.client;
    expect(llbCaps.has("exec.meta.base")).toBe(false);
    expect(llbCaps.get("exec.meta.base")?.disabledReasonMessage).toBe("by the harness");
    const run = () =>
      llbCaps.require([
        { id: "source.image", feature: "an image" },
        { id: "exec.meta.base", feature: "running a command" },
        { id: "mergeop", feature: "merging layers" },
      ]);
    expect(run).toThrow(
      "running a command needs the capability exec.meta.base, which is disabled on this builder: by the harness (use something else)\n" +
        "merging layers needs the capability mergeop, which this builder does not have",
    );
    expect(() => caps.require([{ id: "gateway.exec", feature: "a container" }])).toThrow(
      "a container needs the capability gateway.exec, which this builder does not have (BuildKit v0.8.0 or newer has it)",
    );
  });
});

describe("solve", () => {
  const definition = (): pb.Definition.$Properties => {
    const op = pb.Op.encode({
      source: { identifier: "local://context", attrs: {} },
      constraints: {},
    }).finish();
    return {
      def: [op, new Uint8Array([10, 1, 65])],
      metadata: { [DIGEST]: { caps: { "source.local": true } } },
    };
  };

  test("sends the definition as it is, from a message, from bytes and from a library's object", async () => {
    await using session = await open();
    const message = definition();
    const bytes = pb.Definition.encode(message).finish();
    for (const input of [message, bytes, { toPB: () => message }]) {
      const ref = singleRef(await session.client.solve({ definition: input }));
      expect(Buffer.from(pb.Definition.encode(ref?.definition ?? {}).finish())).toEqual(Buffer.from(bytes));
    }
    const [request] = await session.requests("Solve");
    expect(request).toMatchObject({ allowResultReturn: true, allowResultArrayRef: true });
  });

  test("nothing to solve is an empty result", async () => {
    await using session = await open();
    expect(singleRef(await session.client.solve({}))).toBeUndefined();
    expect(singleRef(await session.client.solve({ definition: { def: [] } }))).toBeUndefined();
  });

  test("every option arrives", async () => {
    await using session = await gatewaySession(["-dir", root], {
      env: {
        BUILDKIT_FRONTEND_OPT_0: "cache-imports=[]",
        BUILDKIT_FRONTEND_OPT_1: "cache-from=x",
        BUILDKIT_FRONTEND_OPT_2: "other=1",
      },
    });
    await session.client.solve({
      frontend: "harness",
      frontendOpt: { "metadata:k": "v", "cache-from": "mine" },
      frontendInputs: { base: definition() },
      cacheImports: [{ type: "registry", attrs: { ref: "r/c" } }],
      evaluate: true,
      sourcePolicies: [{ version: 1, rules: [{ updates: { identifier: "docker-image://x" } }] }],
    });
    const [request] = await session.requests("Solve");
    expect(request).toMatchObject({
      Frontend: "harness",
      FrontendOpt: { "metadata:k": "v", "cache-imports": "[]", "cache-from": "mine" },
      CacheImports: [{ Type: "registry", Attrs: { ref: "r/c" } }],
      Evaluate: true,
      SourcePolicies: [{ version: "1", rules: [{ updates: { identifier: "docker-image://x" } }] }],
    });
    expect(request?.["FrontendOpt"]).not.toHaveProperty("other");
    expect(Object.keys(request?.["FrontendInputs"] as object)).toEqual(["base"]);
  });

  test("results of every shape", async () => {
    await using session = await open();
    const solve = (result: string) =>
      session.client.solve({ frontend: "harness", frontendOpt: { result, "metadata:key": "value" } });
    const multi = await solve("multi");
    expect([...(multi.refs?.keys() ?? [])].sort()).toEqual(["linux/amd64", "linux/arm64", "linux/riscv64"]);
    expect(findRef(multi, "linux/amd64")?.id).toMatch(/^ref-/);
    expect(findRef(multi, "linux/riscv64")).toBeUndefined();
    expect(() => singleRef(multi)).toThrow("reference per platform");
    expect(Buffer.from(multi.metadata.get("key") ?? []).toString()).toBe("value");
    expect(singleRef(await solve("empty"))).toBeUndefined();
    expect(singleRef(await solve("legacy"))?.id).toMatch(/^ref-/);
    expect(singleRef(await solve("deprecated"))?.id).toMatch(/^ref-/);
    expect((await solve("refs-deprecated")).refs?.get("linux/arm64")).toBeUndefined();
    const [attestation] = (await solve("attestations")).attestations.get("linux/amd64") ?? [];
    expect(attestation).toMatchObject({
      kind: "bundle",
      path: "/sbom",
      predicateType: "https://spdx.dev/Document",
      subjects: [{ kind: "raw", name: "a", digest: [`sha256:${"0".repeat(64)}`] }],
    });
    expect(attestation?.ref?.id).toMatch(/^ref-/);
  });

  test("names every capability of the graph that the builder lacks, before sending it", async () => {
    await using session = await open("-without", "passthroughop,mergeop");
    const graph = {
      ...definition(),
      metadata: { [DIGEST]: { caps: { passthroughop: true, mergeop: true } } },
    };
    const error = await failureOf(session.client.solve({ definition: graph }));
    expect(error.code).toBe(Code.Unimplemented);
    expect(error.message).toMatch(/mergeop[^]*passthroughop/);
    expect(session.harness.events.some((event) => event.method === "Solve")).toBe(false);
  });

  test("a graph that is too large names its largest part", async () => {
    await using session = await open();
    const mkfile = (path: string, size: number) =>
      pb.Op.encode({ file: { actions: [{ mkfile: { path, data: new Uint8Array(size) } }] } }).finish();
    const error = await failureOf(
      session.client.solve({
        definition: { def: [mkfile("/small", 10), mkfile("/etc/huge.bin", 17 * MIB)] },
      }),
    );
    expect(error.code).toBe(Code.ResourceExhausted);
    expect(error.message).toBe(
      "the Solve request has 17 MiB; BuildKit takes at most 16 MiB a message: the graph has 2 ops; the largest part is mkfile /etc/huge.bin with 17 MiB",
    );
  });

  test("evaluates through StatFile where the server cannot evaluate in Solve", async () => {
    await using session = await open("-without", "gateway.solve.evaluate");
    const error = await failureOf(
      session.client.solve({ frontend: "harness", frontendOpt: { "lazy-error": "exit" }, evaluate: true }),
    );
    expect(exitCodeOf(error)).toBe(3);
    expect(await session.requests("StatFile")).toMatchObject([{ Path: "." }]);
    expect((await session.requests("Solve"))[0]).not.toHaveProperty("Evaluate");
  });
});

describe("references", () => {
  test("read files and ranges", async () => {
    await using session = await open();
    const ref = await solved(session.client);
    const text = async (options?: { offset?: number; length?: number }) =>
      Buffer.from(await ref.readFile("hello.txt", options)).toString();
    expect(await text()).toBe("hello, world");
    expect(await text({ offset: 7 })).toBe("world");
    expect(await text({ offset: 7, length: 3 })).toBe("wor");
    expect(await text({ length: 0 })).toBe("");
    expect(await text({ offset: 100 })).toBe("");
    expect(await ref.readFile("/empty")).toHaveLength(0);
    expect(Buffer.from(await ref.readFile("dir/link")).toString()).toBe("hello, world");
    await expect(ref.readFile("hello.txt", { offset: -1 })).rejects.toThrow("offset -1");
    await expect(ref.readFile("hello.txt", { length: Number.NaN })).rejects.toThrow("length NaN");
  });

  test("a file of 20 MiB comes in pages, a small one in one call", async () => {
    await using session = await open();
    const ref = await solved(session.client);
    const data = Buffer.from(await ref.readFile("big"));
    expect(data).toHaveLength(20 * MIB);
    expect(data.subarray(0, 16).toString()).toBe("0123456789abcdef");
    expect(data.subarray(-3).toString()).toBe("end");
    await ref.readFile("hello.txt");
    const ranges = (await session.requests("ReadFile", 4)).map((request) => request["Range"]);
    expect(ranges).toEqual([
      { Length: "8388608" },
      { Offset: "8388608", Length: "8388608" },
      { Offset: "16777216", Length: "8388608" },
      { Length: "8388608" },
    ]);
    expect(await ref.readFile("big", { offset: MIB, length: 18 * MIB })).toHaveLength(18 * MIB);
  });

  test("a missing file can be told apart", async () => {
    await using session = await open();
    const ref = await solved(session.client);
    const error = await failureOf(ref.readFile("nothing/here"));
    expect(isNotExist(error)).toBe(true);
    expect(error.code).toBe(Code.Unknown);
    expect(isNotExist(await failureOf(ref.statFile("nothing")))).toBe(true);
    expect(isNotExist(await failureOf(ref.readFile("dir")))).toBe(false);
  });

  test("list and look at files", async () => {
    await using session = await open();
    const ref = await solved(session.client);
    const entries = await ref.readDir("dir");
    expect(entries.map(({ path, type, linkname, size }) => ({ path, type, linkname, size }))).toEqual([
      { path: "a.go", type: "file", linkname: "", size: 1 },
      { path: "b.txt", type: "file", linkname: "", size: 1 },
      { path: "link", type: "symlink", linkname: "../hello.txt", size: 0 },
    ]);
    expect((await ref.readDir("dir", { includePattern: "*.go" })).map((entry) => entry.path)).toEqual([
      "a.go",
    ]);
    const stat = await ref.statFile("hello.txt");
    expect(stat).toMatchObject({ type: "file", size: 12, permissions: 0o644 });
    expect(stat.modTime).toBe(lstatSync(join(root, "hello.txt"), { bigint: true }).mtimeNs);
    expect((await ref.statFile("dir")).type).toBe("directory");
    expect((await ref.statFile("big")).size).toBe(20 * MIB);
  });

  test("evaluate, and its fallback", async () => {
    await using session = await open();
    await (await solved(session.client)).evaluate();
    const failing = await solved(session.client, { "lazy-error": "vertex" });
    expect((await failureOf(failing.evaluate())).details).toContainEqual({ kind: "vertex", digest: DIGEST });
    await using old = await open("-without", "gateway.evaluate");
    await (await solved(old.client)).evaluate();
    expect(await old.requests("StatFile")).toMatchObject([{ Path: "." }]);
  });

  test("become states to build on", async () => {
    await using session = await open();
    const ref = await solved(session.client);
    expect(ref.toState((definition) => definition.def?.length)).toBe(2);
    await using old = await open("-without", "reference.output");
    const other = await solved(old.client);
    expect(() => other.toState(() => 0)).toThrow(/reference\.output.*v0\.7\.0/);
  });

  test("cancel by signal", async () => {
    await using session = await open();
    const ref = await solved(session.client);
    const controller = new AbortController();
    const reading = failureOf(ref.readFile("/.harness/slow", { signal: controller.signal }));
    await session.harness.until((event) => event.event === "waiting");
    controller.abort();
    expect((await reading).codeName).toBe("Canceled");
    await session.harness.until((event) => event.event === "cancelled");
  });
});

describe("sources", () => {
  const image = { identifier: "docker-image://docker.io/library/golang:1.26" };

  test("an image, with every option", async () => {
    await using session = await open();
    const meta = await session.client.resolveSourceMeta(image, {
      platform: { os: "linux", architecture: "arm64", variant: "v8", osVersion: "1", osFeatures: ["a"] },
      resolveMode: "pull",
      logName: "[internal] load metadata",
      image: { attestationChain: true, resolveAttestations: ["https://slsa.dev/provenance/v1"] },
    });
    expect(meta.source).toEqual({ identifier: image.identifier, attrs: {} });
    expect(JSON.parse(Buffer.from(meta.image?.config ?? []).toString())).toMatchObject({
      architecture: "arm64",
    });
    expect(meta.image?.attestationChain?.blobs.get(DIGEST)).toMatchObject({
      descriptor: { mediaType: "application/json", size: 2 ** 40, annotations: { k: "v" } },
    });
    expect(await session.requests("ResolveSourceMeta")).toMatchObject([
      {
        Platform: { OS: "linux", Architecture: "arm64", Variant: "v8", OSVersion: "1", OSFeatures: ["a"] },
        ResolveMode: "pull",
        LogName: "[internal] load metadata",
        Image: { AttestationChain: true, ResolveAttestations: ["https://slsa.dev/provenance/v1"] },
      },
    ]);
  });

  test("git and http", async () => {
    await using session = await open();
    const git = await session.client.resolveSourceMeta(
      { identifier: "git://h/p" },
      { git: { returnObject: true } },
    );
    expect(git.git).toMatchObject({ checksum: "b".repeat(40), ref: "refs/heads/main" });
    expect(Buffer.from(git.git?.commitObject ?? []).toString()).toBe("tree 0\n");
    const http = await session.client.resolveSourceMeta(
      { identifier: "https://h/f.tar", attrs: { "http.filename": "x" } },
      { http: { checksumRequest: { algo: "sha512", suffix: Buffer.from("s") } } },
    );
    expect(http.http).toMatchObject({
      checksum: DIGEST,
      filename: "f.tar",
      lastModified: new Date(1_700_000_000_000),
    });
    expect(http.http?.checksumResponse?.digest).toBe(DIGEST);
    expect((await session.requests("ResolveSourceMeta", 2))[1]).toMatchObject({
      Source: { identifier: "https://h/f.tar", attrs: { "http.filename": "x" } },
      HTTP: { ChecksumRequest: { Algo: "CHECKSUM_ALGO_SHA512", Suffix: "cw==" } },
    });
  });

  test("a missing image keeps its code", async () => {
    await using session = await open();
    const error = await failureOf(session.client.resolveSourceMeta({ identifier: "docker-image://missing" }));
    expect([error.codeName, error.message]).toEqual(["NotFound", "missing: not found"]);
  });

  test("resolveImageConfig goes through the new call, resolve mode included", async () => {
    await using session = await open();
    const config = await session.client.resolveImageConfig("docker.io/library/golang:1.26", {
      resolveMode: "local",
    });
    expect(config).toMatchObject({ ref: "docker.io/library/golang:1.26", digest: DIGEST });
    await session.client.resolveImageConfig(`ctx@${DIGEST}`, { store: { sessionID: "s", storeID: "o" } });
    expect(await session.requests("ResolveSourceMeta", 2)).toMatchObject([
      { ResolveMode: "local", Source: { identifier: "docker-image://docker.io/library/golang:1.26" } },
      {
        Source: { identifier: `oci-layout://ctx@${DIGEST}`, attrs: { "oci.session": "s", "oci.store": "o" } },
      },
    ]);
    expect((await failureOf(session.client.resolveImageConfig("converted"))).message).toMatch(
      /https:\/\/example\.com/,
    );
  });

  test("an old server is asked for the config", async () => {
    await using session = await open("-without", "source.metaresolver");
    const meta = await session.client.resolveSourceMeta(image, {
      resolveMode: "pull",
      platform: { os: "linux", architecture: "arm64" },
    });
    expect(meta).toMatchObject({ source: { identifier: image.identifier }, image: { digest: DIGEST } });
    const store = { "oci.session": "s", "oci.store": "o" };
    await session.client.resolveSourceMeta({ identifier: `oci-layout://x@${DIGEST}`, attrs: store });
    // A server this old does not send the reference back.
    expect((await session.client.resolveImageConfig("old:1")).ref).toBe("old:1");
    expect(await session.requests("ResolveImageConfig", 3)).toMatchObject([
      { Ref: "docker.io/library/golang:1.26", ResolveMode: "pull", Platform: { Architecture: "arm64" } },
      { Ref: `x@${DIGEST}`, ResolverType: 1, SessionID: "s", StoreID: "o" },
      { Ref: "old:1" },
    ]);
    expect(await session.client.resolveSourceMeta({ identifier: "git://h/p" })).toEqual({
      source: { identifier: "git://h/p", attrs: {} },
    });
  });
});

test("inputs", async () => {
  await using session = await open();
  const inputs = await session.client.inputs();
  expect([...inputs.keys()].sort()).toEqual(["base", "context"]);
  expect(inputs.get("context")?.def).toHaveLength(2);
});

test("warnings", async () => {
  await using session = await open();
  await session.client.warn(DIGEST, "Rule: ünï (line 2)", {
    detail: ["more"],
    url: "https://example.com",
    sourceInfo: { filename: "service.yaml", data: Buffer.from("x"), language: "YAML" },
    ranges: [{ start: { line: 2, character: 0 }, end: { line: 0, character: 0 } }],
  });
  expect(await session.requests("Warn")).toEqual([
    {
      digest: DIGEST,
      level: "1",
      short: Buffer.from("Rule: ünï (line 2)").toString("base64"),
      detail: ["bW9yZQ=="],
      url: "https://example.com",
      info: { filename: "service.yaml", data: "eA==", language: "YAML" },
      // Both ends are always there: BuildKit's clients crash on a range without one.
      ranges: [{ start: { line: 2 }, end: {} }],
    },
  ]);
});

test("the frontend's own image is unknown outside of BuildKit", async () => {
  await using session = await open();
  expect(await session.client.currentFrontend()).toBeUndefined();
});

test("30 reads at once", async () => {
  await using session = await open();
  const ref = await solved(session.client);
  const all = await Promise.all(
    Array.from({ length: 30 }, (_, i) => ref.readFile("hello.txt", { offset: i % 12, length: 1 })),
  );
  expect(all.map((data) => Buffer.from(data).toString()).join("")).toBe("hello, worldhello, worldhello,");
});
