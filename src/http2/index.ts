/** HTTP/2 over a pair of byte streams, for one peer. It knows no gRPC: a stream is header lists and bytes. */
export { connectHttp2, type Http2Connection } from "./connection.ts";
export type { Header } from "./hpack.ts";
export { StreamReset, type Http2Stream, type StreamHandlers } from "./stream.ts";
