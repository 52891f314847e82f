import { gateway, llbBridge, type sourcepolicy, toNumber } from "../proto/index.ts";
import type { Platform } from "../oci/index.ts";
import type { Caps } from "./caps.ts";
import { GatewayError } from "./errors.ts";
import { invoke, type RequestOptions } from "./rpc.ts";
import { Code, type Transport } from "./transport.ts";

/** A source op's identifier and attributes, such as `docker-image://docker.io/library/golang:1.26`. */
export interface SourceOp {
  readonly identifier: string;
  readonly attrs?: Readonly<Record<string, string>> | undefined;
}

/** Go's sourceresolver.Opt, flat. */
export interface SourceMetaOptions extends RequestOptions {
  /** The platform of an image. Default: the worker's. */
  readonly platform?: Platform | undefined;
  /** How much a local copy of the image counts. */
  readonly resolveMode?: "default" | "pull" | "local" | undefined;
  /** Name of the step in the progress output: `[internal] load metadata for …`. */
  readonly logName?: string | undefined;
  readonly image?:
    | {
        /** Leave the image config out; buildkitd then leaves the digest out as well. */
        readonly noConfig?: boolean | undefined;
        readonly attestationChain?: boolean | undefined;
        /** Predicate types to load; implies `attestationChain`. */
        readonly resolveAttestations?: readonly string[] | undefined;
      }
    | undefined;
  /** `returnObject` asks for the raw commit and tag objects. */
  readonly git?: { readonly returnObject?: boolean | undefined } | undefined;
  readonly http?: { readonly checksumRequest?: ChecksumRequest | undefined } | undefined;
  readonly sourcePolicies?: readonly sourcepolicy.Policy.$Properties[] | undefined;
}

export interface ChecksumRequest {
  readonly algo: "sha256" | "sha384" | "sha512";
  readonly suffix?: Uint8Array | undefined;
}

export interface SourceMeta {
  /** What to build from: a source policy may have pinned or replaced what was asked. */
  readonly source: { readonly identifier: string; readonly attrs: Readonly<Record<string, string>> };
  readonly image?: ImageMeta | undefined;
  readonly git?: GitMeta | undefined;
  readonly http?: HttpMeta | undefined;
}

export interface ImageMeta {
  readonly digest: string;
  /** The image config's JSON; empty with `noConfig`. */
  readonly config: Uint8Array;
  readonly attestationChain?: AttestationChain | undefined;
}

export interface AttestationChain {
  readonly root: string;
  readonly imageManifest: string;
  readonly attestationManifest: string;
  readonly signatureManifests: readonly string[];
  readonly blobs: ReadonlyMap<string, { readonly descriptor: Descriptor; readonly data: Uint8Array }>;
}

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface GitMeta {
  readonly checksum: string;
  readonly ref: string;
  readonly commitChecksum: string;
  readonly commitObject: Uint8Array;
  readonly tagObject: Uint8Array;
}

export interface HttpMeta {
  readonly checksum: string;
  readonly filename: string;
  readonly lastModified?: Date | undefined;
  readonly checksumResponse?: { readonly digest: string; readonly suffix: Uint8Array } | undefined;
}

/** Options of `resolveImageConfig`. With `store` the reference is looked up in an OCI layout. */
export interface ImageConfigOptions extends Omit<SourceMetaOptions, "image" | "git" | "http"> {
  readonly store?: { readonly sessionID: string; readonly storeID: string } | undefined;
}

export interface ImageConfig {
  /** The reference that was really used; a source policy may have changed it. */
  readonly ref: string;
  readonly digest: string;
  readonly config: Uint8Array;
}

const IMAGE_SCHEMES = ["docker-image://", "oci-layout://"] as const;

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
  return fromResponse(response);
}

/** Go's ResolveImageConfig: through ResolveSourceMeta where the server has it, with the resolve mode sent along. */
export async function resolveImageConfig(
  transport: Transport,
  caps: Caps,
  ref: string,
  options: ImageConfigOptions,
): Promise<ImageConfig> {
  const { store } = options;
  if (!caps.has("source.metaresolver")) return resolveConfigDirectly(transport, caps, ref, options);
  const source: SourceOp =
    store === undefined
      ? { identifier: `docker-image://${ref}` }
      : {
          identifier: `oci-layout://${ref}`,
          attrs: { "oci.session": store.sessionID, "oci.store": store.storeID },
        };
  const meta = await resolveSourceMeta(transport, caps, source, options);
  if (meta.image === undefined) {
    throw new GatewayError(
      `${ref} is not an image: a source policy turned it into ${meta.source.identifier}`,
      { code: Code.FailedPrecondition },
    );
  }
  const scheme = IMAGE_SCHEMES.find((prefix) => meta.source.identifier.startsWith(prefix)) ?? "";
  return {
    ref: meta.source.identifier.slice(scheme.length),
    digest: meta.image.digest,
    config: meta.image.config,
  };
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
  const { ref, digest, config } = await resolveConfigDirectly(
    transport,
    caps,
    source.identifier.slice(scheme.length),
    { ...options, store },
  );
  return { source: { identifier: scheme + ref, attrs }, image: { digest, config } };
}

