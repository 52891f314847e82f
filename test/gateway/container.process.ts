import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  Code,
  exitCodeOf,
  GatewayError,
  singleRef,
  type Container,
  type StartRequest,
} from "../../src/gateway/index.ts";
import { gatewaySession } from "../support/gateway-session.ts";

const MIB = 1 << 20;

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "gateway-container-"));
  writeFileSync(join(root, "file"), "content");
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function open(...flags: string[]) {
  const session = await gatewaySession(["-dir", root, ...flags]);
  const ref = singleRef(await session.client.solve({ frontend: "harness" }));
  const container = await session.client.newContainer({ mounts: [{ dest: "/", ref }] });
  return { ...session, container, [Symbol.asyncDispose]: session[Symbol.asyncDispose] };
}

async function run(container: Container, request: StartRequest) {
  const output = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  const process = await container.start({
    stdout: (chunk) => void output.stdout.push(Uint8Array.from(chunk)),
    stderr: (chunk) => void output.stderr.push(Uint8Array.from(chunk)),
    ...request,
  });
  const error: unknown = await process.wait().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { error, stdout: Buffer.concat(output.stdout), stderr: Buffer.concat(output.stderr) };
}

/** The harness runs the commands on this machine and speaks the daemon's protocol about it. */
describe("containers", () => {
  test("every field of the request arrives", async () => {
    await using session = await gatewaySession(["-dir", root]);
    const ref = singleRef(await session.client.solve({ frontend: "harness" }));
    await session.client.newContainer({
      mounts: [
        { dest: "/", ref, readonly: true, selector: "/sub" },
        { dest: "/failed", resultID: "mount-1" },
        { dest: "/cache", type: "cache", cache: { id: "c", sharing: "locked" } },
        { dest: "/tmp", type: "tmpfs" },
        { dest: "/secret", type: "secret", secret: { id: "s", mode: 0o440, uid: 1, gid: 2, optional: true } },
        { dest: "/ssh", type: "ssh", ssh: { id: "default" } },
      ],
      hostname: "h",
      netMode: "none",
      extraHosts: [{ host: "db", ip: "10.0.0.1" }],
      platform: { os: "linux", architecture: "arm64" },
      constraints: ["f"],
    });
    expect(await session.requests("NewContainer")).toMatchObject([
      {
        Mounts: [
          { dest: "/", resultID: ref?.id, readonly: true, selector: "/sub" },
          { dest: "/failed", resultID: "mount-1" },
          { dest: "/cache", mountType: "CACHE", cacheOpt: { ID: "c", sharing: "LOCKED" } },
          { dest: "/tmp", mountType: "TMPFS" },
          {
            dest: "/secret",
            mountType: "SECRET",
            secretOpt: { ID: "s", mode: 0o440, uid: 1, gid: 2, optional: true },
          },
          { dest: "/ssh", mountType: "SSH", SSHOpt: { ID: "default", mode: 0o600 } },
        ],
        Network: "NONE",
        hostname: "h",
        extraHosts: [{ Host: "db", IP: "10.0.0.1" }],
        platform: { OS: "linux", Architecture: "arm64" },
        constraints: { filter: ["f"] },
      },
    ]);
  });

  test("input goes in, both outputs come out", async () => {
    await using session = await open();
    const result = await run(session.container, {
      args: ["/bin/sh", "-c", 'cat; echo "$WORD" >&2'],
      env: ["WORD=err", "PATH=/usr/bin:/bin"],
      stdin: [Buffer.from("in"), new Uint8Array(0), Buffer.from("put")],
    });
    expect([result.error, result.stdout.toString(), result.stderr.toString()]).toEqual([
      undefined,
      "input",
      "err\n",
    ]);
  });

  test("8 MiB there and back, through a slow reader", async () => {
    await using session = await open();
    const data = Buffer.alloc(8 * MIB, "0123456789");
    const chunks: Uint8Array[] = [];
    const process = await session.container.start({
      args: ["/bin/cat"],
      stdin: Array.from({ length: 128 }, (_, i) => data.subarray(i * 65_536, (i + 1) * 65_536)),
      stdout: async (chunk) => {
        chunks.push(Uint8Array.from(chunk));
        await new Promise((resolve) => setImmediate(resolve));
      },
    });
    await process.wait();
    expect(Buffer.compare(Buffer.concat(chunks), data)).toBe(0);
  });

  test("the exit status is typed", async () => {
    await using session = await open();
    const { error } = await run(session.container, { args: ["/bin/sh", "-c", "exit 7"] });
    expect(error).toBeInstanceOf(GatewayError);
    expect(exitCodeOf(error)).toBe(7);
  });

  test("a process that does not read its input does not hang, and keeps its status", async () => {
    await using session = await open();
    const endless = (function* () {
      for (let i = 0; i < 2000; i++) yield Buffer.alloc(65_536);
    })();
    const { error } = await run(session.container, { args: ["/bin/sh", "-c", "exit 4"], stdin: endless });
    expect(exitCodeOf(error)).toBe(4);
  });

  test("signals", async () => {
    await using session = await open();
    const started = Promise.withResolvers<void>();
    const process = await session.container.start({
      args: ["/bin/sh", "-c", "trap 'exit 9' INT; echo ready; while :; do sleep 0.01; done"],
      stdout: () => started.resolve(),
    });
    await started.promise;
    await process.signal("INT");
    expect(exitCodeOf(await process.wait().catch((error: unknown) => error))).toBe(9);
  });

  test("a process that cannot be started fails alone", async () => {
    await using session = await open();
    const other = run(session.container, { args: ["/bin/sh", "-c", "sleep 0.2; echo alive"] });
    const second = await session.client.newContainer({ mounts: [] });
    await expect(second.start({ args: ["/no/such/program"] })).rejects.toThrow(/no such file/);
    await second.release();
    const result = await other;
    expect([result.error, result.stdout.toString()]).toEqual([undefined, "alive\n"]);
  });

  test("an abort signal ends the process", async () => {
    await using session = await open();
    const controller = new AbortController();
    const process = await session.container.start({ args: ["/bin/sleep", "60"], signal: controller.signal });
    controller.abort();
    expect(((await process.wait().catch((error: unknown) => error)) as GatewayError).code).toBe(
      Code.Canceled,
    );
  });

  test("secrets, security, size and terminal arrive", async () => {
    await using session = await open();
    const process = await session.container.start({
      args: ["/bin/true"],
      cwd: "/",
      user: "65532",
      tty: true,
      secretEnv: [{ id: "token", name: "TOKEN", optional: true }],
      security: "insecure",
      removeMountStubsRecursive: true,
      stdin: (async function* () {
        await new Promise((resolve) => setTimeout(resolve, 50));
        yield* [] as Uint8Array[];
      })(),
    });
    await process.resize({ rows: 24, cols: 80 });
    await process.wait();
    await session.harness.until((event) => event.request?.["Resize"] !== undefined);
    const messages = session.harness.events
      .filter((event) => event.event === "exec")
      .map((event) => event.request);
    expect(messages[0]).toMatchObject({
      Init: {
        Meta: { args: ["/bin/true"], cwd: "/", user: "65532", removeMountStubsRecursive: true },
        Tty: true,
        Fds: [0],
        Security: "INSECURE",
        secretenv: [{ ID: "token", name: "TOKEN", optional: true }],
      },
    });
    expect(messages).toContainEqual(expect.objectContaining({ Resize: { Rows: 24, Cols: 80 } }));
  });

  test("files are read through the container, by mount", async () => {
    await using session = await open();
    expect(Buffer.from(await session.container.readFile("file", { mountIndex: 2 })).toString()).toBe(
      "content",
    );
    expect(Buffer.from(await session.container.readFile("file", { offset: 3, length: 2 })).toString()).toBe(
      "te",
    );
    expect((await session.container.readDir(".")).map((entry) => entry.path)).toEqual(["file"]);
    expect((await session.container.statFile("file", { mountIndex: 1 })).size).toBe(7);
    expect((await session.requests("ReadFileContainer"))[0]).toMatchObject({
      FilePath: "/file",
      MountIndex: 2,
    });
    expect((await session.requests("StatFileContainer"))[0]).toMatchObject({ MountIndex: 1 });
  });

  test("released containers are gone", async () => {
    await using session = await open();
    await session.container.release();
    await expect(session.container.release()).rejects.toThrow("not found");
    await expect(session.container.start({ args: ["/bin/true"] })).rejects.toThrow("was released");
  });

  test("missing capabilities are told", async () => {
    await using session = await gatewaySession(["-without", "gateway.exec,gateway.exec.extrahosts"]);
    await expect(
      session.client.newContainer({ mounts: [], extraHosts: [{ host: "a", ip: "1.1.1.1" }] }),
    ).rejects.toThrow(/gateway\.exec,[^]*gateway\.exec\.extrahosts/);
    await using other = await open("-without", "gateway.exec.filesystem,gateway.exec.secretenv");
    await expect(other.container.readFile("file")).rejects.toThrow("v0.27.0");
    await expect(other.container.start({ args: ["x"], secretEnv: [{ id: "a", name: "A" }] })).rejects.toThrow(
      "v0.12.0",
    );
  });
});
