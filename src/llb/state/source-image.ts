// Images, OCI layouts and single blobs (moby/buildkit:client/llb/source.go, resolver.go).
import { emptyConstraints, type HasConstraints } from "../graph/constraints.ts";
import {
  formatReference,
  type Parsed,
  parseReference,
  type Platform,
  type Reference,
  tagNameOnly,
} from "../../oci/index.ts";
import { checksumFault, finishSource, sourceDraft, type Fault } from "./source.ts";
import { setFileInfo, type FileInfo } from "./source-http.ts";
import type { State } from "./state.ts";

type ResolveMode = "default" | "pull" | "local";

/** What image options fill in. */
export interface ImageInfo extends HasConstraints {
  resolveMode: ResolveMode;
  recordType: string;
  layerLimit: number | undefined;
  checksum: string;
  resolveDigest: boolean;
}

/** An option of image. Constraint options are image options too. */
export type ImageOption = (info: ImageInfo) => void;

const setMode =
  (mode: ResolveMode): ImageOption =>
  (info) => {
    info.resolveMode = mode;
  };

export const resolveModeDefault = setMode("default");
/** Asks the registry even when the image is there. */
export const resolveModeForcePull = setMode("pull");
/** Takes the image that is there without asking the registry. */
export const resolveModePreferLocal = setMode("local");

/** Marks the image as one of BuildKit's own, in the history of the daemon. */
export const markImageInternal: ImageOption = (info) => {
  info.recordType = "internal";
};

/** Takes only the first layers of the image. */
export const withLayerLimit =
  (layers: number): ImageOption =>
  (info) => {
    info.layerLimit = layers;
  };

/** The digest that the image must have. */
export const withImageChecksum =
  (digest: string): ImageOption =>
  (info) => {
    info.checksum = digest;
  };

/** For resolveImage: pins the image to the digest that the resolver found. */
export const resolveDigest =
  (pin: boolean): ImageOption =>
  (info) => {
    info.resolveDigest = pin;
  };

function imageInfo(options: readonly ImageOption[]): ImageInfo {
  const info: ImageInfo = {
    constraints: emptyConstraints,
    resolveMode: "default",
    recordType: "",
    layerLimit: undefined,
    checksum: "",
    resolveDigest: false,
  };
  for (const option of options) option(info);
  return info;
}

/** An image of a registry: `alpine` is `docker.io/library/alpine:latest`. */
export function image(ref: string, ...options: readonly ImageOption[]): State {
  return imageState(ref, imageInfo(options));
}

function imageState(ref: string, info: ImageInfo): State {
  const parsed = parseReference(ref);
  const name = parsed.ok ? formatReference(tagNameOnly(parsed.value)) : ref;
  const draft = sourceDraft("source.image");
  if (info.resolveMode !== "default") {
    draft.set(
      "image.resolvemode",
      info.resolveMode,
      info.resolveMode === "pull" ? "source.image.resolvemode" : undefined,
    );
  }
  draft.set("image.recordtype", info.recordType);
  if (info.layerLimit !== undefined) {
    draft.set("image.layerlimit", String(info.layerLimit), "source.image.layerlimit");
  }
  draft.set("image.checksum", info.checksum, "source.image.checksum");
  return finishSource(`docker-image://${name}`, draft, info.constraints, imageFault(ref, parsed, info));
}

function imageFault(ref: string, parsed: Parsed<Reference>, info: ImageInfo): Fault {
  if (!parsed.ok) {
    return { option: "", message: `${JSON.stringify(ref)} is not an image reference: ${parsed.problem}` };
  }
  return layerFault("withLayerLimit", info.layerLimit) ?? checksumFault("withImageChecksum", info.checksum);
}

const layerFault = (option: string, limit: number | undefined): Fault =>
  limit === undefined || (Number.isSafeInteger(limit) && limit > 0)
    ? undefined
    : { option, message: `${limit} is not a number of layers` };

/** Finds the config of an image; a gateway's resolveImageConfig is one. */
export type ImageMetaResolver = (
  ref: string,
  options: { readonly platform: Platform | undefined; readonly resolveMode: ResolveMode },
) => Promise<{ readonly ref: string; readonly digest: string; readonly config: Uint8Array }>;

/**
 * An image with the env, working directory and platform of its config: Go's Image with
 * WithMetaResolver, but resolved before and not while marshalling.
 */
