/**
 * BuildKit's gateway for frontends written in TypeScript. This door loads no codec: the client and
 * the protobuf code behind it come with `createClient` and `runFrontend`, after `Ping` was sent.
 */
import type { ClientOptions, GatewayClient } from "./client.ts";
import type { Reference, Stat } from "./reference.ts";
import type { Transport } from "./transport.ts";

export { runFrontend, type BuildFunc, type RunOptions } from "./lifecycle.ts";
export { openStdio, type StdioOptions } from "./stdio.ts";
export { createHttp2Transport, type ByteStreams } from "./http2-transport.ts";
export {
  Code,
  CODE_NAMES,
  MAX_MESSAGE_SIZE,
  methodPath,
  requestTooLarge,
  RpcError,
  type CallOptions,
  type CodeName,
  type DuplexCall,
  type Transport,
} from "./transport.ts";
export {
  detailsOf,
  exitCodeOf,
  GatewayError,
  isCanceled,
  isConnectionLost,
  isGatewayError,
  isNotExist,
  sourceError,
  sourcesOf,
  stackDetail,
  vertexOf,
  type GatewayErrorOptions,
} from "./errors.ts";
export { decodeDetail, encodeDetail, type AnyMessage, type ErrorDetail, type SourceInfo } from "./details.ts";
export { createCaps, type Cap, type Caps, type Need } from "./caps.ts";
export {
  buildOptsFrom,
  type BuildkitVersion,
  type BuildOpts,
  type Environment,
  type WorkerInfo,
} from "./build-opts.ts";
export {
  formatPlatformAll,
  normalizePlatform,
  type Platform,
  type Position,
  type Range,
} from "../oci/index.ts";
export {
  allRefs,
  findRef,
  imageResult,
  singleRef,
  singleResult,
  type Attestation,
  type InTotoSubject,
  type PlatformResult,
  type Result,
} from "./result.ts";
export type { DefinitionInput, WireDefinition } from "./definition.ts";
export type { ClientOptions, GatewayClient, Pong, SolveRequest, WarnOptions } from "./client.ts";
export type { RequestOptions } from "./rpc.ts";
export type { ReadDirOptions, ReadFileOptions, Reference, Stat } from "./reference.ts";
export type {
  AttestationChain,
  ChecksumRequest,
  Descriptor,
  GitMeta,
  HttpMeta,
  ImageConfig,
  ImageConfigOptions,
  ImageMeta,
  SourceMeta,
  SourceMetaOptions,
  SourceOp,
} from "./source-meta.ts";
export type {
  Container,
  ContainerMount,
  MountOption,
  NewContainerRequest,
  SecretMount,
} from "./container.ts";
export type { ContainerProcess, OutputSink, StartRequest } from "./process.ts";

/**
 * The listing left by a metadata-only transfer of a local source; loads the codecs when called.
 *
 * @param most bytes that it may have; undefined where it has more
 */
export async function transferListing(
  reference: Reference,
  most: number,
): Promise<Iterable<Stat> | undefined> {
  const { readTransferListing, TRANSFER_LISTING } = await import("./transfer-listing.ts");
  const bytes = await reference.readFile(TRANSFER_LISTING, { length: most + 1 });
  return bytes.length > most ? undefined : readTransferListing(bytes);
}

/** Loads what `createClient` and `runFrontend` load later, and nothing else: to fill V8's compile cache. */
export async function preloadClient(): Promise<void> {
  await import("./client.ts");
}

/**
 * A client on an open transport. Sends `Ping` unless its answer is handed in. Rejects when BuildKit
 * does not answer within 15 seconds.
 */
export async function createClient(transport: Transport, options?: ClientOptions): Promise<GatewayClient> {
  const { createGatewayClient } = await import("./client.ts");
  return createGatewayClient(transport, options);
}