async function resolveConfigDirectly(
  transport: Transport,
  caps: Caps,
  ref: string,
  options: ImageConfigOptions,
): Promise<ImageConfig> {
  caps.require([{ id: "resolveimage", feature: `resolving ${ref}` }]);
  const { store } = options;
  const response = await invoke(
    transport,
    llbBridge.ResolveImageConfig,
    {
      Ref: ref,
      ...(options.platform === undefined ? {} : { Platform: platformMessage(options.platform) }),
      ResolveMode: caps.has("resolveimage.resolvemode") ? (options.resolveMode ?? "") : "",
      LogName: options.logName ?? "",
      ...(store === undefined
        ? {}
        : { ResolverType: OCI_LAYOUT_RESOLVER, SessionID: store.sessionID, StoreID: store.storeID }),
      SourcePolicies: [...(options.sourcePolicies ?? [])],
    },
    options,
  );
  // Servers before v0.12 do not send the reference back.
  return { ref: response.Ref || ref, digest: response.Digest, config: response.Config };
}

/** moby/buildkit:client/llb/sourceresolver/types.go, ResolverTypeOCILayout */
const OCI_LAYOUT_RESOLVER = 1;

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

/** pb.Platform of an OCI platform. */
export function platformMessage({
  os,
  architecture,
  variant = "",
  osVersion = "",
  osFeatures = [],
}: Platform) {
  return {
    OS: os,
    Architecture: architecture,
    Variant: variant,
    OSVersion: osVersion,
    OSFeatures: [...osFeatures],
  };
}

function fromResponse(response: gateway.ResolveSourceMetaResponse.$Shape): SourceMeta {
  const { Image: image, Git: git, HTTP: http } = response;
  return {
    source: { identifier: response.Source?.identifier ?? "", attrs: response.Source?.attrs ?? {} },
    ...(image ? { image: imageMeta(image) } : {}),
    ...(git
      ? {
          git: {
            checksum: git.Checksum ?? "",
            ref: git.Ref ?? "",
            commitChecksum: git.CommitChecksum ?? "",
            commitObject: git.CommitObject ?? new Uint8Array(0),
            tagObject: git.TagObject ?? new Uint8Array(0),
          },
        }
      : {}),
    ...(http ? { http: httpMeta(http) } : {}),
  };
}

function imageMeta(image: gateway.ResolveSourceImageResponse.$Shape): ImageMeta {
  const chain = image.AttestationChain;
  return {
    digest: image.Digest ?? "",
    config: image.Config ?? new Uint8Array(0),
    ...(chain
      ? {
          attestationChain: {
            root: chain.Root ?? "",
            imageManifest: chain.ImageManifest ?? "",
            attestationManifest: chain.AttestationManifest ?? "",
            signatureManifests: chain.SignatureManifests ?? [],
            blobs: new Map(
              Object.entries(chain.Blobs ?? {}).map(([digest, { descriptor, data }]) => [
                digest,
                {
                  descriptor: {
                    mediaType: descriptor?.media_type ?? "",
                    digest: descriptor?.digest ?? "",
                    size: toNumber(descriptor?.size),
                    annotations: descriptor?.annotations ?? {},
                  },
                  data: data ?? new Uint8Array(0),
                },
              ]),
            ),
          },
        }
      : {}),
  };
}

function httpMeta(http: gateway.ResolveSourceHTTPResponse.$Shape): HttpMeta {
  const { LastModified: modified, ChecksumResponse: checksum } = http;
  return {
    checksum: http.Checksum ?? "",
    filename: http.Filename ?? "",
    ...(modified
      ? { lastModified: new Date(toNumber(modified.seconds) * 1000 + (modified.nanos ?? 0) / 1e6) }
      : {}),
    ...(checksum
      ? { checksumResponse: { digest: checksum.Digest ?? "", suffix: checksum.Suffix ?? new Uint8Array(0) } }
      : {}),
  };
}
