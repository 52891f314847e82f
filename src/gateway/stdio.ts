import { Socket } from "node:net";
import { createHttp2Transport, type ByteStreams } from "./http2-transport.ts";
import { Code, RpcError, type Transport } from "./transport.ts";

/** How to connect to BuildKit. */
export interface StdioOptions {
  /** What speaks gRPC on the two pipes. Default: our own HTTP/2 client. */
  readonly connect?: ((streams: ByteStreams) => Transport) | undefined;
}

/**
 * Connects to the BuildKit that started this process: HTTP/2 in clear text over stdin and stdout
 * (moby/buildkit:frontend/gateway/grpcclient/client.go, grpcClientConn).
 *
 * Call it as the first statement of the program. BuildKit waits 10 seconds for the first bytes,
 * counted from before the container exists, and a single foreign byte on stdout ends the build; so
 * from here on `process.stdout` and `console` write to stderr (the daemon's log).
 *
 * Throws when stdin or stdout is not a pipe or socket, which means that no BuildKit is there.
 */
export function openStdio({ connect = createHttp2Transport }: StdioOptions = {}): Transport {
  const streams = takeStdio();
  guardStdout();
  return connect(streams);
}

function takeStdio(): ByteStreams {
  try {
    return {
      // Not process.stdin and process.stdout: writes to a pipe through those are synchronous.
      input: new Socket({ fd: 0, readable: true, writable: false }),
      output: new Socket({ fd: 1, readable: false, writable: true }),
    };
  } catch (cause) {
    throw new RpcError(
      Code.Unavailable,
      "stdin and stdout are not BuildKit's pipes: this program is a BuildKit frontend and is started by `buildctl build` or `docker buildx build`",
      {
        cause,
      },
    );
  }
}

/** The global console looks `process.stdout` up when it is first used, so it follows. */
function guardStdout(): void {
  Object.defineProperty(process, "stdout", {
    configurable: true,
    enumerable: true,
    get: () => process.stderr,
  });
}
