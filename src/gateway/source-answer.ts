import { type gateway, toNumber } from "../proto/index.ts";
import type { HttpMeta, ImageMeta, SourceMeta } from "./source-meta.ts";

/** The answer of ResolveSourceMeta in this room's words. */
export function sourceMetaOf(response: gateway.ResolveSourceMetaResponse.$Shape): SourceMeta {
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
