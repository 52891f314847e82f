import { connect, createServer, type Socket } from "node:net";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** A running throttle. */
export interface Throttle {
  /** `localhost:PORT`, to be used in place of the target's. */
  readonly host: string;
  /** Bytes passed so far. */
  readonly passed: () => Readonly<{ toTarget: number; fromTarget: number }>;
  readonly close: () => Promise<void>;
}

/**
 * A token bucket: `take(n)` resolves when n more bytes may pass. All who take from it share its rate.
 *
 * @param bytesPerSecond how fast it fills
 * @param burst how many bytes it holds at most
 */
function tokenBucket(bytesPerSecond: number, burst: number): (bytes: number) => Promise<void> {
  let tokens = burst;
  let filled = performance.now();
  return async (bytes) => {
    const now = performance.now();
    tokens = Math.min(burst, tokens + ((now - filled) / 1000) * bytesPerSecond) - bytes;
    filled = now;
    // In debt: this taker waits until its own bytes are paid for, and the next one behind it.
    if (tokens < 0) await sleep((-tokens / bytesPerSecond) * 1000);
  };
}

/**
 * Starts a TCP proxy on the loopback address that passes at most `bitsPerSecond` each way, over all connections
 * together: a network between a builder and its registry, for benchmarks.
 *
 * @param options.target `localhost:PORT` of what is behind it
 */
export async function startThrottle(
  options: Readonly<{ target: string; bitsPerSecond: number; burstBytes?: number }>,
): Promise<Throttle> {
  const [host = "", port = ""] = options.target.split(":");
  const burst = options.burstBytes ?? 256 * 1024;
  const up = tokenBucket(options.bitsPerSecond / 8, burst);
  const down = tokenBucket(options.bitsPerSecond / 8, burst);
  let toTarget = 0;
  let fromTarget = 0;
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const target = connect({ host, port: Number(port), allowHalfOpen: true });
    for (const socket of [client, target]) {
      open.add(socket);
      socket.on("close", () => open.delete(socket));
    }
    const give = async (
      from: Socket,
      to: Socket,
      take: (bytes: number) => Promise<void>,
      count: (n: number) => void,
    ) =>
      pipeline(
        from,
        async function* (source: AsyncIterable<Buffer>) {
          for await (const chunk of source) {
            await take(chunk.length);
            count(chunk.length);
            yield chunk;
          }
        },
        to,
      );
    Promise.all([
      give(client, target, up, (n) => (toTarget += n)),
      give(target, client, down, (n) => (fromTarget += n)),
    ]).catch(() => {
      // One side broke off: so does the other, as on a real network.
      client.destroy();
      target.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.on("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const listening = address !== null && typeof address === "object" ? address.port : 0;
  return {
    host: `localhost:${listening}`,
    passed: () => ({ toTarget, fromTarget }),
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
