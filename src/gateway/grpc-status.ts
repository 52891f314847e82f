import type { Header } from "../http2/index.ts";
import { Code, RpcError } from "./transport.ts";

/**
 * How a gRPC call ended, from its trailers (grpc/grpc:doc/PROTOCOL-HTTP2.md, Responses).
 * Returns undefined for OK.
 */
export function statusOf(trailers: readonly Header[]): RpcError | undefined {
  const fields = new Map(trailers);
  const text = fields.get("grpc-status");
  if (text === undefined) return withoutStatus(fields);
  const code = Number(text);
  if (code === Code.OK) return undefined;
  const status = fields.get("grpc-status-details-bin");
  return new RpcError(
    Number.isInteger(code) ? code : Code.Unknown,
    percentDecode(fields.get("grpc-message") ?? ""),
    {
      // The decoder of Buffer takes padded and unpadded base64; gRPC allows both.
      status: status === undefined ? undefined : Buffer.from(status, "base64"),
    },
  );
}

/** An HTTP answer without gRPC in it (grpc/grpc:doc/http-grpc-status-mapping.md). */
function withoutStatus(fields: ReadonlyMap<string, string>): RpcError {
  const http = fields.get(":status") ?? "none";
  const codes: Record<string, number> = {
    "400": Code.Internal,
    "401": Code.Unauthenticated,
    "403": Code.PermissionDenied,
    "404": Code.Unimplemented,
    "429": Code.Unavailable,
    "502": Code.Unavailable,
    "503": Code.Unavailable,
    "504": Code.Unavailable,
  };
  return new RpcError(codes[http] ?? Code.Unknown, `the answer carries no gRPC status (HTTP status ${http})`);
}

/** grpc-message is UTF-8 with everything outside printable ASCII, and `%`, percent-coded. */
function percentDecode(text: string): string {
  if (!text.includes("%")) return text;
  const bytes: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const hex = text.slice(i + 1, i + 3);
    if (text[i] === "%" && /^[0-9a-fA-F]{2}$/.test(hex)) {
      bytes.push(Number.parseInt(hex, 16));
      i += 2;
    } else {
      bytes.push(text.charCodeAt(i));
    }
  }
  return Buffer.from(bytes).toString("utf8");
}
