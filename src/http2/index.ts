/** HTTP/2 over a pair of byte streams, for one peer. It knows no gRPC: a stream is header lists and bytes. */
export {
  connectHttp2,
  StreamReset,
  type Http2Connection,
  type Http2Stream,
  type StreamHandlers,
} from "./connection.ts";
export type { Header } from "./hpack.ts";
