import { describe, expect, test } from "vitest";
import { createHttp2Transport } from "../../src/gateway/http2-transport.ts";
import { Code, methodPath, RpcError, type Transport } from "../../src/gateway/transport.ts";
import { createGrpcJsTransport } from "../../src/grpc-js/index.ts";
import { gateway, rpc } from "../../src/proto/index.ts";
import { serveHarness, type ServedHarness } from "../support/gateway-harness.ts";

const MIB = 1 << 20;

const kinds = [
  ["own HTTP/2", createHttp2Transport],
  ["grpc-js", createGrpcJsTransport],
] as const;

async function open(connect: (typeof kinds)[number][1], ...flags: string[]) {
  const harness = await serveHarness(...flags);
  const transport = connect(harness.streams);
  return {
    harness,
    transport,
    async [Symbol.asyncDispose]() {
      transport.destroy();
      await harness[Symbol.asyncDispose]();
    },
  };
}

const readFile = (path: string, range?: { Offset: number; Length: number }): Uint8Array =>
  gateway.ReadFileRequest.encode({ FilePath: path, ...(range && { Range: range }) }).finish();

const read = async (transport: Transport, path: string, options?: Parameters<Transport["unary"]>[2]) =>
  gateway.ReadFileResponse.decode(await transport.unary(methodPath("ReadFile"), readFile(path), options))
    .Data;

async function failureOf(promise: Promise<unknown>): Promise<RpcError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RpcError);
  return error as RpcError;
}

/** The harness's pattern(n), test/support/gateway-harness/faults.go. */
const pattern = (size: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: size }, (_, i) => (i * 7) >> 3));

const waiting = (harness: ServedHarness) => harness.until((event) => event.event === "waiting");

