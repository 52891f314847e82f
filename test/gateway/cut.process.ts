// A connection that breaks at any byte of what BuildKit sends: the frontend ends, at once and with words of its own.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { main } from "../../src/frontend/main.ts";
import { createGatewayClient } from "../../src/gateway/client.ts";
import { type ByteStreams, createHttp2Transport } from "../../src/gateway/http2-transport.ts";
import { bundleScript } from "../support/bundle.ts";
import { runFrontendScript, serveHarness } from "../support/gateway-harness.ts";
import { byFrame, type Conversation, frameStarts, playedBack, recording } from "../support/replay.ts";

const service = join(import.meta.dirname, "..", "..", "examples", "hello");
const env = {
  BUILDKIT_FRONTEND_OPT_0: "filename=service.yaml",
  BUILDKIT_SESSION_ID: "session",
  BUILDKIT_WORKERS: "[]",
};
/** Every byte takes minutes: without this the first and last ones of each frame, and some between. */
const whole = process.env["FAULTS"] === "whole";

const directory = mkdtempSync(join(tmpdir(), "gateway-cut-"));
const script = join(directory, "frontend.mjs");
let conversation: Conversation;

/** A build from its first to its last word. */
async function converse(streams: ByteStreams): Promise<void> {
  const client = await createGatewayClient(createHttp2Transport(streams), { env });
  await client.return(await main(client));
}

