// A marshalled graph (moby/buildkit:client/llb/marshal.go, Definition).
import type { Range } from "../../oci/index.ts";
import { encodeCanonical, pb, toBigInt, toInt64 } from "../../proto/index.ts";
import type { LinuxResources, OpMetadata } from "../graph/constraints.ts";
import { LlbError } from "../names/errors.ts";

/** Where ops come from. */
export interface Source {
  readonly infos: readonly SourceInfo[];
  /** By op digest; empty for ops that come from nowhere in particular. */
  readonly locations: ReadonlyMap<string, readonly Location[]>;
}

export interface SourceInfo {
  readonly filename: string;
  readonly language: string;
  readonly data: Uint8Array;
  /** The graph the file was loaded with. */
  readonly definition: Definition | undefined;
}

export interface Location {
  readonly sourceIndex: number;
  readonly ranges: readonly Range[];
}

/** An immutable marshalled graph; without ops it is scratch. */
export class Definition {
  /** The encoded ops, inputs before users, the terminal op last. */
  readonly def: readonly Uint8Array[];
  /** By op digest, in the order of `def`. */
  readonly metadata: ReadonlyMap<string, OpMetadata>;
  readonly source: Source | undefined;
  #head: string | undefined;

  constructor(
    def: readonly Uint8Array[],
    metadata: ReadonlyMap<string, OpMetadata>,
    source: Source | undefined,
  ) {
    this.def = def;
    this.metadata = metadata;
    this.source = source;
  }

  /** The digest of the op that the terminal op points at; "" for scratch. */
  get head(): string {
    const last = this.def.at(-1);
    this.#head ??= last === undefined ? "" : (pb.Op.decode(last).inputs?.[0]?.digest ?? "");
    return this.#head;
  }

  /** The message for a SolveRequest. */
  toPB(): pb.Definition.$Properties {
    return {
      def: [...this.def],
      metadata: Object.fromEntries(mapValues(this.metadata, metadataToPB)),
      ...(this.source === undefined
        ? {}
        : {
            Source: {
              locations: Object.fromEntries(mapValues(this.source.locations, locationsToPB)),
              infos: this.source.infos.map(infoToPB),
            },
          }),
    };
  }

  /** The bytes that `buildctl build` reads from stdin; Go's WriteTo. */
  toBytes(): Uint8Array<ArrayBuffer> {
    // As toPB, but with maps: an object with a property for each of many thousand ops is slow.
    return encodeCanonical("pb.Definition", {
      def: this.def,
      metadata: mapValues(this.metadata, metadataToPB),
      Source:
        this.source === undefined
          ? undefined
          : {
              locations: mapValues(this.source.locations, locationsToPB),
              infos: this.source.infos.map(infoToPB),
            },
    });
  }
}

const mapValues = <T, U>(map: ReadonlyMap<string, T>, change: (value: T) => U): Map<string, U> =>
  new Map([...map].map(([key, value]) => [key, change(value)]));

/**
 * Reads what Definition.toBytes or Go's WriteTo wrote; ops keep their bytes.
 *
 * @throws LlbError when the bytes are no definition.
 */
export function definitionFromBytes(bytes: Uint8Array): Definition {
  try {
    return definitionFromPB(pb.Definition.decode(bytes));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LlbError("definition", "", `the bytes are no definition: ${reason}`);
  }
}

/** Takes over a received message; ops keep their bytes. */
export function definitionFromPB(message: pb.Definition.$Properties): Definition {
  const metadata = Object.entries(message.metadata ?? {}).map(
    ([digest, value]) => [digest, metadataFromPB(value)] as const,
  );
  const source = message.Source;
  return new Definition(
    message.def ?? [],
    new Map(metadata),
    source === undefined || source === null ? undefined : sourceFromPB(source),
  );
}

function metadataToPB(metadata: OpMetadata): pb.OpMetadata.$Properties {
  const { progressGroup, linuxResources } = metadata;
  return {
    ignore_cache: metadata.ignoreCache,
    description: Object.fromEntries(metadata.description),
    ...(metadata.exportCache === undefined ? {} : { export_cache: { Value: metadata.exportCache } }),
    caps: Object.fromEntries([...metadata.caps].map((cap) => [cap, true])),
    ...(progressGroup === undefined ? {} : { progress_group: { ...progressGroup } }),
    ...(linuxResources === undefined ? {} : { linux_resources: resourcesToPB(linuxResources) }),
  };
}

function resourcesToPB(resources: LinuxResources): pb.LinuxResources.$Properties {
  return {
    memory: toInt64(resources.memory),
    memorySwap: toInt64(resources.memorySwap),
    cpuShares: toInt64(resources.cpuShares),
    cpuPeriod: toInt64(resources.cpuPeriod),
    cpuQuota: toInt64(resources.cpuQuota),
    cpusetCpus: resources.cpusetCpus ?? "",
    cpusetMems: resources.cpusetMems ?? "",
  };
}

function metadataFromPB(message: pb.OpMetadata.$Properties): OpMetadata {
  const group = message.progress_group;
  const limits = message.linux_resources;
  return {
    ignoreCache: message.ignore_cache ?? false,
    description: new Map(Object.entries(message.description ?? {})),
    exportCache:
      message.export_cache === undefined || message.export_cache === null
        ? undefined
        : (message.export_cache.Value ?? false),
    caps: new Set(Object.keys(message.caps ?? {})),
    progressGroup:
      group === undefined || group === null
        ? undefined
        : { id: group.id ?? "", name: group.name ?? "", weak: group.weak ?? false },
    linuxResources:
      limits === undefined || limits === null
        ? undefined
        : {
            memory: toBigInt(limits.memory),
            memorySwap: toBigInt(limits.memorySwap),
            cpuShares: toBigInt(limits.cpuShares),
            cpuPeriod: toBigInt(limits.cpuPeriod),
            cpuQuota: toBigInt(limits.cpuQuota),
            cpusetCpus: limits.cpusetCpus ?? "",
            cpusetMems: limits.cpusetMems ?? "",
          },
  };
}

const locationsToPB = (locations: readonly Location[]): pb.Locations.$Properties => ({
  locations: locations.map(({ sourceIndex, ranges }) => ({ sourceIndex, ranges: ranges.map(rangeToPB) })),
});

const infoToPB = ({ filename, language, data, definition }: SourceInfo): pb.SourceInfo.$Properties => ({
  filename,
  language,
  data,
  ...(definition === undefined ? {} : { definition: definition.toPB() }),
});

const rangeToPB = ({ start, end }: Range): pb.Range.$Properties => ({ start: { ...start }, end: { ...end } });

function sourceFromPB(message: pb.Source.$Properties): Source {
  const position = (p: pb.Position.$Properties | null | undefined): Range["start"] => ({
    line: p?.line ?? 0,
    character: p?.character ?? 0,
  });
  return {
    infos: (message.infos ?? []).map(({ filename, language, data, definition }) => ({
      filename: filename ?? "",
      language: language ?? "",
      data: data ?? new Uint8Array(),
      definition: definition === undefined || definition === null ? undefined : definitionFromPB(definition),
    })),
    locations: new Map(
      Object.entries(message.locations ?? {}).map(([digest, { locations }]) => [
        digest,
        (locations ?? []).map((location) => ({
          sourceIndex: location.sourceIndex ?? 0,
          ranges: (location.ranges ?? []).map(({ start, end }) => ({
            start: position(start),
            end: position(end),
          })),
        })),
      ]),
    ),
  };
}
