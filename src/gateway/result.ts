import { formatPlatformAll, type Platform } from "../oci/index.ts";
import type { Reference } from "./reference.ts";

/**
 * What a solve gave, and what a frontend returns: one reference, or one per platform, with metadata
 * and attestations. Go's client.Result (moby/buildkit:solver/result/result.go).
 */
export interface Result {
  /** The only reference. Absent together with `refs`: an empty filesystem. */
  readonly ref?: Reference | undefined;
  /** One reference per key, usually `formatPlatformAll(platform)`; undefined is an empty filesystem. */
  readonly refs?: ReadonlyMap<string, Reference | undefined> | undefined;
  readonly metadata: ReadonlyMap<string, Uint8Array>;
  /** By the key of the reference that they are about. */
  readonly attestations: ReadonlyMap<string, readonly Attestation[]>;
}

export interface Attestation {
  /** `in-toto`: `path` is one file with a predicate. `bundle`: a directory of whole statements. */
  readonly kind: "in-toto" | "bundle";
  readonly ref?: Reference | undefined;
  readonly path: string;
  readonly predicateType: string;
  readonly subjects?: readonly InTotoSubject[] | undefined;
  /** Such as `reason`: `sbom` (moby/buildkit:solver/result/attestation.go). */
  readonly metadata?: Readonly<Record<string, string | Uint8Array>> | undefined;
}

export interface InTotoSubject {
  /** `self` is the image or the files of the output. */
  readonly kind: "self" | "raw";
  readonly name?: string | undefined;
  readonly digest?: readonly string[] | undefined;
}

/** An image of one platform, as a frontend makes it. */
export interface PlatformResult {
  /** Normalized, as `normalizePlatform` gives it. */
  readonly platform: Platform;
  readonly ref: Reference | undefined;
  /** The OCI image config as an object or as JSON bytes; it must have `os` and `architecture`. */
  readonly config?: object | Uint8Array | undefined;
  /** The base image's config: keeps its layers and history as they are under SOURCE_DATE_EPOCH. */
  readonly baseConfig?: object | Uint8Array | undefined;
  readonly attestations?: readonly Attestation[] | undefined;
}

/** A result without any image data: an empty filesystem, a single reference, or only metadata. */
export function singleResult(
  ref?: Reference,
  metadata: Readonly<Record<string, string | Uint8Array>> = {},
): Result {
  return { ref, metadata: metadataMap(metadata), attestations: new Map() };
}

/**
 * The result of an image build. `multi` decides between a single image and an index; by default an
 * index is made for more than one platform. Writes `refs.platforms` and the image configs under the
 * keys that exporters look up (moby/buildkit:exporter/containerimage/exptypes/types.go).
 */
export function imageResult(
  platforms: readonly PlatformResult[],
  {
    multi = platforms.length !== 1,
    metadata = {},
  }: {
    readonly multi?: boolean | undefined;
    readonly metadata?: Readonly<Record<string, string | Uint8Array>> | undefined;
  } = {},
): Result {
  const [first, ...others] = platforms;
  if (first === undefined) throw new RangeError("an image result needs at least one platform");
  if (!multi && others.length > 0) throw new RangeError("several platforms need a multi-platform result");
  const entries = platforms.map((entry) => ({ ...entry, id: formatPlatformAll(entry.platform) }));
  const twice = entries.find((entry, i) => entries.findIndex((other) => other.id === entry.id) !== i);
  if (twice !== undefined) throw new RangeError(`platform ${twice.id} is there twice`);
  const all = new Map<string, Uint8Array>();
  all.set(
    "refs.platforms",
    jsonBytes({
      Platforms: entries.map(({ id, platform }) => ({ ID: id, Platform: ociPlatform(platform) })),
    }),
  );
  const attestations = new Map<string, readonly Attestation[]>();
  for (const { id, config, baseConfig, attestations: given } of entries) {
    const suffix = multi ? `/${id}` : "";
    if (config !== undefined) all.set(`containerimage.config${suffix}`, jsonBytes(config));
    if (baseConfig !== undefined) all.set(`containerimage.base.config${suffix}`, jsonBytes(baseConfig));
    if (given !== undefined && given.length > 0) attestations.set(id, given);
  }
  for (const [key, value] of metadataMap(metadata)) all.set(key, value);
  return {
    ...(multi ? { refs: new Map(entries.map(({ id, ref }) => [id, ref])) } : { ref: first.ref }),
    metadata: all,
    attestations,
  };
}

/** The only reference of a result; undefined when it is empty. Throws when there is one per platform. */
export function singleRef(result: Result): Reference | undefined {
  if (result.refs !== undefined && result.ref === undefined) {
    throw new RangeError("the result has a reference per platform");
  }
  return result.ref;
}

/** Go's FindRef: the reference of a key; a map of one has it under any key. */
export function findRef(result: Result, key: string): Reference | undefined {
  if (result.refs === undefined) return result.ref;
  if (result.refs.has(key)) return result.refs.get(key);
  return result.refs.size === 1 ? [...result.refs.values()][0] : undefined;
}

/** Every reference: of the result, and of its attestations. */
export function allRefs(result: Result): readonly Reference[] {
  return [
    result.ref,
    ...(result.refs?.values() ?? []),
    ...[...result.attestations.values()].flat().map((attestation) => attestation.ref),
  ].filter((ref) => ref !== undefined);
}

/** Metadata as bytes; text is UTF-8. */
export function metadataMap(
  metadata: Readonly<Record<string, string | Uint8Array>>,
): ReadonlyMap<string, Uint8Array> {
  return new Map(
    Object.entries(metadata).map(([key, value]) => [
      key,
      typeof value === "string" ? Buffer.from(value) : value,
    ]),
  );
}

const jsonBytes = (value: object): Uint8Array =>
  value instanceof Uint8Array ? value : Buffer.from(JSON.stringify(value));

function ociPlatform({ os, architecture, variant, osVersion, osFeatures }: Platform): object {
  return {
    architecture,
    os,
    ...(osVersion === undefined || osVersion === "" ? {} : { "os.version": osVersion }),
    ...(osFeatures === undefined || osFeatures.length === 0 ? {} : { "os.features": osFeatures }),
    ...(variant === undefined || variant === "" ? {} : { variant }),
  };
}
