// The HTTP/2 client against a peer that is scripted frame by frame: what Go's server never or rarely does.
import { PassThrough } from "node:stream";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { frameMessage } from "../../src/gateway/grpc-framing.ts";
import { createHttp2Transport } from "../../src/gateway/http2-transport.ts";
import {
  createFrameReader,
  ERROR_CODES,
  Flag,
  FrameType,
  Setting,
  settingsPayload,
  uint32,
  writeFrame,
  type Frame,
} from "../../src/http2/frames.ts";
import { createHpackDecoder, encodeHeaders, type Header } from "../../src/http2/hpack.ts";
import { Code, type RpcError } from "../../src/gateway/index.ts";

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const empty = Buffer.alloc(0);
const ok: readonly Header[] = [["grpc-status", "0"]];
const response: readonly Header[] = [
  [":status", "200"],
  ["content-type", "application/grpc"],
];

/** The other end of the pipes. */
function peer() {
  const input = new PassThrough();
  const output = new PassThrough({ highWaterMark: 1 << 30 });
  const frames: Frame[] = [];
  const wakes = new Set<() => void>();
  let preface = Buffer.alloc(0);
  const read = createFrameReader(1 << 24, (frame) => {
    frames.push({ ...frame, payload: Buffer.from(frame.payload) });
    for (const wake of wakes) wake();
  });
  output.on("data", (chunk: Buffer) => {
    const missing = PREFACE.length - preface.length;
    if (missing > 0) preface = Buffer.concat([preface, chunk.subarray(0, missing)]);
    if (chunk.length > missing) read(chunk.subarray(Math.max(0, missing)));
  });
  const transport = createHttp2Transport({ input, output });
  const send = (...list: Buffer[]): void => void input.write(Buffer.concat(list));
  const until = (fits: (frame: Frame) => boolean): Promise<Frame> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = frames.find(fits);
        if (found === undefined) return;
        wakes.delete(look);
        resolve(found);
      };
      wakes.add(look);
      look();
    });
  const headers = (stream: number, list: readonly Header[], flags: number = Flag.END_HEADERS): Buffer =>
    writeFrame(FrameType.HEADERS, flags, stream, encodeHeaders(list));
  return {
    transport,
    input,
    frames,
    send,
    until,
    headers,
    preface: () => preface.toString(),
    /** What a server sends first. */
    settings: (...list: (readonly [number, number])[]) =>
      send(writeFrame(FrameType.SETTINGS, 0, 0, settingsPayload(list))),
    answer: (stream: number, message: Uint8Array) =>
      Buffer.concat([
        headers(stream, response),
        writeFrame(FrameType.DATA, 0, stream, frameMessage(message)),
        headers(stream, ok, Flag.END_HEADERS | Flag.END_STREAM),
      ]),
    sent: (stream: number) =>
      frames
        .filter((frame) => frame.type === FrameType.DATA && frame.stream === stream)
        .reduce((sum, frame) => sum + frame.payload.length, 0),
  };
}

const isRequest = (frame: Frame): boolean => frame.type === FrameType.HEADERS;
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error as RpcError,
  );
const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? empty).toString();
const turn = () => new Promise((resolve) => setImmediate(resolve));

test("begins with the preface, SETTINGS and a wide connection window", async () => {
  const server = peer();
  await server.until((frame) => frame.type === FrameType.WINDOW_UPDATE);
  expect(server.preface()).toBe(PREFACE);
  expect(server.frames.map((frame) => [frame.type, frame.stream])).toEqual([
    [FrameType.SETTINGS, 0],
    [FrameType.WINDOW_UPDATE, 0],
  ]);
});

test("a request is POST with gRPC's headers, its message and the end of the stream", async () => {
  const server = peer();
  const call = server.transport.unary("/s/M", Buffer.from("hi"), { timeout: 1500 });
  const request = await server.until(isRequest);
  expect(Object.fromEntries(createHpackDecoder().decode(request.payload))).toEqual({
    ":method": "POST",
    ":scheme": "http",
    ":path": "/s/M",
    ":authority": "localhost",
    te: "trailers",
    "content-type": "application/grpc",
    "user-agent": "go-frontend",
    "grpc-timeout": "1500m",
  });
  const data = await server.until((frame) => frame.type === FrameType.DATA);
  expect([data.flags, data.payload.toString("hex")]).toEqual([Flag.END_STREAM, "00000000026869"]);
  server.send(server.answer(1, Buffer.from("yes")));
  expect(text(await call)).toBe("yes");
});

