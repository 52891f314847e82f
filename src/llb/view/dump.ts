// A definition of any origin as readable JSON.
import { isLong, toBigInt, wireWord } from "../../proto/index.ts";
import type { OpMetadata } from "../graph/constraints.ts";
import type { Definition, Location } from "../marshal/definition.ts";
import { viewDefinition, type OpNode } from "./view.ts";

/** Plain data for JSON.stringify. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A definition as plain data. */
export interface Dump {
  /** `DIGEST#INDEX` of the result. */
  readonly head: string;
  readonly ops: readonly OpDump[];
  readonly files: Json;
}

/** An op as plain data: what it says stands under the name of its kind. */
export interface OpDump {
  readonly digest: string;
  readonly kind: OpNode["kind"];
  readonly name: string;
  readonly platform?: string | undefined;
  /** `DIGEST#INDEX` */
  readonly inputs?: readonly string[] | undefined;
  readonly [other: string]: Json | undefined;
}

/**
 * Everything a definition says: 64-bit numbers in full, bytes as text where they are text, enums
 * by name, and fields that are not set left out.
 *
 * @throws LlbError when the definition is broken.
 */
export function dump(definition: Definition): Dump {
  const { ops, head } = viewDefinition(definition);
  return {
    head: head === undefined ? "" : `${head.digest}#${head.index}`,
    ops: ops.map((node) => dumpOp(node, definition)),
    files: (definition.source?.infos ?? []).map(({ filename, language, data, definition: loaded }) => ({
      filename,
      language,
      bytes: data.length,
      ...(loaded === undefined ? {} : { loadedBy: loaded.head }),
    })),
  };
}

function dumpOp(
  { digest, kind, name, platform, inputs, op, metadata }: OpNode,
  definition: Definition,
): OpDump {
  const body: unknown = kind === "unknown" ? undefined : op[kind];
  const filters = op.constraints?.filter ?? [];
  const locations = definition.source?.locations.get(digest) ?? [];
  return {
    digest,
    kind,
    name,
    ...(platform === "" ? {} : { platform }),
    ...(filters.length === 0 ? {} : { filters }),
    ...(inputs.length === 0 ? {} : { inputs: inputs.map((input) => `${input.digest}#${input.index}`) }),
    ...(body === undefined || body === null ? {} : { [kind]: plain(body, "") }),
    ...(metadata === undefined ? {} : { metadata: dumpMetadata(metadata) }),
    ...(locations.length === 0
      ? {}
      : { locations: locations.map((location) => dumpLocation(location, definition)) }),
  };
}

function plain(value: unknown, field: string): Json {
  if (value instanceof Uint8Array) return bytes(value);
  if (typeof value === "bigint" || isLong(value)) {
    return int64(typeof value === "bigint" ? value : toBigInt(value));
  }
  if (Array.isArray(value)) return value.map((item) => plain(withPlaces(item, field), field));
  if (typeof value === "number") {
    // No two messages use one field name for different enums.
    return wireWord(field, value) ?? (field === "mode" && value >= 0 ? `0${value.toString(8)}` : value);
  }
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value !== "object" || value === null) return null;
  const entries = Object.entries(value).filter(
    ([, item]) => item !== undefined && item !== null && !(Array.isArray(item) && item.length === 0),
  );
  return Object.fromEntries(entries.map(([key, item]) => [key, plain(item, key)]));
}

/** The fields that say where files come from and go to are shown even when they are 0. */
function withPlaces(item: unknown, field: string): unknown {
  if (typeof item !== "object" || item === null) return item;
  if (field === "mounts") return { dest: "", input: 0, output: 0, ...item };
  return field === "actions" ? { input: 0, secondaryInput: 0, output: 0, ...item } : item;
}

/** A number when it is exact as one, else its digits. */
const int64 = (value: bigint): Json =>
  BigInt(Number(value)) === value && Number.isSafeInteger(Number(value)) ? Number(value) : String(value);

/** Text when it is UTF-8 without control characters but line breaks and tabs. */
function bytes(value: Uint8Array): Json {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(value);
    // What a terminal would act on goes as base64.
    if (!/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/.test(text)) return text;
  } catch {
    // Not UTF-8: below.
  }
  return { base64: btoa(Array.from(value, (byte) => String.fromCharCode(byte)).join("")) };
}

function dumpMetadata(metadata: OpMetadata): Json {
  const { ignoreCache, description, exportCache, caps, progressGroup, linuxResources } = metadata;
  const limits = Object.entries(linuxResources ?? {}).filter(([, value]) => Boolean(value));
  return {
    ...(ignoreCache ? { ignoreCache } : {}),
    ...(description.size === 0 ? {} : { description: Object.fromEntries(description) }),
    ...(exportCache === undefined ? {} : { exportCache }),
    ...(progressGroup === undefined ? {} : { progressGroup: { ...progressGroup } }),
    ...(linuxResources === undefined ? {} : { linuxResources: plain(Object.fromEntries(limits), "") }),
    caps: [...caps].toSorted(),
  };
}

function dumpLocation({ sourceIndex, ranges }: Location, definition: Definition): Json {
  return {
    file: definition.source?.infos[sourceIndex]?.filename ?? String(sourceIndex),
    ranges: ranges.map(({ start, end }) => `${start.line}:${start.character}-${end.line}:${end.character}`),
  };
}
