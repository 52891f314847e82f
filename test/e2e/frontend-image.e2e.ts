// The packaged frontend: what it is made of, that it is made the same way twice, and how its process behaves.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { buildFrontendImage, type BuiltImage } from "../../frontend-image/build.ts";
import { ensureFrontendImage, ensureGzipFrontendImage } from "../../frontend-image/index.ts";
import { entrypoint, environment } from "../../frontend-image/layout.ts";
import { digestOf, mediaTypes, putBlob, putJson, writeIndex } from "../../frontend-image/oci.ts";
import { readBack } from "../../frontend-image/push.ts";
import { quickFrontendImage } from "../../frontend-image/quick.ts";
import { tryFrontendImage } from "../../frontend-image/try.ts";
import { unpackImage } from "../../frontend-image/unpack.ts";
import { ensureRegistry, logToStderr, runCommand, stopRegistry } from "../../rig/index.ts";
import { harnessBinary, type HarnessEvent } from "../support/gateway-harness.ts";

const rig = inject("rig");
const log = (line: string): void => logToStderr(`  ${line}`);
const work = mkdtempSync(join(tmpdir(), "go-frontend-image-test-"));
const root = join(work, "rootfs");
let image: BuiltImage;

beforeAll(async () => {
  await ensureFrontendImage({ rig, log });
  image = await buildFrontendImage({ log });
  const native = image.platforms.find(
    ({ architecture }) => (architecture === "arm64") === (process.arch === "arm64"),
  );
  if (native === undefined) throw new Error("no image for this machine");
  await unpackImage(native, root);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const crane = async (...args: readonly string[]): Promise<string> =>
  (await runCommand(rig.tools.crane, args)).stdout.trim();

describe("in the registry", () => {
  const name = `${rig.registry}/org/go-frontend`;

  test("latest and the version are one index for two platforms, each below 45 MB", async () => {
    expect(await crane("digest", `${name}:latest`)).toBe(image.digest);
    expect(await crane("digest", `${name}:0.1.0`)).toBe(image.digest);
    const index = JSON.parse(await crane("manifest", `${name}@${image.digest}`)) as {
      readonly manifests: readonly { readonly digest: string; readonly platform: object }[];
    };
    expect(index.manifests.map(({ platform }) => platform)).toEqual([
      { architecture: "amd64", os: "linux" },
      { architecture: "arm64", os: "linux" },
    ]);
    for (const { compressed, layers } of await readBack(rig.tools.crane, name, image.digest)) {
      expect(layers).toHaveLength(2);
      expect(compressed).toBeLessThan(45e6);
      expect(layers[1]?.size).toBeLessThan(1.25e6);
    }
  });

  test("its configuration says what BuildKit must know, and no time but the epoch", async () => {
    const config = JSON.parse(await crane("config", "--platform", "linux/arm64", `${name}:latest`)) as {
      readonly created: string;
      readonly history: readonly { readonly created: string }[];
    };
    expect(config).toMatchObject({
      architecture: "arm64",
      os: "linux",
      config: {
        Entrypoint: entrypoint,
        Env: environment,
        Labels: { "moby.buildkit.frontend.network.none": "true" },
      },
    });
    const times = [config.created, ...config.history.map(({ created }) => created)];
    expect([...new Set(times)]).toEqual(["1970-01-01T00:00:00Z"]);
  });
});

test("everything in its layers is root's and from the epoch", async () => {
  for (const { layers, unpack } of image.platforms) {
    for (const at of layers.keys()) {
      const { stdout } = await runCommand("tar", ["-tv", "--utc", "--numeric-owner"], { input: unpack(at) });
      const lines = stdout.trimEnd().split("\n");
      expect(lines.filter((line) => !/^\S+ 0\/0 +\d+ 1970-01-01 00:00 /.test(line))).toEqual([]);
    }
  }
});

test("made anew, on an empty builder and with nothing from before, it has the same digest", async () => {
  const again = await buildFrontendImage({ log, into: join(work, "again") });
  expect(again.digest).toBe(image.digest);
});

test("put together without a builder, for the demo, it is byte for byte what BuildKit builds", async () => {
  const native = process.arch === "arm64" ? "arm64" : "amd64";
  const built = await buildFrontendImage({ log, effort: "quick", platforms: [native] });
  expect((await quickFrontendImage("zstd", log)).digest).toBe(built.digest);
});

test("a daemon that has never seen it pulls it and builds with it; what the registry has is whole", async () => {
  const seen = await tryFrontendImage(`${rig.registry}/org/go-frontend@${image.digest}`, log);
  const files = String.raw`\d+ files, /usr/bin/node and 8 libraries for`;
  expect(seen).toEqual([
    expect.stringMatching(
      new RegExp(`^linux/amd64: ${files} amd64, loader /lib64/ld-linux-x86-64\\.so\\.2$`),
    ),
    expect.stringMatching(new RegExp(`^linux/arm64: ${files} arm64, loader /lib/ld-linux-aarch64\\.so\\.1$`)),
    expect.stringMatching(/had to pull it built examples\/hello: .*\/hello$/),
  ]);
});

test("a blob that the registry does not have as it should is named, although its manifest is right", async () => {
  const registry = await ensureRegistry(join(work, "registry"), rig.tools.registry, log);
  try {
    const layout = join(work, "small");
    mkdirSync(layout);
    const layer = putBlob(layout, "application/vnd.oci.image.layer.v1.tar+gzip", gzipSync("a layer"));
    const config = putJson(layout, "application/vnd.oci.image.config.v1+json", {
      architecture: "amd64",
      os: "linux",
      rootfs: { type: "layers", diff_ids: [digestOf(Buffer.from("a layer"))] },
    });
    const image = { schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers: [layer] };
    const manifest = putJson(layout, mediaTypes.manifest, image);
    const { digest } = writeIndex(layout, [
      { ...manifest, platform: { architecture: "amd64", os: "linux" } },
    ]);
    const name = `${registry.host}/small`;
    await crane("push", layout, `${name}@${digest}`);
    expect(await readBack(rig.tools.crane, name, digest)).toHaveLength(1);

    const hex = layer.digest.slice("sha256:".length);
    const blobs = join(registry.folder, "storage", "docker", "registry", "v2", "blobs", "sha256");
    const blob = join(blobs, hex.slice(0, 2), hex, "data");
    writeFileSync(blob, Buffer.alloc(layer.size));
    await expect(readBack(rig.tools.crane, name, digest)).rejects.toThrow(layer.digest);
    writeFileSync(blob, "");
    await expect(readBack(rig.tools.crane, name, digest)).rejects.toThrow(layer.digest);
  } finally {
    await stopRegistry(join(work, "registry"), { remove: true });
  }
});

test("its gzip form has tags of its own, the same configurations and the same layers unpacked", async () => {
  const gzip = await ensureGzipFrontendImage({ rig, log });
  const name = `${rig.registry}/org/go-frontend`;
  expect(gzip).toMatchObject({ name: "org/go-frontend:gzip", reference: `${name}:gzip` });
  expect(await crane("digest", `${name}:gzip`)).toBe(gzip.digest);
  expect(await crane("digest", `${name}:0.1.0-gzip`)).toBe(gzip.digest);
  expect(await crane("digest", `${name}:latest`)).toBe(image.digest);
  const pushed = await readBack(rig.tools.crane, name, gzip.digest);
  for (const [index, { architecture, config, layers, unpack }] of pushed.entries()) {
    const other = image.platforms[index];
    expect(architecture).toBe(other?.architecture);
    expect(config).toEqual(other?.config);
    expect(new Set(layers.map(({ mediaType }) => mediaType))).toEqual(
      new Set(["application/vnd.oci.image.layer.v1.tar+gzip"]),
    );
    for (const at of layers.keys()) {
      expect(unpack(at).equals(other?.unpack(at) ?? Buffer.alloc(0))).toBe(true);
    }
  }
});

test("`# syntax=org/go-frontend` runs it", async () => {
  const folder = join(import.meta.dirname, "..", "..", "examples", "hello");
  const target = join(work, "out");
  await runCommand(rig.tools.buildctl, [
    "--addr",
    rig.buildkitHost,
    "build",
    "--frontend=dockerfile.v0",
    "--local",
    `context=${folder}`,
    "--local",
    `dockerfile=${folder}`,
    "--opt",
    "filename=service.yaml",
    "--output",
    `type=local,dest=${target}`,
  ]);
  const { stdout } = await runCommand("find", [target, "-type", "f", "-perm", "-0111"]);
  expect(
    stdout
      .trim()
      .split("\n")
      .map((path) => path.slice(path.lastIndexOf("/") + 1)),
  ).toContain("hello");
});

describe("as a process, in its own root file system", () => {
  interface Run {
    readonly events: readonly HarnessEvent[];
    readonly stderr: string;
  }

  /** Runs the image's entry point under the gateway harness, which stands for buildkitd. */
  const run = async (env: Readonly<Record<string, string>> = {}): Promise<Run> => {
    const own = Object.fromEntries(environment.map((entry) => entry.split("=") as [string, string]));
    const child = spawn(harnessBinary(), ["-dir", join(root, "etc"), "--", "chroot", root, ...entrypoint], {
      env: { PATH: process.env["PATH"], ...own, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    await new Promise((resolve) => child.on("close", resolve));
    const events = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as HarnessEvent);
    return { events, stderr };
  };
  const returned = ({ events }: Run): unknown => events.find(({ method }) => method === "Return")?.request;
  const exit = ({ events }: Run): HarnessEvent | undefined => events.find(({ event }) => event === "exit");

  /** A module that Node loads before the frontend. */
  const preload = (code: string): Readonly<Record<string, string>> => {
    writeFileSync(join(root, "tmp", "preload.cjs"), code);
    return { NODE_OPTIONS: "--require=/tmp/preload.cjs" };
  };

  test("it says Ping first, returns what is wrong, and ends with 0", async () => {
    const done = await run();
    expect(done.events[0]).toMatchObject({ event: "call", method: "Ping" });
    expect(returned(done)).toHaveProperty("error.message", expect.stringContaining("GF082"));
    expect(exit(done)).toMatchObject({ exitCode: 0 });
    expect(done.stderr).toBe("");
  });

  test("its compile cache is taken: Node writes none of it anew", async () => {
    const { stderr } = await run({ NODE_DEBUG_NATIVE: "COMPILE_CACHE" });
    expect(stderr).toContain("[compile cache]");
    expect(stderr).not.toMatch(/writing cache for/);
  });

  test("what is printed goes to stderr and never between the frames", async () => {
    const done = await run(
      preload(
        `setInterval(() => console.log("printed"), 1); setTimeout(() => process.stdout.write("written"), 5);`,
      ),
    );
    expect(returned(done)).toHaveProperty("error.message", expect.stringContaining("GF082"));
    expect(exit(done)).toMatchObject({ exitCode: 0 });
    expect(done.stderr).toContain("printed");
  });

  test.each([
    ["an exception", `throw new TypeError("boom")`],
    ["a rejection", `Promise.reject(new TypeError("boom"))`],
  ])("%s nobody handles is returned as an error before the process ends", async (_, statement) => {
    // Once the frontend listens: from the moment that its first answer is there.
    const done = await run(
      preload(`
        const timer = setInterval(() => {
          if (process.listenerCount("uncaughtException") === 0) return;
          clearInterval(timer);
          ${statement};
        });`),
    );
    expect(returned(done)).toHaveProperty("error.message", expect.stringContaining("boom"));
    expect(exit(done)).toMatchObject({ exitCode: 0 });
  });

  test("it ends when stdin ends, having written nothing but HTTP/2", async () => {
    const child = spawn("chroot", [root, ...entrypoint], {
      stdio: ["pipe", "pipe", "pipe"],
      env: { PATH: process.env["PATH"] },
    });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => {
      // The preface is there: BuildKit goes away.
      if (chunks.length === 0) child.stdin.end();
      chunks.push(chunk);
    });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    expect(await new Promise((resolve) => child.on("close", resolve))).toBe(1);
    expect(Buffer.concat(chunks).subarray(0, 24).toString("latin1")).toBe("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    expect(stderr).toMatch(/^frontend: [^\n]+\n$/);
  });
});
