import { type google, type Method, rpc } from "../proto/index.ts";
import { decodeDetail, encodeDetail } from "./details.ts";
import { GatewayError, isGatewayError } from "./errors.ts";
import { Code, RpcError, type CallOptions, type Transport } from "./transport.ts";

/** Options of every call of the client. */
export interface RequestOptions {
  /** Cancels the call, in BuildKit too. */
  readonly signal?: AbortSignal | undefined;
}

/** One call: encoded, sent, decoded. Rejects with a `GatewayError` whatever goes wrong. */
export async function invoke<ReqIn, ReqOut, ResIn, ResOut>(
  transport: Transport,
  method: Method<ReqIn, ReqOut, ResIn, ResOut>,
  request: ReqIn,
  options?: CallOptions,
): Promise<ResOut> {
  try {
    return method.response.decode(
      await transport.unary(method.path, method.request.encode(request).finish(), options),
    );
  } catch (error) {
    throw toGatewayError(error);
  }
}

/** Decodes the details of a failed call. Anything but an `RpcError` passes unchanged. */
export function toGatewayError(error: unknown): unknown {
  if (!(error instanceof RpcError)) return error;
  const status = decodeStatus(error.status);
  return new GatewayError(withoutPrefix(status?.message || error.message), {
    code: error.code,
    details: status?.details.map(({ type_url: typeUrl, value }) => decodeDetail({ typeUrl, value })) ?? [],
    cause: error,
  });
}

function decodeStatus(bytes: Uint8Array | undefined): rpc.Status | undefined {
  if (bytes === undefined) return undefined;
  try {
    return rpc.Status.decode(bytes);
  } catch {
    // The code and the message arrived beside it.
    return undefined;
  }
}

/** A google.rpc.Status inside a message, such as the error of an `ExitMessage`. */
export function fromStatus(status: rpc.Status.$Shape): GatewayError {
  return new GatewayError(withoutPrefix(status.message ?? ""), {
    code: status.code || Code.Unknown,
    details: (status.details ?? []).map((any) =>
      decodeDetail({ typeUrl: any.type_url ?? "", value: any.value ?? new Uint8Array(0) }),
    ),
  });
}

/** Anything thrown as the status that `Return` takes. Its code is never OK. */
export function toStatus(error: unknown): rpc.Status.$Properties {
  if (!isGatewayError(error)) {
    return {
      code: Code.Unknown,
      message: wellFormed(error instanceof Error ? error.message : String(error)),
    };
  }
  return {
    code: error.code === Code.OK ? Code.Unknown : error.code,
    message: wellFormed(error.message),
    details: error.details
      .map(encodeDetail)
      .map(({ typeUrl, value }): google.protobuf.Any.$Properties => ({ type_url: typeUrl, value })),
  };
}

/**
 * buildkitd's interceptor repeats code and text of a status error in its message
 * (moby/buildkit:util/grpcerrors/grpcerrors.go, errorHasMoreContext). The code is kept beside it.
 */
const withoutPrefix = (message: string): string => message.replace(/^(?:rpc error: code = \w+ desc = )+/, "");

/** Go refuses to decode a string that is not UTF-8, and would lose the whole error with it. */
const wellFormed = (message: string): string => message.toWellFormed();