beforeAll(async () => {
  await using harness = await serveHarness("-dir", service);
  const { streams, conversation: recorded } = recording(harness.streams);
  await converse(streams);
  conversation = recorded();
  await bundleScript(join(import.meta.dirname, "..", "..", "src", "frontend", "entry.ts"), script);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("the conversation that was recorded can be played back to its end", async () => {
  expect(frameStarts(conversation).length).toBeGreaterThan(30);
  await converse(playedBack(conversation, Infinity).streams);
});

test("cut after any byte every call ends, and none of them well", { timeout: 1_800_000 }, async () => {
  const cuts = new Set<number>();
  const starts = frameStarts(conversation);
  for (const [index, start] of starts.entries()) {
    const end = starts[index + 1] ?? start;
    for (let at = start; at < end; at += 1) {
      if (whole || at - start < 12 || end - at < 3 || (at - start) % 499 === 0) cuts.add(at);
    }
  }
  for (const at of cuts) {
    const { streams, broken } = playedBack(conversation, at);
    const ended = converse(streams).then(
      () => "a result",
      (error: unknown) => (error instanceof Error ? error.message : `no error: ${String(error)}`),
    );
    await broken;
    const late = Promise.withResolvers<string>();
    const timer = setTimeout(() => late.resolve("nothing for two seconds"), 2_000);
    expect(await Promise.race([ended, late.promise]), `cut after byte ${at}`).toMatch(
      /^BuildKit closed the connection/,
    );
    clearTimeout(timer);
  }
  console.log(`${cuts.size} of ${conversation.length} bytes`);
});

describe("a daemon that sends what it must not", () => {
  const frame = (type: number, flags: number, stream: number, payload: Buffer): Buffer => {
    const head = Buffer.alloc(9);
    head.writeUIntBE(payload.length, 0, 3);
    head.writeUInt8(type, 3);
    head.writeUInt8(flags, 4);
    head.writeUInt32BE(stream, 5);
    return Buffer.concat([head, payload]);
  };
  const edited = (bytes: Buffer, edit: (copy: Buffer) => void): Buffer => {
    const copy = Buffer.from(bytes);
    edit(copy);
    return copy;
  };
  const streamOf = (bytes: Buffer): number => bytes.readUInt32BE(5);
  const payloadOf = (bytes: Buffer): Buffer => bytes.subarray(9);

  test.each<[string, (bytes: Buffer) => readonly Buffer[]]>([
    ["leaves one out", () => []],
    ["sends one twice", (bytes) => [bytes, bytes]],
    ["sends zeros in place of what is in one", (bytes) => [edited(bytes, (copy) => copy.fill(0, 9))]],
    ["sends ones in place of what is in one", (bytes) => [edited(bytes, (copy) => copy.fill(0xff, 9))]],
    [
      "says that one is longer",
      (bytes) => [edited(bytes, (copy) => copy.writeUIntBE(copy.length + 9, 0, 3))],
    ],
    ["says that one has 16 MB", (bytes) => [edited(bytes, (copy) => copy.writeUIntBE(0xffffff, 0, 3))]],
    [
      "says that one is shorter",
      (bytes) => [edited(bytes, (copy) => copy.writeUIntBE(Math.max(0, copy.length - 13), 0, 3))],
    ],
    [
      "sends one on another stream",
      (bytes) => [edited(bytes, (copy) => copy.writeUInt32BE(streamOf(copy) + 2, 5))],
    ],
    ["sends one on a stream of its own", (bytes) => [edited(bytes, (copy) => copy.writeUInt32BE(2, 5))]],
    [
      "ends the stream with one",
      (bytes) => [edited(bytes, (copy) => copy.writeUInt8(copy.readUInt8(4) | 1, 4))],
    ],
    [
      "pads one with more than it holds",
      (bytes) => [edited(bytes, (copy) => copy.writeUInt8(copy.readUInt8(4) | 8, 4))],
    ],
    [
      "says that headers go on, and goes on with others",
      (bytes) => [edited(bytes, (copy) => copy.writeUInt8(copy.readUInt8(4) & ~4, 4))],
    ],
    ["resets the stream first", (bytes) => [frame(3, 0, streamOf(bytes), Buffer.from([0, 0, 0, 2])), bytes]],
    ["sends a reset without a reason", (bytes) => [frame(3, 0, streamOf(bytes), Buffer.alloc(0)), bytes]],
    ["sends settings of one byte", (bytes) => [frame(4, 0, 0, Buffer.alloc(1)), bytes]],
    ["allows no stream any more", (bytes) => [frame(4, 0, 0, Buffer.from([0, 3, 0, 0, 0, 0])), bytes]],
    [
      "takes its windows back",
      (bytes) => [frame(4, 0, 0, Buffer.from([0, 4, 0xff, 0xff, 0xff, 0xff])), bytes],
    ],
    [
      "opens a window of nothing",
      (bytes) => [frame(8, 0, 0, Buffer.alloc(4)), frame(8, 0, 0, Buffer.alloc(1)), bytes],
    ],
    ["promises a push", (bytes) => [frame(5, 4, streamOf(bytes), Buffer.from([0, 0, 0, 4])), bytes]],
    ["says goodbye in a word", (bytes) => [frame(7, 0, 0, Buffer.from("bye")), bytes]],
    ["says goodbye", (bytes) => [frame(7, 0, 0, Buffer.from([0, 0, 0, 0, 0, 0, 0, 11])), bytes]],
    ["sends a ping of one byte", (bytes) => [frame(6, 0, 0, Buffer.alloc(1)), bytes]],
    ["sends an unknown frame", (bytes) => [frame(0x7b, 0xff, 1, Buffer.from("?")), bytes]],
    ["speaks HTTP/1.1", () => [Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")]],
    ["prints a line", (bytes) => [Buffer.from("panic: runtime error\n"), bytes]],
    ["compresses a message", (bytes) => [edited(bytes, (copy) => copy.length > 9 && copy.writeUInt8(1, 9))]],
    [
      "sends a message of 4 GB",
      (bytes) => [edited(bytes, (copy) => copy.length > 13 && copy.writeUInt32BE(0xffff_ffff, 10))],
    ],
    [
      "sends half a payload",
      (bytes) => {
        const half = payloadOf(bytes).subarray(0, payloadOf(bytes).length / 2);
        return [frame(bytes.readUInt8(3), bytes.readUInt8(4), streamOf(bytes), half)];
      },
    ],
  ])("%s", { timeout: 300_000 }, async (_, change) => {
    const frames = byFrame(conversation);
    for (const [index, piece] of frames.pieces.entries()) {
      if (!whole && index > 4 && index % 9 !== 0) continue;
      const pieces = [
        ...frames.pieces.slice(0, index),
        ...change(piece.bytes).map((bytes) => ({ after: piece.after, bytes })),
        ...frames.pieces.slice(index + 1),
      ];
      const { streams, broken } = playedBack({ pieces, length: 0 }, Infinity);
      const ended = converse(streams).then(
        () => "a result",
        (error: unknown) =>
          error instanceof Error ? (error.stack ?? error.message) : `no error: ${String(error)}`,
      );
      await Promise.race([broken, ended]);
      const late = Promise.withResolvers<string>();
      const timer = setTimeout(() => late.resolve("nothing for two seconds"), 2_000);
      const outcome = await Promise.race([ended, late.promise]);
      clearTimeout(timer);
      expect(outcome, `frame ${index}`).not.toMatch(
        /^nothing for|^no error|TypeError|RangeError|is not a function|undefined/,
      );
    }
  });
});

test(
  "the process ends within two seconds, with one line for the daemon's log",
  { timeout: 300_000 },
  async () => {
    // A server that runs may send a frame less than the recorded one: window updates depend on timing.
    const starts = frameStarts(conversation).filter((at) => at < conversation.length * 0.9);
    const cuts = [
      0,
      1,
      8,
      9,
      10,
      100,
      ...starts.filter((_, index) => index % 12 === 1).flatMap((at) => [at - 1, at, at + 5]),
    ];
    for (const at of cuts) {
      const { exit, events, stderr } = await runFrontendScript(script, [], {
        flags: ["-dir", service, "-cut-at", String(at)],
        env: { ...env, NODE_COMPILE_CACHE: join(directory, "cache") },
      });
      const cut = events.find(({ event }) => event === "cut");
      expect(exit.ms - (cut?.ms ?? 0), `cut after byte ${at}`).toBeLessThan(2_000);
      // The server written in Go has a log too.
      const said = stderr.split("\n").filter((line) => line !== "" && !/^\d{4}\/\d\d\/\d\d /.test(line));
      expect([exit.exitCode, exit.signal, said], `cut after byte ${at}`).toEqual([
        1,
        undefined,
        [expect.stringMatching(/^frontend: (?:BuildKit is gone|cannot start): /)],
      ]);
    }
  },
);
