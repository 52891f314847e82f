// Measures one transport from inside a frontend process: start-up is seen by the server, the
// latencies of calls are returned as metadata. Run by test/support/gateway-measure.ts.
import { Duplex } from "node:stream";
import { frameMessage, createMessageReader } from "../../../src/gateway/grpc-framing.ts";
import {
  openStdio,
  runFrontend,
  singleResult,
  type ByteStreams,
  type Transport,
} from "../../../src/gateway/index.ts";
import { methodPath } from "../../../src/gateway/transport.ts";

/** Loaded only where it is measured. */
const grpcJsTransport = async (): Promise<(streams: ByteStreams) => Transport> =>
  (await import("../../../src/grpc-js/index.ts")).createGrpcJsTransport;

/** What a client on node:http2 looks like: enough of it to be measured, no errors. */
async function nodeHttp2Transport(): Promise<(streams: ByteStreams) => Transport> {
  const http2 = await import("node:http2");
  return ({ input, output }) => {
    const socket = new Duplex({
      read: () => void input.resume(),
      write: (chunk, _, done) => void output.write(chunk, done),
    });
    input.on("data", (chunk) => socket.push(chunk) || input.pause());
    const session = http2.connect("http://localhost", {
      createConnection: () => socket,
      maxSessionMemory: 1000,
      settings: { initialWindowSize: 17 << 20, maxFrameSize: 1 << 20 },
    });
    session.on("connect", () => session.setLocalWindowSize(64 << 20));
    return {
      lost: new Promise(() => undefined),
      destroy: () => session.destroy(),
      duplex: () => {
        throw new Error("not measured");
      },
      unary: (path, request) =>
        new Promise((resolve, reject) => {
          const stream = session.request({
            ":method": "POST",
            ":path": path,
            te: "trailers",
            "content-type": "application/grpc",
          });
          let message: Uint8Array = new Uint8Array(0);
          const read = createMessageReader(path, (bytes) => (message = bytes));
          stream.on("data", read);
          stream.on("error", reject);
          stream.on("close", () => resolve(message));
          stream.end(frameMessage(request));
        }),
    };
  };
}

const kind = process.argv[2] ?? "own";
const calls = Number(process.argv[3] ?? 0);
const transport =
  kind === "own"
    ? openStdio()
    : openStdio({ connect: await (kind === "grpc-js" ? grpcJsTransport() : nodeHttp2Transport()) });

await runFrontend(
  async (client) => {
    const figures: Record<string, string> = {};
    const time = async (name: string, count: number, call: () => Promise<unknown>): Promise<void> => {
      const times: number[] = [];
      for (let i = 0; i < count; i++) {
        const begin = process.hrtime.bigint();
        await call();
        times.push(Number(process.hrtime.bigint() - begin) / 1000);
      }
      times.sort((a, b) => a - b);
      figures[name] = JSON.stringify({ median: times[count >> 1], min: times[0] });
    };
    if (calls > 0) {
      const empty = new Uint8Array(0);
      const { gateway } = await import("../../../src/proto/index.ts");
      const read = (size: number) =>
        gateway.ReadFileRequest.encode({ FilePath: `/.harness/bytes/${size}` }).finish();
      const ping = () => transport.unary(methodPath("Ping"), empty);
      const small = read(4096);
      const large = read(16_000_000);
      const upload = gateway.WarnRequest.encode({ detail: [new Uint8Array(16_000_000)] }).finish();
      for (let i = 0; i < 300; i++) await ping();
      await time("ping", calls, ping);
      await time("read4k", calls, () => transport.unary(methodPath("ReadFile"), small));
      await time("parallel100x4k", Math.ceil(calls / 40), () =>
        Promise.all(Array.from({ length: 100 }, () => transport.unary(methodPath("ReadFile"), small))),
      );
      await time("down16MB", 12, () => transport.unary(methodPath("ReadFile"), large));
      await time("up16MB", 12, () => transport.unary(methodPath("Warn"), upload));
    }
    void client;
    return singleResult(undefined, figures);
  },
  { transport },
);
