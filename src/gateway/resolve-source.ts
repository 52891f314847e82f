import { gateway, llbBridge } from "../proto/index.ts";
import type { Caps } from "./caps.ts";
import { GatewayError } from "./errors.ts";
import { askForConfig } from "./image-config-call.ts";
import { platformMessage } from "./platform-message.ts";
import { invoke } from "./rpc.ts";
import { sourceMetaOf } from "./source-answer.ts";
import {
  type ChecksumRequest,
  IMAGE_SCHEMES,
  type SourceMeta,
  type SourceMetaOptions,
  type SourceOp,
} from "./source-meta.ts";
import { Code, type Transport } from "./transport.ts";

/**
 * Asks what a source is right now: Go's ResolveSourceMetadata. A server without it is asked for the
 * image config; other sources then come back as they were asked.
 */
export async function resolveSourceMeta(
  transport: Transport,
  caps: Caps,
  source: SourceOp,
  options: SourceMetaOptions,
): Promise<SourceMeta> {
  const attestations =
    options.image?.attestationChain === true || (options.image?.resolveAttestations?.length ?? 0) > 0;
  const checksum = options.http?.checksumRequest;
  const needs = [
    ...(attestations
      ? [{ id: "source.metaresolver.image.attestations", feature: "resolving an image's attestations" }]
      : []),
    ...(checksum === undefined
      ? []
      : [{ id: "source.metaresolver.http.checksumrequest", feature: "a checksum of another algorithm" }]),
  ];
  caps.require(needs);
  if (!caps.has("source.metaresolver")) return withoutResolver(transport, caps, source, options);
  const response = await invoke(
    transport,
    llbBridge.ResolveSourceMeta,
    {
      Source: { identifier: source.identifier, attrs: { ...source.attrs } },
      ...(options.platform === undefined ? {} : { Platform: platformMessage(options.platform) }),
      LogName: options.logName ?? "",
      ResolveMode: options.resolveMode ?? "",
      Image: {
        NoConfig: options.image?.noConfig ?? false,
        AttestationChain: attestations,
        ResolveAttestations: [...(options.image?.resolveAttestations ?? [])],
      },
      ...(options.git === undefined ? {} : { Git: { ReturnObject: options.git.returnObject ?? false } }),
      ...(checksum === undefined
        ? {}
        : {
            HTTP: {
              ChecksumRequest: {
                Algo: checksumAlgo(checksum.algo),
                Suffix: checksum.suffix ?? new Uint8Array(0),
              },
            },
          }),
      SourcePolicies: [...(options.sourcePolicies ?? [])],
    },
    options,
  );
  if (checksum !== undefined && !response.HTTP?.ChecksumResponse) {
    throw new GatewayError("a checksum was asked for, but the answer has none", { code: Code.Internal });
  }
  return sourceMetaOf(response);
}

async function withoutResolver(
  transport: Transport,
  caps: Caps,
  source: SourceOp,
  options: SourceMetaOptions,
): Promise<SourceMeta> {
  const attrs = source.attrs ?? {};
  const scheme = IMAGE_SCHEMES.find((prefix) => source.identifier.startsWith(prefix));
  if (scheme === undefined) return { source: { identifier: source.identifier, attrs } };
  const store =
    scheme === "oci-layout://"
      ? { sessionID: attrs["oci.session"] ?? "", storeID: attrs["oci.store"] ?? "" }
      : undefined;
  const { ref, digest, config } = await askForConfig(
    transport,
    caps,
    source.identifier.slice(scheme.length),
    { ...options, store },
  );
  return { source: { identifier: scheme + ref, attrs }, image: { digest, config } };
}

function checksumAlgo(algo: ChecksumRequest["algo"]): gateway.ChecksumRequest.ChecksumAlgo {
  const { ChecksumAlgo } = gateway.ChecksumRequest;
  switch (algo) {
    case "sha256":
      return ChecksumAlgo.CHECKSUM_ALGO_SHA256;
    case "sha384":
      return ChecksumAlgo.CHECKSUM_ALGO_SHA384;
    case "sha512":
      return ChecksumAlgo.CHECKSUM_ALGO_SHA512;
  }
}