export async function resolveImage(
  ref: string,
  resolver: ImageMetaResolver,
  ...options: readonly ImageOption[]
): Promise<State> {
  const info = imageInfo(options);
  const parsed = parseReference(ref);
  if (!parsed.ok) return imageState(ref, info);
  const name = formatReference(tagNameOnly(parsed.value));
  const found = await resolver(name, { platform: info.constraints.platform, resolveMode: info.resolveMode });
  if (!info.resolveDigest || parsed.value.digest !== undefined) {
    return imageState(ref, info).withImageConfig(found.config);
  }
  const resolved = parseReference(found.ref);
  const pinned = resolved.ok
    ? formatReference(found.digest === "" ? resolved.value : { ...resolved.value, digest: found.digest })
    : found.ref;
  return imageState(pinned, info).withImageConfig(found.config);
}

// ------------------------------------------------------------------ OCI layouts

/** What OCI layout options fill in. */
export interface OCILayoutInfo extends HasConstraints {
  ociSessionID: string;
  ociStoreID: string;
  ociLayerLimit: number | undefined;
}

export type OCILayoutOption = (info: OCILayoutInfo) => void;

/** The session and the name of the store that holds the layout. */
export const ociStore =
  (sessionID: string, storeID: string): OCILayoutOption =>
  (info) => {
    info.ociSessionID = sessionID;
    info.ociStoreID = storeID;
  };

/** Takes only the first layers of the image. */
export const ociLayerLimit =
  (layers: number): OCILayoutOption =>
  (info) => {
    info.ociLayerLimit = layers;
  };

/** An image in an OCI layout of the client: `name@sha256:…`. */
export function ociLayout(ref: string, ...options: readonly OCILayoutOption[]): State {
  const info: OCILayoutInfo = {
    constraints: emptyConstraints,
    ociSessionID: "",
    ociStoreID: "",
    ociLayerLimit: undefined,
  };
  for (const option of options) option(info);
  const draft = sourceDraft("source.ocilayout");
  draft.set("oci.session", info.ociSessionID);
  draft.set("oci.store", info.ociStoreID);
  if (info.ociLayerLimit !== undefined) draft.set("oci.layerlimit", String(info.ociLayerLimit));
  return finishSource(
    `oci-layout://${ref}`,
    draft,
    info.constraints,
    layerFault("ociLayerLimit", info.ociLayerLimit),
  );
}

// ------------------------------------------------------------------ blobs

/** What blob options fill in. */
export interface ImageBlobInfo extends HasConstraints {
  file: FileInfo;
  blobSessionID: string;
  blobStoreID: string;
}

export type ImageBlobOption = (info: ImageBlobInfo) => void;

/** The session and the name of the store that holds the blob of ociLayoutBlob. */
export const imageBlobOCIStore =
  (sessionID: string, storeID: string): ImageBlobOption =>
  (info) => {
    info.blobSessionID = sessionID;
    info.blobStoreID = storeID;
  };

/** One blob of a registry, as a file: `name@sha256:…`, without a tag. */
export const imageBlob = (ref: string, ...options: readonly ImageBlobOption[]): State =>
  blob("docker-image+blob", ref, options);

/** One blob of an OCI layout, as a file: `name@sha256:…`, without a tag. */
export const ociLayoutBlob = (ref: string, ...options: readonly ImageBlobOption[]): State =>
  blob("oci-layout+blob", ref, options);

function blob(
  scheme: "docker-image+blob" | "oci-layout+blob",
  ref: string,
  options: readonly ImageBlobOption[],
): State {
  const info: ImageBlobInfo = {
    constraints: emptyConstraints,
    file: { filename: "", perm: 0, uid: 0, gid: 0 },
    blobSessionID: "",
    blobStoreID: "",
  };
  for (const option of options) option(info);
  const draft = sourceDraft("source.imageblob");
  const fault = setFileInfo(draft, info.file);
  if (scheme === "oci-layout+blob") {
    draft.set("oci.session", info.blobSessionID);
    draft.set("oci.store", info.blobStoreID);
  }
  const parsed = parseReference(ref);
  const wrong = (message: string): Fault => ({
    option: "",
    message: `${JSON.stringify(ref)} is not a blob: ${message}`,
  });
  if (!parsed.ok) {
    return finishSource(`${scheme}://invalid`, draft, info.constraints, wrong(parsed.problem));
  }
  const identifier = `${scheme}://${formatReference(parsed.value)}`;
  if (parsed.value.tag !== undefined) {
    return finishSource(identifier, draft, info.constraints, wrong("it has a tag"));
  }
  if (parsed.value.digest === undefined) {
    return finishSource(identifier, draft, info.constraints, wrong("it has no digest"));
  }
  return finishSource(identifier, draft, info.constraints, fault);
}
