// What is asked of a source, and what is answered.
import type { sourcepolicy } from "../proto/index.ts";
import type { Platform } from "../oci/index.ts";
import type { RequestOptions } from "./rpc.ts";

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

/** A checksum of a URL's content with `suffix` behind it. */
export interface ChecksumRequest {
  readonly algo: "sha256" | "sha384" | "sha512";
  readonly suffix?: Uint8Array | undefined;
}

/** What a source is right now; `image`, `git` or `http` is set where it is one. */
export interface SourceMeta {
  /** What to build from: a source policy may have pinned or replaced what was asked. */
  readonly source: { readonly identifier: string; readonly attrs: Readonly<Record<string, string>> };
  readonly image?: ImageMeta | undefined;
  readonly git?: GitMeta | undefined;
  readonly http?: HttpMeta | undefined;
}

/** What BuildKit says of an image. */
export interface ImageMeta {
  readonly digest: string;
  /** The image config's JSON; empty with `noConfig`. */
  readonly config: Uint8Array;
  readonly attestationChain?: AttestationChain | undefined;
}

/** Digests of the manifests that lead to an image's attestations, and the contents that were asked for. */
export interface AttestationChain {
  readonly root: string;
  readonly imageManifest: string;
  readonly attestationManifest: string;
  readonly signatureManifests: readonly string[];
  readonly blobs: ReadonlyMap<string, { readonly descriptor: Descriptor; readonly data: Uint8Array }>;
}

/** A blob as a manifest names it (opencontainers/image-spec:descriptor.md); the size is in bytes. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations: Readonly<Record<string, string>>;
}

/** What BuildKit says of a git repository at a ref. */
export interface GitMeta {
  readonly checksum: string;
  readonly ref: string;
  readonly commitChecksum: string;
  readonly commitObject: Uint8Array;
  readonly tagObject: Uint8Array;
}

/** What BuildKit says of a URL. */
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

/** An image with its configuration as JSON. */
export interface ImageConfig {
  /** The reference that was really used; a source policy may have changed it. */
  readonly ref: string;
  readonly digest: string;
  readonly config: Uint8Array;
}

/** How the identifiers of images begin. */
export const IMAGE_SCHEMES = ["docker-image://", "oci-layout://"] as const;
