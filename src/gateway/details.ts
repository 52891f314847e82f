import type { Position, Range } from "../oci/index.ts";

/**
 * The typed details of BuildKit's errors. On the wire each is a google.protobuf.Any whose value is
 * JSON, not protobuf: Go's encoding/json over the generated structs, except `Solve`, which is
 * protojson (moby/buildkit:util/grpcerrors/grpcerrors.go, solver/errdefs/solve.go).
 */
export type ErrorDetail =
  | SourceDetail
  | VertexDetail
  | SolveDetail
  | FrontendDetail
  | FrontendCapDetail
  | SubrequestDetail
  | StackDetail
  | ExitDetail
  | UnknownDetail;

/** A place in one of the user's files; clients print the lines around it. */
export interface SourceDetail {
  readonly kind: "source";
  readonly info: SourceInfo;
  readonly ranges: readonly Range[];
}

/** The op that failed, by its canonical digest. */
export interface VertexDetail {
  readonly kind: "vertex";
  readonly digest: string;
}

/** What a debugger can mount to look at a failed op: ids for `Mount.resultID` of a new container. */
export interface SolveDetail {
  readonly kind: "solve";
  readonly inputIDs: readonly string[];
  readonly mountIDs: readonly string[];
  /** The failed op as protojson. */
  readonly op?: unknown;
  /** The file action that failed, or the input whose content could not be hashed. */
  readonly subject?: { readonly kind: "file" | "cache"; readonly index: number } | undefined;
  readonly description: Readonly<Record<string, string>>;
}

/** The frontend in which an error arose. */
export interface FrontendDetail {
  readonly kind: "frontend";
  readonly name: string;
  readonly source: string;
}

/** A `moby.buildkit.frontend.*` capability that the frontend image does not claim. */
export interface FrontendCapDetail {
  readonly kind: "frontendCap";
  readonly name: string;
}

/** A `requestid` that the frontend does not answer. */
export interface SubrequestDetail {
  readonly kind: "subrequest";
  readonly name: string;
}

/** Where in a program the error was made; printed by `buildctl --debug`. */
export interface StackDetail {
  readonly kind: "stack";
  readonly frames: readonly { readonly name: string; readonly file: string; readonly line: number }[];
  readonly cmdline: readonly string[];
  readonly pid: number;
  readonly version: string;
  readonly revision: string;
}

/** How a process ended. 255 also stands for an unknown status. */
export interface ExitDetail {
  readonly kind: "exit";
  readonly code: number;
}

