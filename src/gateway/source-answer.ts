import { type gateway, toNumber } from "../proto/index.ts";
import type {
  AttestationChain,
  Descriptor,
  GitMeta,
  HttpMeta,
  ImageMeta,
  SourceMeta,
} from "./source-meta.ts";

/** The answer of ResolveSourceMeta in this room's words. */
export function sourceMetaOf(response: gateway.ResolveSourceMetaResponse.$Shape): SourceMeta {
  const { Image: image, Git: git, HTTP: http } = response;
  return {
    source: { identifier: response.Source?.identifier ?? "", attrs: response.Source?.attrs ?? {} },
    image: image ? imageMeta(image) : undefined,
    git: git ? gitMeta(git) : undefined,
    http: http ? httpMeta(http) : undefined,
  };
}

function imageMeta(image: gateway.ResolveSourceImageResponse.$Shape): ImageMeta {
  const { AttestationChain: chain } = image;
  return {
    digest: image.Digest ?? "",
    config: image.Config ?? new Uint8Array(0),
    attestationChain: chain ? attestationChain(chain) : undefined,
  };
}

function attestationChain(chain: gateway.AttestationChain.$Shape): AttestationChain {
  const blobs = Object.entries(chain.Blobs ?? {}).map(
    ([digest, { descriptor, data }]) =>
      [digest, { descriptor: descriptorOf(descriptor), data: data ?? new Uint8Array(0) }] as const,
  );
  return {
    root: chain.Root ?? "",
    imageManifest: chain.ImageManifest ?? "",
    attestationManifest: chain.AttestationManifest ?? "",
    signatureManifests: chain.SignatureManifests ?? [],
    blobs: new Map(blobs),
  };
}

function descriptorOf(descriptor: gateway.Descriptor.$Shape | null | undefined): Descriptor {
  return {
    mediaType: descriptor?.media_type ?? "",
    digest: descriptor?.digest ?? "",
    size: toNumber(descriptor?.size),
    annotations: descriptor?.annotations ?? {},
  };
}

function gitMeta(git: gateway.ResolveSourceGitResponse.$Shape): GitMeta {
  return {
    checksum: git.Checksum ?? "",
    ref: git.Ref ?? "",
    commitChecksum: git.CommitChecksum ?? "",
    commitObject: git.CommitObject ?? new Uint8Array(0),
    tagObject: git.TagObject ?? new Uint8Array(0),
  };
}

function httpMeta(http: gateway.ResolveSourceHTTPResponse.$Shape): HttpMeta {
  const { LastModified: modified, ChecksumResponse: checksum } = http;
  return {
    checksum: http.Checksum ?? "",
    filename: http.Filename ?? "",
    lastModified: modified
      ? new Date(toNumber(modified.seconds) * 1000 + (modified.nanos ?? 0) / 1e6)
      : undefined,
    checksumResponse: checksum
      ? { digest: checksum.Digest ?? "", suffix: checksum.Suffix ?? new Uint8Array(0) }
      : undefined,
  };
}
