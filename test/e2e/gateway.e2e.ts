// Every RPC of the gateway against the real buildkitd, through a tiny frontend image (test/support/gateway-frontends/e2e.ts).
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, normalize } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { reset, up } from "../../rig/index.ts";
import {
  pushTestFrontend,
  runTestFrontend,
  type BuildOptions,
  type BuildRun,
} from "../support/gateway-image.ts";

const rig = inject("rig");
const MIB = 1 << 20;
vi.setConfig({ testTimeout: 120_000 });
const sha256 = (data: Uint8Array): string => createHash("sha256").update(data).digest("hex");

let source = "";
let folder = "";
let files = "";
let server: Server;
let url = "";
const big = Buffer.from(Uint8Array.from({ length: 20 * MIB }, (_, i) => (i * 31) >> 4));

beforeAll(async () => {
  source = await pushTestFrontend(
    rig,
    join(import.meta.dirname, "../support/gateway-frontends/e2e.ts"),
    "gateway-e2e",
  );
  folder = mkdtempSync(join(tmpdir(), "gateway-e2e-"));
  files = join(folder, "files");
  mkdirSync(join(files, "dir"), { recursive: true });
  writeFileSync(join(files, "hello.txt"), "hello, world");
  writeFileSync(join(files, "empty"), "");
  writeFileSync(join(files, "big"), big);
  writeFileSync(join(files, "dir", "a.go"), "package a", { mode: 0o600 });
  writeFileSync(join(files, "dir", "b.txt"), "b");
  symlinkSync("../hello.txt", join(files, "dir", "link"));
  utimesSync(join(files, "hello.txt"), 1_700_000_000, 1_700_000_000);
  makeRepository(join(folder, "served", "repo.git"));
  writeFileSync(join(folder, "served", "file.txt"), "served");
  server = createServer((request, response) => {
    const path = join(folder, "served", normalize(new URL(request.url ?? "/", "http://x").pathname));
    try {
      const data = readFileSync(path);
      response.setHeader("last-modified", "Tue, 14 Nov 2023 22:13:20 GMT");
      response.setHeader("etag", `"${sha256(data)}"`);
      response.end(request.method === "HEAD" ? undefined : data);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

function makeRepository(bare: string): void {
  const work = `${bare}.work`;
  const git = (cwd: string, ...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], {
      cwd,
      stdio: "pipe",
    });
  mkdirSync(work, { recursive: true });
  git(work, "init", "-q", "-b", "main");
  writeFileSync(join(work, "README"), "read me");
  git(work, "add", ".");
  git(work, "commit", "-q", "-m", "first");
  git(work, "clone", "-q", "--bare", work, bare);
  git(bare, "update-server-info");
}

const run = (name: string, { opts = {}, ...options }: BuildOptions = {}): Promise<BuildRun> =>
  runTestFrontend(rig, source, {
    locals: { files },
    ...options,
    opts: { case: name, salt: `${process.pid}-${Math.random()}`, ...opts },
  });

async function reportOf(name: string, options?: BuildOptions): Promise<Record<string, unknown>> {
  const { code, stderr, report } = await run(name, options);
  expect(code, stderr).toBe(0);
  return report;
}

test("Ping: capabilities, workers, options, session", async () => {
  const report = await reportOf("ping", { opts: { "build-arg:X": "a=b" } });
  expect(report).toMatchObject({
    same: true,
    session: true,
    stdout: true,
    opts: { case: "ping", source, "build-arg:X": "a=b" },
  });
  expect(report["caps"]).toEqual(
    expect.arrayContaining(["gateway.exec.filesystem", "return", "source.metaresolver"]),
  );
  expect(report["llbCaps"]).toEqual(expect.arrayContaining(["mergeop", "passthroughop"]));
  expect(report["workers"]).toMatchObject([
    { platforms: expect.arrayContaining([expect.objectContaining({ os: "linux" })]) as object[] },
  ]);
  expect(report["envWorkers"]).toMatchObject([
    { buildkitVersion: { version: expect.stringMatching(/^v?0\./) as string } },
  ]);
});

test("Solve, ReadFile with ranges and pages, ReadDir, StatFile", async () => {
  const report = await reportOf("files");
  expect(report).toMatchObject({
    hello: "hello, world",
    range: "wor",
    beyond: 0,
    empty: 0,
    link: "hello, world",
    big: { length: 20 * MIB, sha256: sha256(big) },
    page: sha256(big.subarray(3_000_000, 20_000_000)),
    entries: [
      { path: "a.go", type: "file", size: 9, permissions: 0o600 },
      { path: "b.txt", type: "file", size: 1 },
      { path: "link", type: "symlink", linkname: "../hello.txt" },
    ],
    pattern: ["a.go"],
    stat: { type: "file", size: 12, modTime: "1700000000000000000", uid: 0 },
    root: "directory",
    missing: { notExist: true, code: "Unknown" },
    missingStat: true,
    missingDir: true,
    directory: false,
  });
});

test("the listing of a metadata-only transfer", async () => {
  expect(Object.values(await reportOf("listing"))).toEqual([
    ["big", "file", 20 * MIB, ""],
    ["dir", "directory", 0, ""],
    ["dir/a.go", "file", 9, ""],
    ["dir/b.txt", "file", 1, ""],
    ["dir/link", "symlink", 12, "../hello.txt"],
    ["empty", "file", 0, ""],
    ["hello.txt", "file", 12, ""],
  ]);
});

test("the same by grpc-js", async () => {
  expect(await reportOf("files", { opts: { transport: "grpc-js" } })).toMatchObject({
    hello: "hello, world",
    big: { length: 20 * MIB, sha256: sha256(big) },
    missing: { notExist: true },
  });
});

describe("errors", () => {
  const kinds = expect.arrayContaining(["exit", "solve", "source", "vertex"]) as string[];

  test("Evaluate and an evaluating Solve tell vertex, exit code and source ranges", async () => {
    const { digest, lazy, eager, solve } = await reportOf("evaluate");
    const expected = {
      kinds,
      vertex: digest,
      exit: 3,
      sources: [
        {
          filename: "service.yaml",
          ranges: [{ start: { line: 2, character: 0 }, end: { line: 2, character: 11 } }],
        },
      ],
    };
    expect(lazy).toMatchObject(expected);
    expect(eager).toMatchObject(expected);
    expect(solve).toMatchObject({
      op: { exec: { meta: { args: ["/bin/node", "-e", expect.any(String) as string] } } },
    });
  });

  test("an error with a 400 KB file in it is read, and the session goes on", async () => {
    const { error, alive } = await reportOf("bigSource");
    expect(error).toMatchObject({ kinds, exit: 3, sources: [{ filename: "service.yaml" }] });
    expect((error as { sources: { size: number }[] }).sources[0]?.size).toBeGreaterThan(390_000);
    expect(alive).toBe(true);
  });

  test.each(["relay", "lazyFailure"])("%s: the user sees the excerpt of the failing step", async (name) => {
    const { code, stderr } = await run(name);
    expect(code).not.toBe(0);
    expect(stderr).toContain("service.yaml:2");
    expect(stderr).toMatch(/2 \| >>> step: fails/);
    expect(stderr).toContain("exit code: 3");
  });

  test("an error of the frontend's own shows its excerpt, without a code in front", async () => {
    const { code, stderr } = await run("sourceError");
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/service\.yaml:3\n-+\n.*1 \|.*\n.*2 \|.*\n +3 \| >>> nmae: b\n/);
    expect(stderr).toMatch(/error: failed to solve: unknown key `nmae`/);
  });

  test("a code is printed in front of the message", async () => {
    expect((await run("codedError")).stderr).toMatch(/FailedPrecondition: not today/);
  });

  test("a crash is told before the process ends", async () => {
    const { code, stderr } = await run("crash");
    expect(code).not.toBe(0);
    expect(stderr).toContain("a bug in a timer");
    expect(stderr).not.toContain("exit code");
  });
});

test("ResolveSourceMeta and ResolveImageConfig: image, http, git, and the way of old servers", async () => {
  const report = await reportOf("sources", { opts: { url } });
  const digest = expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string;
  const entrypoint = ["/bin/node", "/frontend.mjs"];
  const image = report["image"] as { digest: string };
  expect(report).toMatchObject({
    image: { source: `docker-image://${source}`, digest, entrypoint },
    // The daemon knows no digest then.
    noConfig: { digest: "", length: 0 },
    config: { ref: source, digest, entrypoint },
    old: { ref: source, digest: image.digest, meta: image.digest },
    http: {
      checksum: `sha256:${sha256(Buffer.from("served"))}`,
      filename: "file.txt",
      modified: "2023-11-14T22:13:20.000Z",
      sha512: `sha512:${createHash("sha512").update("served").digest("hex")}`,
    },
    git: { ref: "refs/heads/main", checksum: expect.stringMatching(/^[0-9a-f]{40}$/) as string },
    missing: { code: expect.stringMatching(/NotFound|Unknown/) as string },
  });
  expect((report["git"] as { commit: string }).commit).toMatch(/^tree [0-9a-f]{40}\nauthor t/);
});

test("Inputs, a nested frontend, and building on what it solved", async () => {
  expect(await reportOf("nested")).toEqual({
    inner: { names: ["context"], content: "input" },
    file: "inside",
    onTop: ["from-inside", "from-outside", "on-top"],
  });
});

test("Warn", async () => {
  const { code, stderr } = await run("warn", { extra: ["--progress=rawjson"] });
  expect(code, stderr).toBe(0);
  const warnings = stderr
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .flatMap((line) => (JSON.parse(line) as { warnings?: Record<string, unknown>[] }).warnings ?? []);
  expect(warnings).toMatchObject([
    {
      level: 1,
      short: Buffer.from("TestRule: something is odd (line 2)").toString("base64"),
      detail: [Buffer.from("the detail").toString("base64")],
      url: "https://example.com/rule",
      sourceInfo: { filename: "service.yaml" },
      range: [{ start: { line: 2 }, end: { line: 2 } }],
    },
  ]);
});

describe("Return", () => {
  const exported = async (mode: string) => {
    const archive = join(folder, `${mode}.tar`);
    const output = join(folder, `${mode}-layout`);
    const { code, stderr } = await run("image", { opts: { mode }, output: `type=oci,dest=${archive}` });
    expect(code, stderr).toBe(0);
    mkdirSync(output);
    execFileSync("tar", ["-xf", archive, "-C", output]);
    interface Descriptor {
      digest: string;
      mediaType: string;
      platform?: object;
      annotations?: Record<string, string>;
    }
    const blob = (digest: string) =>
      JSON.parse(readFileSync(join(output, "blobs", digest.replace(":", "/")), "utf8")) as Record<
        string,
        unknown
      >;
    const index = JSON.parse(readFileSync(join(output, "index.json"), "utf8")) as { manifests: Descriptor[] };
    return {
      blob,
      top: blob(index.manifests[0]?.digest ?? "") as {
        config?: Descriptor;
        layers?: Descriptor[];
        manifests?: Descriptor[];
      },
    };
  };

  test("one platform is a manifest with its config", async () => {
    const { blob, top } = await exported("single");
    expect(top.layers).toHaveLength(1);
    expect(blob(top.config?.digest ?? "")).toMatchObject({
      architecture: "amd64",
      config: { Labels: { made: "by-test" } },
    });
  });

  test("an empty reference is an image without layers", async () => {
    const { top } = await exported("empty");
    expect(top.layers ?? []).toHaveLength(0);
  });

  test("several platforms are an index, attestations beside them", async () => {
    const { blob, top } = await exported("multi");
    expect(top.manifests?.map((manifest) => manifest.platform)).toMatchObject([
      { architecture: "amd64", os: "linux" },
      { architecture: "arm64", os: "linux" },
      { architecture: "unknown", os: "unknown" },
    ]);
    const attestation = blob(top.manifests?.[2]?.digest ?? "") as {
      layers: { digest: string; annotations: Record<string, string> }[];
    };
    expect(attestation.layers[0]?.annotations).toMatchObject({
      "in-toto.io/predicate-type": "https://example.com/predicate/v1",
    });
    expect(blob(attestation.layers[0]?.digest ?? "")).toMatchObject({
      predicate: { a: 1 },
      predicateType: "https://example.com/predicate/v1",
    });
  });
});

describe("containers", () => {
  const secret = ["--secret", "id=token,env=GATEWAY_E2E_TOKEN"];

  test("NewContainer, ExecProcess, file reads, ReleaseContainer", async () => {
    process.env["GATEWAY_E2E_TOKEN"] = "s3cret";
    const report = await reportOf("container", { extra: secret });
    expect(report).toMatchObject({
      first: { out: "test-host word s3cret s3cret true /work\n", err: "to stderr\n" },
      files: {
        made: "by the process",
        part: "the",
        entries: [
          ["made", "file"],
          ["sub", "directory"],
        ],
        stat: { size: 14, type: "file" },
        node: true,
        missing: true,
      },
      released: { code: "NotFound" },
      echo: { out: "3000000\n" },
      entered: { out: "entered\n" },
      failed: { exit: 42, error: { kinds: expect.arrayContaining(["exit"]) as string[] } },
      signalled: 9,
      broken: { exit: 1, err: expect.stringContaining("/no/such/program") as string },
      ignoring: { exit: 5 },
    });
    expect(stripVTControlCharacters(String(report["screen"]))).toMatch(/tty true\r\n[^]*size 81 25\r\n/);
    expect(report["ended"]).toBeDefined();
  });

  test("what a failed step left behind can be mounted", async () => {
    const report = await reportOf("debug");
    expect(report["found"]).toMatch(/^\d+-0\.\d+$/);
  });
});

test("message limits: named on our side, reported from the daemon's, neither ends the session", async () => {
  const report = await reportOf("limits");
  expect(report).toMatchObject({
    readBack: 15_900_000,
    tooLarge: { code: "ResourceExhausted" },
    answer: expect.stringMatching(/exceeds maximum allowed size/) as string,
    alive: "hello, world",
  });
  expect((report["tooLarge"] as { message: string }).message).toContain(
    "the largest part is mkfile /large with 16.2 MiB",
  );
});

test("400 calls at once", async () => {
  const report = await reportOf("concurrent");
  const parts = Array.from({ length: 100 }, (_, i) => big.subarray(i * 4000, i * 4000 + 100_000));
  expect(report).toMatchObject({ small: 300, large: sha256(Buffer.concat(parts)) });
});

test("cancelling a call stops its step; the session goes on", async () => {
  const { error, alive } = await reportOf("cancel");
  expect(error).toMatchObject({ code: "Canceled", message: "changed my mind" });
  expect(alive).toBe("hello, world");
  await expect.poll(() => processesWith("600000")).toEqual([]);
});

test("a client that disappears takes the frontend with it", async () => {
  const controller = new AbortController();
  const salt = `hang-${process.pid}`;
  const running = run("hang", { opts: { salt }, signal: controller.signal }).catch(() => undefined);
  await expect.poll(() => processesWith(salt, "environ").length, { timeout: 60_000 }).toBeGreaterThan(0);
  controller.abort();
  await running;
  await expect.poll(() => processesWith(salt, "environ"), { timeout: 30_000 }).toEqual([]);
});

test("a daemon that dies takes the frontend with it: the end of stdin is its end", async () => {
  const name = `gateway-loss-${process.pid}`;
  const own = await up({ name, standIns: false, log: () => undefined });
  try {
    const salt = `loss-${process.pid}`;
    const running = runTestFrontend(own, source, { opts: { case: "hang", salt } });
    await expect.poll(() => processesWith(salt, "environ").length, { timeout: 90_000 }).toBeGreaterThan(0);
    process.kill(own.pid, "SIGKILL");
    await expect.poll(() => processesWith(salt, "environ"), { timeout: 30_000 }).toEqual([]);
    expect((await running).code).not.toBe(0);
  } finally {
    await reset(name, () => undefined);
  }
});

/** Node processes of containers that have the text in their arguments or environment. */
function processesWith(text: string, file: "cmdline" | "environ" = "cmdline"): readonly string[] {
  return readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/comm`, "utf8").startsWith("node") &&
          readFileSync(`/proc/${pid}/${file}`, "utf8").includes(text)
        );
      } catch {
        return false; // it has ended
      }
    });
}