test("answers PING and SETTINGS, ignores what it does not know", async () => {
  const server = peer();
  server.settings([99, 1]);
  server.send(
    writeFrame(FrameType.PING, 0, 0, Buffer.from("12345678")),
    writeFrame(FrameType.PING, Flag.ACK, 0, Buffer.from("87654321")),
    writeFrame(FrameType.PRIORITY, 0, 1, Buffer.alloc(5)),
    writeFrame(200, 0xff, 7, Buffer.from("unknown")),
  );
  const pong = await server.until((frame) => frame.type === FrameType.PING);
  expect([pong.flags, pong.payload.toString()]).toEqual([Flag.ACK, "12345678"]);
  await server.until((frame) => frame.type === FrameType.SETTINGS && frame.flags === Flag.ACK);
  expect(server.frames.filter((frame) => frame.type === FrameType.PING)).toHaveLength(1);
});

test("reads padding, priorities and headers in many pieces", async () => {
  const server = peer();
  const call = server.transport.unary("/s/M", empty);
  await server.until(isRequest);
  const block = encodeHeaders([...response, ["x-filler", "x".repeat(500)]]);
  const padded = (payload: Uint8Array): Buffer => Buffer.concat([Buffer.from([9]), payload, Buffer.alloc(9)]);
  const first = Buffer.concat([Buffer.alloc(5), block.subarray(0, 7)]);
  server.send(
    writeFrame(FrameType.HEADERS, Flag.PADDED | Flag.PRIORITY, 1, padded(first)),
    ...Array.from({ length: Math.ceil((block.length - 7) / 50) }, (_, i) => {
      const part = block.subarray(7 + i * 50, 7 + (i + 1) * 50);
      const last = 7 + (i + 1) * 50 >= block.length;
      return writeFrame(FrameType.CONTINUATION, last ? Flag.END_HEADERS : 0, 1, part);
    }),
    writeFrame(FrameType.DATA, Flag.PADDED, 1, padded(frameMessage(Buffer.from("padded")))),
    writeFrame(FrameType.DATA, 0, 1, empty),
    server.headers(1, ok, Flag.END_HEADERS | Flag.END_STREAM),
  );
  expect(text(await call)).toBe("padded");
});

test("takes answers cut at any place", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 30 }),
      async (cuts) => {
        const server = peer();
        const call = server.transport.unary("/s/M", empty);
        await server.until(isRequest);
        const bytes = Buffer.concat([
          writeFrame(FrameType.SETTINGS, 0, 0, settingsPayload([[Setting.MAX_FRAME_SIZE, 1 << 20]])),
          server.answer(1, Buffer.from("cut into pieces, anywhere")),
        ]);
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = cuts[i % cuts.length] ?? 1;
          server.input.write(bytes.subarray(at, at + size));
          at += size;
        }
        expect(text(await call)).toBe("cut into pieces, anywhere");
      },
    ),
    { numRuns: 50 },
  );
});