/** A detail of another type. It is relayed as it came. */
export interface UnknownDetail {
  readonly kind: "unknown";
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

/** A file that an error points into. */
export interface SourceInfo {
  readonly filename: string;
  readonly data: Uint8Array;
  /** GitHub linguist's name of the language, such as `YAML`. */
  readonly language?: string | undefined;
}

/** google.protobuf.Any */
export interface AnyMessage {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

const PREFIX = "github.com/moby/buildkit/";

const typeUrls = {
  source: `${PREFIX}errdefs.Source+json`,
  vertex: `${PREFIX}errdefs.Vertex+json`,
  solve: `${PREFIX}errdefs.Solve+json`,
  frontend: `${PREFIX}errdefs.Frontend+json`,
  frontendCap: `${PREFIX}errdefs.FrontendCap+json`,
  subrequest: `${PREFIX}errdefs.Subrequest+json`,
  stack: `${PREFIX}stack.Stack+json`,
  exit: `${PREFIX}gatewayapi.ExitMessage+json`,
} as const;

type KnownKind = keyof typeof typeUrls;

const kinds = new Map(Object.entries(typeUrls).map(([kind, url]) => [url as string, kind as KnownKind]));

/** What a decoded detail came from, so that relaying it changes nothing, fields unknown here included. */
const origins = new WeakMap<ErrorDetail, AnyMessage>();

/** Never fails: what cannot be read is an `unknown` detail. */
export function decodeDetail(any: AnyMessage): ErrorDetail {
  const detail = tryDecode(any) ?? { kind: "unknown", typeUrl: any.typeUrl, value: any.value };
  origins.set(detail, any);
  return detail;
}

/** The wire form: unchanged for a detail that was decoded, else the JSON that Go would write. */
export function encodeDetail(detail: ErrorDetail): AnyMessage {
  const origin = origins.get(detail);
  if (origin !== undefined) return origin;
  if (detail.kind === "unknown") return { typeUrl: detail.typeUrl, value: detail.value };
  return { typeUrl: typeUrls[detail.kind], value: new TextEncoder().encode(JSON.stringify(toJson(detail))) };
}

function tryDecode({ typeUrl, value }: AnyMessage): ErrorDetail | undefined {
  const kind = kinds.get(typeUrl);
  if (kind === undefined) return undefined;
  try {
    return fromJson(kind, fields(JSON.parse(new TextDecoder().decode(value))));
  } catch {
    return undefined;
  }
}

type Json = Readonly<Record<string, unknown>>;

function fromJson(kind: KnownKind, json: Json): ErrorDetail {
  switch (kind) {
    case "source": {
      const info = fields(json["info"]);
      return {
        kind,
        info: {
          filename: text(info["filename"]),
          data: Buffer.from(text(info["data"]), "base64"),
          ...(info["language"] === undefined ? {} : { language: text(info["language"]) }),
        },
        ranges: list(json["ranges"]).map((range) => ({
          start: position(fields(range)["start"]),
          end: position(fields(range)["end"]),
        })),
      };
    }
    case "vertex":
      return { kind, digest: text(json["digest"]) };
    case "solve": {
      const subject = (["file", "cache"] as const).find((name) => json[name] !== undefined);
      return {
        kind,
        inputIDs: list(json["inputIDs"]).map(text),
        mountIDs: list(json["mountIDs"]).map(text),
        ...(json["op"] === undefined ? {} : { op: json["op"] }),
        ...(subject === undefined
          ? {}
          : { subject: { kind: subject, index: integer(fields(json[subject])["index"]) } }),
        description: Object.fromEntries(
          Object.entries(fields(json["description"])).map(([key, value]) => [key, text(value)]),
        ),
      };
    }
    case "frontend":
      return { kind, name: text(json["name"]), source: text(json["source"]) };
    case "frontendCap":
    case "subrequest":
      return { kind, name: text(json["name"]) };
    case "stack":
      return {
        kind,
        frames: list(json["frames"])
          .map(fields)
          .map((frame) => ({
            name: text(frame["Name"]),
            file: text(frame["File"]),
            line: integer(frame["Line"]),
          })),
        cmdline: list(json["cmdline"]).map(text),
        pid: integer(json["pid"]),
        version: text(json["version"]),
        revision: text(json["revision"]),
      };
    case "exit":
      return { kind, code: integer(json["Code"]) };
  }
}

/** Zero values are left out, as `omitempty` and protojson leave them out. */
function toJson(detail: Exclude<ErrorDetail, UnknownDetail>): Json {
  switch (detail.kind) {
    case "source":
      return {
        info: present({
          filename: detail.info.filename,
          data: Buffer.from(detail.info.data).toString("base64"),
          language: detail.info.language,
        }),
        ranges: detail.ranges.map(({ start, end }) => ({
          start: present({ line: start.line, character: start.character }),
          end: present({ line: end.line, character: end.character }),
        })),
      };
    case "vertex":
      return { digest: detail.digest };
    case "solve": {
      const { subject } = detail;
      return present({
        inputIDs: detail.inputIDs,
        mountIDs: detail.mountIDs,
        op: detail.op,
        // 64-bit integers are strings in protojson.
        ...(subject === undefined
          ? {}
          : { [subject.kind]: subject.index === 0 ? {} : { index: String(subject.index) } }),
        description: detail.description,
      });
    }
    case "frontend":
      return present({ name: detail.name, source: detail.source });
    case "frontendCap":
    case "subrequest":
      return { name: detail.name };
    case "stack":
      return present({
        frames: detail.frames.map(({ name, file, line }) => present({ Name: name, File: file, Line: line })),
        cmdline: detail.cmdline,
        pid: detail.pid,
        version: detail.version,
        revision: detail.revision,
      });
    case "exit":
      return present({ Code: detail.code });
  }
}

function present(json: Json): Json {
  return Object.fromEntries(
    Object.entries(json).filter(
      ([key, value]) =>
        key === "file" ||
        key === "cache" ||
        (value !== undefined && value !== "" && value !== 0 && !isEmpty(value)),
    ),
  );
}

const isEmpty = (value: unknown): boolean =>
  typeof value === "object" && value !== null && Object.keys(value).length === 0;

const fields = (value: unknown): Json =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};

const list = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? (value as readonly unknown[]) : [];

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** protojson writes 64-bit integers as strings, encoding/json as numbers. */
function integer(value: unknown): number {
  const number = typeof value === "string" ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) ? number : 0;
}

const position = (value: unknown): Position => ({
  line: integer(fields(value)["line"]),
  character: integer(fields(value)["character"]),
});
