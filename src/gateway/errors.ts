import type { Range } from "../oci/index.ts";
import type { ErrorDetail, SourceDetail, SourceInfo } from "./details.ts";
import { Code, CODE_NAMES, type CodeName } from "./transport.ts";

/**
 * An error of BuildKit, or one for BuildKit: a gRPC status with typed details. Throw one from a
 * frontend's handler to end the build with it; an error that came from a call may be thrown again
 * as it is, its excerpts survive.
 *
 * Code 2 (Unknown, the default) prints the bare message; any other code prints its name in front
 * of it, and code 1 counts as a cancellation (moby/buildkit:util/grpcerrors/grpcerrors.go).
 */
export class GatewayError extends Error {
  readonly code: number;
  readonly details: readonly ErrorDetail[];

  constructor(message: string, options: GatewayErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "GatewayError";
    this.code = options.code ?? Code.Unknown;
    this.details = options.details ?? [];
  }

  /** The code as grpc-go spells it: `NotFound`. */
  get codeName(): CodeName {
    return CODE_NAMES[this.code] ?? "Unknown";
  }
}

export interface GatewayErrorOptions {
  readonly code?: number | undefined;
  readonly details?: readonly ErrorDetail[] | undefined;
  readonly cause?: unknown;
}

/** Whether a thrown value is an error of BuildKit, or one for BuildKit. */
export const isGatewayError = (value: unknown): value is GatewayError => value instanceof GatewayError;

/** An error about places in a file: BuildKit's clients print the lines. Ranges count lines from 1. */
export function sourceError(
  message: string,
  info: SourceInfo,
  ranges: readonly Range[],
  options: GatewayErrorOptions = {},
): GatewayError {
  return new GatewayError(message, {
    ...options,
    details: [...(options.details ?? []), { kind: "source", info, ranges }],
  });
}

/** All details of one kind, in the order they came. */
export function detailsOf<K extends ErrorDetail["kind"]>(
  error: unknown,
  kind: K,
): readonly Extract<ErrorDetail, { readonly kind: K }>[] {
  if (!isGatewayError(error)) return [];
  return error.details.filter(
    (detail): detail is Extract<ErrorDetail, { readonly kind: K }> => detail.kind === kind,
  );
}

/** The excerpts of an error. */
export const sourcesOf = (error: unknown): readonly SourceDetail[] => detailsOf(error, "source");

/** The digest of the op that failed. */
export const vertexOf = (error: unknown): string | undefined => detailsOf(error, "vertex")[0]?.digest;

/** The exit code of the process whose failure this is: of a container's process or of an ExecOp. */
export const exitCodeOf = (error: unknown): number | undefined => detailsOf(error, "exit")[0]?.code;

/**
 * Is it about a file that does not exist? The gateway has no typed answer to that: the code is
 * Unknown and only the end of the message tells (moby/buildkit:frontend/gateway/gateway.go, ReadFile and StatFile).
 */
export function isNotExist(error: unknown): boolean {
  if (!isGatewayError(error)) return false;
  return (
    error.code === Code.NotFound || /no such file or directory$|file does not exist$/.test(error.message)
  );
}

/** Whether the build was canceled, by its client or by BuildKit. */
export const isCanceled = (error: unknown): boolean => isGatewayError(error) && error.code === Code.Canceled;

/** Is the connection gone? Nothing can be sent after that; the process has to end. */
export const isConnectionLost = (error: unknown): boolean =>
  isGatewayError(error) && error.code === Code.Unavailable;

/** The JavaScript stack of a programming error, in the form that `buildctl --debug` prints. */
export function stackDetail(error: Error): ErrorDetail {
  const frames = (error.stack ?? "").split("\n").flatMap((line) => {
    const match = /^\s*at (?:(.+?) \()?(?:file:\/\/)?(.+?):(\d+):\d+\)?$/.exec(line);
    if (match === null) return [];
    return [{ name: match[1] ?? "<anonymous>", file: match[2] ?? "", line: Number(match[3]) }];
  });
  return {
    kind: "stack",
    frames,
    cmdline: process.argv,
    pid: process.pid,
    version: process.version,
    revision: "",
  };
}