describe("flow control", () => {
  test("stops at the window of the stream and goes on with updates, to the last byte", async () => {
    const server = peer();
    server.settings([Setting.INITIAL_WINDOW_SIZE, 1000], [Setting.MAX_FRAME_SIZE, 16_384]);
    await turn();
    const call = server.transport.unary("/s/M", Buffer.alloc(4995));
    await server.until(isRequest);
    await turn();
    expect(server.sent(1)).toBe(1000);
    server.send(writeFrame(FrameType.WINDOW_UPDATE, 0, 1, uint32(3000)));
    await turn();
    expect(server.sent(1)).toBe(4000);
    // A smaller initial window takes back what was given: the stream's becomes negative.
    server.settings([Setting.INITIAL_WINDOW_SIZE, 100]);
    server.send(writeFrame(FrameType.WINDOW_UPDATE, 0, 1, uint32(900)));
    await turn();
    expect(server.sent(1)).toBe(4000);
    server.send(writeFrame(FrameType.WINDOW_UPDATE, 0, 1, uint32(1000)));
    await server.until((frame) => frame.type === FrameType.DATA && frame.flags === Flag.END_STREAM);
    expect(server.sent(1)).toBe(5000);
    server.send(server.answer(1, empty));
    await call;
  });

  test("streams share the window of the connection", async () => {
    const server = peer();
    server.settings([Setting.INITIAL_WINDOW_SIZE, 1 << 20]);
    await turn();
    const calls = [1, 2].map(() => server.transport.unary("/s/M", Buffer.alloc(60_000)));
    await turn();
    expect(server.sent(1) + server.sent(3)).toBe(65_535);
    expect(Math.min(server.sent(1), server.sent(3))).toBeGreaterThan(0);
    server.send(writeFrame(FrameType.WINDOW_UPDATE, 0, 0, uint32(1 << 20)));
    await turn();
    expect([server.sent(1), server.sent(3)]).toEqual([60_005, 60_005]);
    server.send(server.answer(1, empty), server.answer(3, empty));
    await Promise.all(calls);
  });

  test("gives a long stream of messages new window as they are taken", async () => {
    const server = peer();
    const call = server.transport.duplex("/s/M");
    await call.send(empty);
    const chunk = Buffer.alloc(1 << 20);
    server.send(server.headers(1, response));
    for (let i = 0; i < 8; i++) {
      server.send(writeFrame(FrameType.DATA, 0, 1, frameMessage(chunk.subarray(5))));
    }
    await turn();
    const updates = () =>
      server.frames.filter((frame) => frame.type === FrameType.WINDOW_UPDATE && frame.stream === 1);
    expect(updates()).toHaveLength(0);
    for (let i = 0; i < 8; i++) expect((await call.receive())?.length).toBe(chunk.length - 5);
    await turn();
    expect(updates().length).toBeGreaterThan(0);
    call.cancel();
  });

  test("no more streams than the server allows; the next one starts when one ends", async () => {
    const server = peer();
    server.settings([Setting.MAX_CONCURRENT_STREAMS, 2]);
    await turn();
    const calls = [1, 2, 3, 4].map(() => server.transport.unary("/s/M", empty));
    await turn();
    expect(server.frames.filter(isRequest).map((frame) => frame.stream)).toEqual([1, 3]);
    server.send(server.answer(3, Buffer.from("b")));
    await server.until((frame) => isRequest(frame) && frame.stream === 5);
    server.send(server.answer(1, Buffer.from("a")), server.answer(5, Buffer.from("c")));
    await server.until((frame) => isRequest(frame) && frame.stream === 7);
    server.send(server.answer(7, Buffer.from("d")));
    expect((await Promise.all(calls)).map(text)).toEqual(["a", "b", "c", "d"]);
  });

  test("a call that is cancelled while it waits for its turn never starts", async () => {
    const server = peer();
    server.settings([Setting.MAX_CONCURRENT_STREAMS, 1]);
    await turn();
    const first = server.transport.unary("/s/M", empty);
    const second = failureOf(server.transport.unary("/s/M", empty, { signal: AbortSignal.timeout(1) }));
    expect((await second)?.code).toBe(Code.Canceled);
    server.send(server.answer(1, Buffer.from("a")));
    expect(text(await first)).toBe("a");
    expect(server.frames.filter(isRequest)).toHaveLength(1);
  });
});

