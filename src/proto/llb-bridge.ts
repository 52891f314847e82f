// The methods of BuildKit's gateway service as data, for a transport that knows nothing of them
// (moby/buildkit:frontend/gateway/pb/gateway.proto).
import { gateway } from "./generated/index.js";

/** What a transport needs of a message: protobufjs's static codec. */
export interface Codec<In, Out> {
  encode(message: In): { finish(): Uint8Array };
  decode(bytes: Uint8Array): Out;
}

/** One method: its gRPC path, the codecs of both directions and whether they are streams. */
export interface Method<ReqIn, ReqOut, ResIn, ResOut> {
  readonly path: string;
  readonly request: Codec<ReqIn, ReqOut>;
  readonly response: Codec<ResIn, ResOut>;
  readonly stream: boolean;
}

/** The full name of the service. */
export const SERVICE_NAME = "moby.buildkit.v1.frontend.LLBBridge";

function method<ReqIn, ReqOut, ResIn, ResOut>(
  name: string,
  request: Codec<ReqIn, ReqOut>,
  response: Codec<ResIn, ResOut>,
  stream = false,
): Method<ReqIn, ReqOut, ResIn, ResOut> {
  return { path: `/${SERVICE_NAME}/${name}`, request, response, stream };
}

/** All methods, under their names on the wire. Only ExecProcess is a stream, in both directions. */
export const llbBridge = {
  Ping: method("Ping", gateway.PingRequest, gateway.PongResponse),
  Return: method("Return", gateway.ReturnRequest, gateway.ReturnResponse),
  Inputs: method("Inputs", gateway.InputsRequest, gateway.InputsResponse),
  ResolveImageConfig: method(
    "ResolveImageConfig",
    gateway.ResolveImageConfigRequest,
    gateway.ResolveImageConfigResponse,
  ),
  ResolveSourceMeta: method(
    "ResolveSourceMeta",
    gateway.ResolveSourceMetaRequest,
    gateway.ResolveSourceMetaResponse,
  ),
  Solve: method("Solve", gateway.SolveRequest, gateway.SolveResponse),
  ReadFile: method("ReadFile", gateway.ReadFileRequest, gateway.ReadFileResponse),
  ReadDir: method("ReadDir", gateway.ReadDirRequest, gateway.ReadDirResponse),
  StatFile: method("StatFile", gateway.StatFileRequest, gateway.StatFileResponse),
  Evaluate: method("Evaluate", gateway.EvaluateRequest, gateway.EvaluateResponse),
  NewContainer: method("NewContainer", gateway.NewContainerRequest, gateway.NewContainerResponse),
  ReleaseContainer: method(
    "ReleaseContainer",
    gateway.ReleaseContainerRequest,
    gateway.ReleaseContainerResponse,
  ),
  ExecProcess: method("ExecProcess", gateway.ExecMessage, gateway.ExecMessage, true),
  ReadFileContainer: method("ReadFileContainer", gateway.ReadFileRequest, gateway.ReadFileResponse),
  ReadDirContainer: method("ReadDirContainer", gateway.ReadDirRequest, gateway.ReadDirResponse),
  StatFileContainer: method("StatFileContainer", gateway.StatFileRequest, gateway.StatFileResponse),
  Warn: method("Warn", gateway.WarnRequest, gateway.WarnResponse),
} as const;