describe.each(kinds)("%s", (_, connect) => {
  test("calls and answers", async () => {
    await using session = await open(connect);
    const pong = gateway.PongResponse.decode(
      await session.transport.unary(methodPath("Ping"), new Uint8Array(0)),
    );
    expect(pong.FrontendAPICaps.map((cap) => cap.ID)).toContain("gateway.exec");
    expect(pong.Workers[0]?.ID).toBe("worker-1");
  });

  test("keeps every byte of answers of any size up to the limit", async () => {
    await using session = await open(connect);
    // 16 MiB less the few bytes that the message needs around the data
    for (const size of [0, 1, 16_383, 16_384, 65_536, MIB + 3, 16 * MIB - 8]) {
      const data = await read(session.transport, `/.harness/bytes/${size}`);
      expect(Buffer.compare(data, pattern(size)), `${size} bytes`).toBe(0);
    }
  });

  test("sends requests up to the limit through the server's 1 MiB window", async () => {
    await using session = await open(connect);
    const detail = [new Uint8Array(16 * MIB - 64).fill(7)];
    await session.transport.unary(
      methodPath("Warn"),
      gateway.WarnRequest.encode({ digest: "d", detail }).finish(),
    );
    const call = await session.harness.until((event) => event.method === "Warn");
    expect(call.size).toBeGreaterThan(16 * MIB - 64);
    expect(call.code).toBeUndefined();
  });

  test("refuses a request above the limit, names it, and goes on", async () => {
    await using session = await open(connect);
    const error = await failureOf(session.transport.unary(methodPath("Warn"), new Uint8Array(17.5 * MIB)));
    expect(error.code).toBe(Code.ResourceExhausted);
    expect(error.message).toBe("the Warn request has 17.5 MiB; BuildKit takes at most 16 MiB a message");
    await read(session.transport, "/.harness/bytes/1");
  });

  test("hands on the server's refusal of an answer above the limit", async () => {
    await using session = await open(connect);
    const error = await failureOf(read(session.transport, `/.harness/bytes/${17 * MIB}`));
    expect(error.code).toBe(Code.ResourceExhausted);
    await read(session.transport, "/.harness/bytes/1");
  });

  test("gives every code with its message, in UTF-8", async () => {
    await using session = await open(connect);
    for (let code = 1; code <= 16; code++) {
      const error = await failureOf(read(session.transport, `/.harness/error/code/${code}`));
      expect(error.code).toBe(code);
      // The prefix is the work of buildkitd's interceptor, moby/buildkit:util/grpcerrors/grpcerrors.go.
      expect(error.message).toMatch(
        new RegExp(`^rpc error: code = \\w+ desc = code ${code}: 100% é\nsecond line$`),
      );
    }
  });

  test("gives the encoded status with its details", async () => {
    await using session = await open(connect);
    const error = await failureOf(read(session.transport, "/.harness/error/source"));
    const status = rpc.Status.decode(error.status ?? new Uint8Array(0));
    expect(status.details.map((any) => any.type_url)).toContain(
      "github.com/moby/buildkit/errdefs.Source+json",
    );
  });

  test("names a method the server does not have", async () => {
    await using session = await open(connect);
    const error = await failureOf(session.transport.unary(methodPath("Nonsense"), new Uint8Array(0)));
    expect(error.code).toBe(Code.Unimplemented);
  });

  test("runs 600 calls at once, above the server's limit of 250 streams", async () => {
    await using session = await open(connect);
    const sizes = Array.from({ length: 600 }, (_, i) => (i * 37) % 5000);
    const answers = await Promise.all(
      sizes.map((size) => read(session.transport, `/.harness/bytes/${size}`)),
    );
    expect(answers.map((data) => data.length)).toEqual(sizes);
  });

  test("large answers at once share the connection", async () => {
    await using session = await open(connect);
    const expected = pattern(8 * MIB);
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => read(session.transport, `/.harness/bytes/${8 * MIB}`)),
    );
    for (const data of answers) expect(Buffer.compare(data, expected)).toBe(0);
  });

  test("a signal cancels the call, here and in the server", async () => {
    await using session = await open(connect);
    const controller = new AbortController();
    const call = failureOf(read(session.transport, "/.harness/slow", { signal: controller.signal }));
    await waiting(session.harness);
    controller.abort(new Error("not needed any more"));
    const error = await call;
    expect([error.code, error.message]).toEqual([Code.Canceled, "not needed any more"]);
    await session.harness.until((event) => event.event === "cancelled");
    await read(session.transport, "/.harness/bytes/1");
  });

  test("a signal that was aborted before sends nothing to wait for", async () => {
    await using session = await open(connect);
    const error = await failureOf(read(session.transport, "/.harness/slow", { signal: AbortSignal.abort() }));
    expect(error.code).toBe(Code.Canceled);
    await read(session.transport, "/.harness/bytes/1");
  });

  test("a deadline ends the call, here and in the server", async () => {
    await using session = await open(connect);
    const error = await failureOf(read(session.transport, "/.harness/slow", { timeout: 50 }));
    expect(error.code).toBe(Code.DeadlineExceeded);
    await session.harness.until((event) => event.event === "cancelled");
  });

  test("the loss of the connection fails every call at once, and all later ones", async () => {
    await using session = await open(connect);
    const pending = Promise.all(
      Array.from({ length: 5 }, () => failureOf(read(session.transport, "/.harness/slow"))),
    );
    await waiting(session.harness);
    session.harness.kill();
    for (const error of await pending) expect(error.code).toBe(Code.Unavailable);
    expect((await session.transport.lost).message).toMatch(/closed|reset|broke/);
    expect((await failureOf(read(session.transport, "/.harness/bytes/1"))).code).toBe(Code.Unavailable);
    expect((await failureOf(session.transport.duplex(methodPath("ExecProcess")).receive())).code).toBe(
      Code.Unavailable,
    );
  });

  test("a server that closes both pipes in the middle of a call", async () => {
    await using session = await open(connect);
    expect((await failureOf(read(session.transport, "/.harness/cut"))).code).toBe(Code.Unavailable);
    await session.transport.lost;
  });

  test("waits for a server that is slow to read", async () => {
    await using session = await open(connect, "-delay", "300ms");
    await session.transport.unary(methodPath("Ping"), new Uint8Array(0));
  });

  test("a stream reports how the server ended it", async () => {
    await using session = await open(connect);
    const call = session.transport.duplex(methodPath("ExecProcess"));
    await call.send(
      gateway.ExecMessage.encode({ ProcessID: "p", Init: { ContainerID: "none", Meta: {} } }).finish(),
    );
    const error = await failureOf(call.receive());
    expect([error.code, error.message]).toEqual([
      Code.NotFound,
      'rpc error: code = NotFound desc = container "none" previously released or not created',
    ]);
  });

  test("a stream ends when both halves are closed", async () => {
    await using session = await open(connect);
    const call = session.transport.duplex(methodPath("ExecProcess"));
    call.end();
    expect(await call.receive()).toBeUndefined();
  });

  test("a cancelled stream wakes its reader", async () => {
    await using session = await open(connect);
    const call = session.transport.duplex(methodPath("ExecProcess"));
    const reading = failureOf(call.receive());
    call.cancel();
    expect((await reading).code).toBe(Code.Canceled);
  });
});

describe("own HTTP/2 beyond Node's", () => {
  // A header over 64 KiB, as an error that carries the entry file has, ends a session of Node's HTTP/2 (nghttp2).
  test.each([48 * 1024, 400 * 1024, 2 * MIB])(
    "reads an error that carries %i bytes of source",
    async (size) => {
      await using session = await open(createHttp2Transport);
      const error = await failureOf(read(session.transport, `/.harness/error/big/${size}`));
      expect(error.status?.length).toBeGreaterThan(size);
      await read(session.transport, "/.harness/bytes/1");
    },
  );

  test("grpc-js has that limit: the session ends", async () => {
    await using session = await open(createGrpcJsTransport);
    const error = await failureOf(read(session.transport, `/.harness/error/big/${400 * 1024}`));
    expect(error.status).toBeUndefined();
    await failureOf(read(session.transport, "/.harness/bytes/1"));
  });
});