describe("ends", () => {
  test.each([
    ["CANCEL", Code.Canceled],
    ["REFUSED_STREAM", Code.Unavailable],
    ["ENHANCE_YOUR_CALM", Code.ResourceExhausted],
    ["INTERNAL_ERROR", Code.Internal],
    ["PROTOCOL_ERROR", Code.Internal],
  ] as const)("a reset with %s fails that call only", async (name, code) => {
    const server = peer();
    const call = failureOf(server.transport.unary("/s/M", empty));
    const other = server.transport.unary("/s/M", empty);
    await server.until((frame) => frame.stream === 3);
    server.send(
      writeFrame(FrameType.RST_STREAM, 0, 1, uint32(ERROR_CODES.indexOf(name))),
      server.answer(3, Buffer.from("fine")),
    );
    expect((await call)?.code).toBe(code);
    expect(text(await other)).toBe("fine");
  });

  test("late frames of a cancelled call are ignored, its headers keep the table right", async () => {
    const server = peer();
    const controller = new AbortController();
    const cancelled = failureOf(server.transport.unary("/s/M", empty, { signal: controller.signal }));
    await server.until(isRequest);
    controller.abort();
    await cancelled;
    const reset = await server.until((frame) => frame.type === FrameType.RST_STREAM);
    expect([reset.stream, reset.payload.readUInt32BE(0)]).toEqual([1, ERROR_CODES.indexOf("CANCEL")]);
    // The header block of the dead stream puts an entry into the table that the next block refers to.
    const indexed = Buffer.from([0x40, 3, ...Buffer.from("x-a"), 1, 0x62]);
    server.send(
      writeFrame(FrameType.HEADERS, Flag.END_HEADERS, 1, indexed),
      writeFrame(FrameType.DATA, 0, 1, Buffer.alloc(100)),
      writeFrame(FrameType.WINDOW_UPDATE, 0, 1, uint32(5)),
      writeFrame(FrameType.RST_STREAM, 0, 1, uint32(0)),
    );
    const call = server.transport.unary("/s/M", empty);
    await server.until((frame) => frame.stream === 3);
    server.send(
      writeFrame(
        FrameType.HEADERS,
        Flag.END_HEADERS,
        3,
        Buffer.concat([encodeHeaders(response), Buffer.from([0x80 | 62])]),
      ),
      writeFrame(FrameType.DATA, 0, 3, frameMessage(Buffer.from("still fine"))),
      server.headers(3, ok, Flag.END_HEADERS | Flag.END_STREAM),
    );
    expect(text(await call)).toBe("still fine");
  });

  test("an answer without gRPC status, a failed HTTP status, an answer without a message", async () => {
    const server = peer();
    const calls = [1, 2, 3].map(() => failureOf(server.transport.unary("/s/M", empty)));
    await server.until((frame) => frame.stream === 5);
    const both = Flag.END_HEADERS | Flag.END_STREAM;
    server.send(
      server.headers(1, [[":status", "200"]], both),
      server.headers(3, [[":status", "503"]], both),
      server.headers(5, [...response, ...ok], both),
    );
    expect((await Promise.all(calls)).map((error) => error?.code)).toEqual([
      Code.Unknown,
      Code.Unavailable,
      Code.Internal,
    ]);
  });

  test("an answer before the request was taken ends the sending of it", async () => {
    const server = peer();
    const call = failureOf(server.transport.unary("/s/M", Buffer.alloc(1 << 20)));
    await server.until(isRequest);
    server.send(
      server.headers(
        1,
        [...response, ["grpc-status", "8"], ["grpc-message", "too%20much%20%e2%82%ac %zz"]],
        Flag.END_HEADERS | Flag.END_STREAM,
      ),
    );
    expect(await call).toMatchObject({ code: Code.ResourceExhausted, message: "too much € %zz" });
    await server.until((frame) => frame.type === FrameType.RST_STREAM);
    server.send(writeFrame(FrameType.WINDOW_UPDATE, 0, 0, uint32(1 << 22)));
    await turn();
    expect(server.sent(1)).toBeLessThanOrEqual(65_535);
  });

  test("GOAWAY ends everything and says why", async () => {
    const server = peer();
    const call = failureOf(server.transport.unary("/s/M", empty));
    await server.until(isRequest);
    server.send(
      writeFrame(FrameType.GOAWAY, 0, 0, Buffer.concat([uint32(1), uint32(11), Buffer.from("calm down")])),
    );
    expect(await call).toMatchObject({
      code: Code.Unavailable,
      message: "BuildKit ended the session (ENHANCE_YOUR_CALM: calm down)",
    });
    expect((await failureOf(server.transport.unary("/s/M", empty)))?.code).toBe(Code.Unavailable);
  });

  const frames: readonly (readonly [string, Buffer])[] = [
    ["HTTP/1.1", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")],
    ["a frame larger than agreed", Buffer.from([0x7f, 0xff, 0xff, 0, 0, 0, 0, 0, 1])],
    ["a push promise", writeFrame(FrameType.PUSH_PROMISE, Flag.END_HEADERS, 1, Buffer.alloc(8))],
    ["a continuation of nothing", writeFrame(FrameType.CONTINUATION, Flag.END_HEADERS, 1, empty)],
    [
      "headers that are interrupted",
      Buffer.concat([
        writeFrame(FrameType.HEADERS, 0, 1, empty),
        writeFrame(FrameType.PING, 0, 0, Buffer.alloc(8)),
      ]),
    ],
    ["broken HPACK", writeFrame(FrameType.HEADERS, Flag.END_HEADERS, 1, Buffer.from([0xff, 0xff]))],
    ["padding longer than its frame", writeFrame(FrameType.DATA, Flag.PADDED, 1, Buffer.from([200, 1]))],
    ["a short window update", writeFrame(FrameType.WINDOW_UPDATE, 0, 0, empty)],
  ];
  test.each(frames)("%s is the end of the session, not of the process", async (_, bytes) => {
    const server = peer();
    const call = failureOf(server.transport.unary("/s/M", empty));
    await server.until(isRequest);
    server.send(bytes);
    const error = await call;
    expect(error?.code).toBe(Code.Unavailable);
    expect(error?.message).toMatch(/BuildKit sent what is not HTTP\/2: /);
    await server.transport.lost;
  });

  test("random bytes never do more than end the session", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 400 }), async (bytes) => {
        const server = peer();
        const call = failureOf(server.transport.unary("/s/M", empty));
        await server.until(isRequest);
        server.input.write(bytes);
        server.input.end();
        expect((await call)?.name).toBe("RpcError");
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ["compressed", Buffer.from([1, 0, 0, 0, 0]), Code.Internal],
    ["larger than 16 MiB", Buffer.from([0, 0x01, 0x00, 0x00, 0x01]), Code.ResourceExhausted],
  ])("a message that is %s fails its call", async (_, bytes, code) => {
    const server = peer();
    const call = failureOf(server.transport.unary("/s/ReadDir", empty));
    await server.until(isRequest);
    server.send(server.headers(1, response), writeFrame(FrameType.DATA, 0, 1, bytes));
    expect((await call)?.code).toBe(code);
  });
});
