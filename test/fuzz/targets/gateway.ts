import { PassThrough } from "node:stream";
import { frameMessage } from "../../../src/gateway/grpc-framing.ts";
import { createHttp2Transport } from "../../../src/gateway/http2-transport.ts";
import { Flag, FrameType, settingsPayload, uint32, writeFrame } from "../../../src/http2/frames.ts";
import { createHpackDecoder, encodeHeaders, type Header } from "../../../src/http2/hpack.ts";
import { GatewayError, RpcError } from "../../../src/gateway/index.ts";
import { binaryInputs } from "../inputs.ts";
import type { Target } from "../target.ts";

const response: readonly Header[] = [
  [":status", "200"],
  ["content-type", "application/grpc"],
];
const ended: readonly Header[] = [["grpc-status", "0"]];
const failed: readonly Header[] = [
  [":status", "200"],
  ["content-type", "application/grpc"],
  ["grpc-status", "2"],
  ["grpc-message", "failed: %e2%9c%97 %zz"],
  ["grpc-status-details-bin", Buffer.from("\x08\x02\x12\x02no\x1a\x06\x0a\x01x\x12\x01y").toString("base64")],
];

const headers = (list: readonly Header[], flags: number): Uint8Array =>
  writeFrame(FrameType.HEADERS, flags, 1, encodeHeaders(list));
const all = Flag.END_HEADERS | Flag.END_STREAM;

/** Frames of a server that answers the first call, and of one that does not. */
const frames: readonly Uint8Array[] = [
  writeFrame(
    FrameType.SETTINGS,
    0,
    0,
    settingsPayload([
      [3, 100],
      [4, 65_535],
    ]),
  ),
  writeFrame(
    FrameType.SETTINGS,
    0,
    0,
    settingsPayload([
      [4, 0x7fff_ffff],
      [5, 1],
    ]),
  ),
  writeFrame(FrameType.SETTINGS, Flag.ACK, 0, new Uint8Array()),
  headers(response, Flag.END_HEADERS),
  headers(response, 0),
  headers(failed, all),
  headers(ended, all),
  headers([["grpc-status", "99"]], all),
  headers([["grpc-message", "x"]], all),
  headers([[":status", "500"]], all),
  writeFrame(FrameType.CONTINUATION, Flag.END_HEADERS, 1, encodeHeaders(ended)),
  writeFrame(FrameType.DATA, 0, 1, frameMessage(Uint8Array.of(10, 1, 65))),
  writeFrame(FrameType.DATA, Flag.PADDED, 1, Uint8Array.of(2, 0, 0, 0)),
  writeFrame(FrameType.DATA, Flag.END_STREAM, 1, Uint8Array.of(1, 0, 0, 0, 1, 7)),
  writeFrame(FrameType.DATA, 0, 1, Uint8Array.of(0, 0xff, 0xff, 0xff, 0xff)),
  writeFrame(FrameType.DATA, 0, 3, new Uint8Array(10)),
  writeFrame(FrameType.RST_STREAM, 0, 1, uint32(8)),
  writeFrame(FrameType.RST_STREAM, 0, 1, Uint8Array.of(1)),
  writeFrame(FrameType.GOAWAY, 0, 0, Buffer.concat([uint32(0), uint32(11), Buffer.from("calm")])),
  writeFrame(FrameType.GOAWAY, 0, 0, new Uint8Array()),
  writeFrame(FrameType.PING, 0, 0, new Uint8Array(8)),
  writeFrame(FrameType.PING, 0, 0, new Uint8Array(3)),
  writeFrame(FrameType.WINDOW_UPDATE, 0, 1, uint32(0x7fff_ffff)),
  writeFrame(FrameType.WINDOW_UPDATE, 0, 0, uint32(0)),
  writeFrame(FrameType.PUSH_PROMISE, 0, 1, uint32(2)),
  writeFrame(FrameType.PRIORITY, 0, 1, new Uint8Array(5)),
  writeFrame(0xff, 0xff, 1, new Uint8Array(5)),
  Uint8Array.of(0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1),
  Uint8Array.of(0, 0, 1, 0),
];

const answered = new Uint8Array(Buffer.concat([frames[0]!, frames[2]!, frames[3]!, frames[11]!, frames[6]!]));

/** What a daemon answers to one call, cut anywhere and not what it must be: the call ends, with an error of ours. */
export const gateway: Target = {
  name: "gateway",
  isAsync: true,
  inputs: binaryInputs("gateway", frames, [
    answered,
    new Uint8Array(Buffer.concat([frames[0]!, frames[5]!])),
  ]),
  run: async (bytes) => {
    const input = new PassThrough();
    const output = new PassThrough({ highWaterMark: 1 << 20 });
    output.resume();
    const transport = createHttp2Transport({ input, output });
    const call = transport.unary("/moby.buildkit.v1.frontend.LLBBridge/Ping", Uint8Array.of(1, 2, 3)).then(
      () => undefined,
      (error: unknown) => error,
    );
    const cut = bytes.length === 0 ? 0 : (bytes[0] ?? 0) % bytes.length;
    for (const part of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
      if (!input.destroyed && part.length > 0) input.write(part);
    }
    input.end();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<unknown>((resolve) => {
      timer = setTimeout(() => resolve(new Error("the call does not end with the connection")), 900);
    });
    const error = await Promise.race([call, late]);
    clearTimeout(timer);
    transport.destroy();
    if (error === undefined || error instanceof RpcError || error instanceof GatewayError) return;
    throw error instanceof Error ? error : new Error("no error was thrown");
  },
};

const literals: readonly Uint8Array[] = [
  encodeHeaders(response),
  encodeHeaders(failed),
  Uint8Array.of(0x82),
  Uint8Array.of(0xbe),
  Uint8Array.of(0x3f, 0xe1, 0x1f),
  Uint8Array.of(0x20),
  Uint8Array.of(0x40, 1, 97, 1, 98),
  Uint8Array.of(0x7f, 0xff, 0xff, 0xff, 0x7f),
  Uint8Array.of(0x00, 0x84, 0xff, 0xff, 0xff, 0xff),
  Uint8Array.of(0x44, 0x8c, 0xf1, 0xe3, 0xc2, 0xe5, 0xf2, 0x3a, 0x6b, 0xa0, 0xab, 0x90, 0xf4, 0xff),
];

/** Header blocks: read, or refused in HPACK's words. */
export const hpack: Target = {
  name: "hpack",
  inputs: binaryInputs("hpack", literals, literals),
  run: (bytes) => {
    const decoder = createHpackDecoder();
    const half = bytes.length >> 1;
    try {
      decoder.decode(bytes.subarray(0, half));
      decoder.decode(bytes.subarray(half));
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith("HPACK "))) throw error;
    }
  },
};
