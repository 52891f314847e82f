import { readFile } from "node:fs/promises";
import type { Range } from "../oci/index.ts";
import { type apicaps, gateway, llbBridge, pb, type sourcepolicy } from "../proto/index.ts";
import { buildOptsFrom, type BuildOpts, type Environment, type WorkerInfo } from "./build-opts.ts";
import { type Caps, createCaps, minimumGatewayCaps, minimumLlbCaps, type Cap } from "./caps.ts";
import { newContainer, type Container, type NewContainerRequest } from "./container.ts";
import type { DefinitionInput, WireDefinition } from "./definition.ts";
import type { SourceInfo } from "./details.ts";
import { GatewayError } from "./errors.ts";
import { createReference, type Reference } from "./reference.ts";
import { allRefs, type Result } from "./result.ts";
import { returnRequest, resultFromResponse } from "./result-message.ts";
import { invoke, toStatus, type RequestOptions } from "./rpc.ts";
import { whatIsLarge } from "./size.ts";
import { resolveImageConfig } from "./resolve-image.ts";
import { resolveSourceMeta } from "./resolve-source.ts";
import type {
  ImageConfig,
  ImageConfigOptions,
  SourceMeta,
  SourceMetaOptions,
  SourceOp,
} from "./source-meta.ts";
import { Code, PING_TIMEOUT, type Transport } from "./transport.ts";

/** BuildKit as a frontend sees it: Go's gateway client (moby/buildkit:frontend/gateway/client/client.go). */
export interface GatewayClient {
  /** What the gateway itself can do. */
  readonly caps: Caps;
  /** What may be in a graph. */
  readonly llbCaps: Caps;
  /** The workers, from the answer to `Ping`. */
  readonly workers: readonly WorkerInfo[];
  /** Options, session and workers, from the environment. */
  readonly buildOpts: BuildOpts;
  /** Asks again; for a sign of life. The first answer is in `caps`, `llbCaps` and `workers`. */
  ping(options?: RequestOptions): Promise<Pong>;
  /** Lazy: nothing runs until a reference is read, evaluated or returned. */
  solve(request: SolveRequest): Promise<Result>;
  resolveSourceMeta(source: SourceOp, options?: SourceMetaOptions): Promise<SourceMeta>;
  resolveImageConfig(ref: string, options?: ImageConfigOptions): Promise<ImageConfig>;
  /** Named graphs that the client or another frontend handed in. */
  inputs(options?: RequestOptions): Promise<ReadonlyMap<string, WireDefinition>>;
  /** A warning about the vertex with this canonical digest; clients show `message` as one line. */
  warn(digest: string, message: string, options?: WarnOptions): Promise<void>;
  /** The graph of the frontend's own image; undefined on a server that does not tell. */
  currentFrontend(): Promise<WireDefinition | undefined>;
  newContainer(request: NewContainerRequest): Promise<Container>;
  /** Ends the build with a result, or with an error. Counts once: a second call rejects. */
  return(outcome: Result | Error, options?: RequestOptions): Promise<void>;
}

/** What BuildKit says of itself. */
export interface Pong {
  readonly caps: Caps;
  readonly llbCaps: Caps;
  readonly workers: readonly WorkerInfo[];
}

/** What to solve: a graph, or another frontend with its options. */
export interface SolveRequest extends RequestOptions {
  /** The graph; exclusive with `frontend`. Without either the result is empty. */
  readonly definition?: DefinitionInput | undefined;
  /** Another frontend to run: `dockerfile.v0`, or `gateway.v0` with the option `source`. */
  readonly frontend?: string | undefined;
  readonly frontendOpt?: Readonly<Record<string, string>> | undefined;
  readonly frontendInputs?: Readonly<Record<string, DefinitionInput>> | undefined;
  /** `cache-imports` of the client are not applied by themselves: hand them over here. */
  readonly cacheImports?:
    | readonly { readonly type: string; readonly attrs: Readonly<Record<string, string>> }[]
    | undefined;
  /** Run everything now, so that failures are known here. */
  readonly evaluate?: boolean | undefined;
  readonly sourcePolicies?: readonly sourcepolicy.Policy.$Properties[] | undefined;
}

/** What clients show beside a warning's line. */
export interface WarnOptions extends RequestOptions {
  /** Default 1. */
  readonly level?: number | undefined;
  readonly detail?: readonly string[] | undefined;
  readonly url?: string | undefined;
  readonly sourceInfo?: SourceInfo | undefined;
  readonly ranges?: readonly Range[] | undefined;
}

/** What a client is made of, beside the transport. */
export interface ClientOptions {
  readonly env?: Environment | undefined;
  /** The encoded answer to a `Ping` that was sent before this code was loaded. */
  readonly pong?: Promise<Uint8Array> | Uint8Array | undefined;
}

/** Where BuildKit puts the definition of the frontend's image (moby/buildkit:frontend/gateway/gateway.go). */
const FRONTEND_BIN = "/run/config/buildkit/metadata/frontend.bin";

/**
 * Asks BuildKit what it can do, and gives the client of this build.
 *
 * @throws GatewayError where the first `Ping` fails or takes longer than 15 seconds
 */
export async function createGatewayClient(
  transport: Transport,
  { env = process.env, pong }: ClientOptions = {},
): Promise<GatewayClient> {
  const ping = async (options?: RequestOptions): Promise<Pong> =>
    toPong(await invoke(transport, llbBridge.Ping, {}, { ...options, timeout: PING_TIMEOUT }));
  const first = pong === undefined ? await ping() : toPong(gateway.PongResponse.decode(await pong));
  const { caps, llbCaps } = first;
  const buildOpts = buildOptsFrom(env);
  let returned = false;
  const reference = (ref: gateway.Ref.$Shape): Reference => createReference(transport, caps, ref);

  return {
    ...first,
    buildOpts,
    ping,
    async solve(request) {
      const definition = request.definition === undefined ? undefined : toDefinition(request.definition);
      requireSolveCaps(caps, llbCaps, request, definition);
      const { evaluate = false } = request;
      const message: gateway.SolveRequest.$Properties = {
        ...(definition === undefined ? {} : { Definition: definition }),
        Frontend: request.frontend ?? "",
        FrontendOpt: { ...inherited(buildOpts.opts), ...request.frontendOpt },
        FrontendInputs: Object.fromEntries(
          Object.entries(request.frontendInputs ?? {}).map(([name, input]) => [name, toDefinition(input)]),
        ),
        allowResultReturn: true,
        allowResultArrayRef: true,
        CacheImports: (request.cacheImports ?? []).map(({ type, attrs }) => ({
          Type: type,
          Attrs: { ...attrs },
        })),
        Evaluate: evaluate && caps.has("gateway.solve.evaluate"),
        SourcePolicies: [...(request.sourcePolicies ?? [])],
      };
      const response = await invoke(transport, llbBridge.Solve, message, request).catch((error: unknown) => {
        throw explainSize(error, () => (definition === undefined ? undefined : whatIsLarge(definition)));
      });
      const result = resultFromResponse(response, reference);
      // As Go's client does on servers that cannot evaluate in Solve.
      if (evaluate && !caps.has("gateway.solve.evaluate")) {
        await Promise.all(allRefs(result).map((ref) => ref.statFile(".", request)));
      }
      return result;
    },
    resolveSourceMeta: (source, options = {}) => resolveSourceMeta(transport, caps, source, options),
    resolveImageConfig: (ref, options = {}) => resolveImageConfig(transport, caps, ref, options),
    async inputs(options) {
      caps.require([{ id: "frontend.inputs", feature: "named inputs" }]);
      return new Map(Object.entries((await invoke(transport, llbBridge.Inputs, {}, options)).Definitions));
    },
    async warn(
      digest,
      message,
      { level = 1, detail = [], url = "", sourceInfo, ranges = [], ...options } = {},
    ) {
      caps.require([{ id: "gateway.warnings", feature: "a warning" }]);
      const request: gateway.WarnRequest.$Properties = {
        digest,
        level,
        short: Buffer.from(message),
        detail: detail.map((line) => Buffer.from(line)),
        url,
        ...(sourceInfo === undefined
          ? {}
          : {
              info: {
                filename: sourceInfo.filename,
                data: sourceInfo.data,
                language: sourceInfo.language ?? "",
              },
            }),
        ranges: ranges.map(({ start, end }) => ({ start: { ...start }, end: { ...end } })),
      };
      await invoke(transport, llbBridge.Warn, request, options);
    },
    async currentFrontend() {
      const bytes = await readFile(FRONTEND_BIN).catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return undefined;
        throw error;
      });
      return bytes === undefined ? undefined : pb.Definition.decode(bytes);
    },
    newContainer: (request) => newContainer(transport, caps, request),
    async return(outcome, options) {
      if (returned) {
        throw new GatewayError("the build has its result already", { code: Code.FailedPrecondition });
      }
      caps.require([
        { id: "return", feature: "returning a result" },
        ...(outcome instanceof Error || (outcome.refs?.size ?? 0) < 2
          ? []
          : [{ id: "returnmap", feature: "a result of several platforms" }]),
        ...(outcome instanceof Error || outcome.attestations.size === 0
          ? []
          : [{ id: "reference.attestations", feature: "attestations" }]),
      ]);
      const request = outcome instanceof Error ? { error: toStatus(outcome) } : returnRequest(outcome, caps);
      returned = true;
      await invoke(transport, llbBridge.Return, request, options).catch((error: unknown) => {
        // BuildKit took nothing: another Return may still give the reason.
        returned = false;
        throw explainSize(error, () => (outcome instanceof Error ? undefined : largestMetadata(outcome)));
      });
    },
  };
}

/** Accepts what `go-frontend/llb` gives, the plain message and its bytes. */
export function toDefinition(input: DefinitionInput): WireDefinition {
  if (input instanceof Uint8Array) return pb.Definition.decode(input);
  return "toPB" in input ? input.toPB() : input;
}

function toPong(pong: gateway.PongResponse): Pong {
  return {
    caps: createCaps(pong.FrontendAPICaps.map(toCap), minimumGatewayCaps),
    llbCaps: createCaps(pong.LLBCaps.map(toCap), minimumLlbCaps),
    workers: pong.Workers.map((worker) => ({
      id: worker.ID ?? "",
      labels: { ...worker.Labels },
      platforms: (worker.platforms ?? []).map(
        ({
          OS: os,
          Architecture: architecture,
          Variant: variant,
          OSVersion: osVersion,
          OSFeatures: osFeatures,
        }) => ({
          os,
          architecture,
          ...(variant === "" ? {} : { variant }),
          ...(osVersion === "" ? {} : { osVersion }),
          ...(osFeatures.length === 0 ? {} : { osFeatures }),
        }),
      ),
    })),
  };
}

const toCap = (cap: apicaps.APICap.$Shape): Cap => ({
  id: cap.ID ?? "",
  enabled: cap.Enabled ?? false,
  deprecated: cap.Deprecated ?? false,
  disabledReason: cap.DisabledReason ?? "",
  disabledReasonMessage: cap.DisabledReasonMsg ?? "",
  disabledAlternative: cap.DisabledAlternative ?? "",
});

/** Go's client adds these two of the client's options to every Solve (grpcclient/client.go, Solve). */
function inherited(opts: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries(
    ["cache-imports", "cache-from"].flatMap((key) => (opts.has(key) ? [[key, opts.get(key) ?? ""]] : [])),
  );
}

function requireSolveCaps(
  caps: Caps,
  llbCaps: Caps,
  request: SolveRequest,
  definition: WireDefinition | undefined,
): void {
  caps.require([
    { id: "solve.base", feature: "solving" },
    ...((request.cacheImports?.length ?? 0) > 0 ? [{ id: "importcaches", feature: "importing caches" }] : []),
    ...(Object.keys(request.frontendInputs ?? {}).length > 0
      ? [{ id: "frontend.inputs", feature: "inputs for another frontend" }]
      : []),
  ]);
  // The daemon checks the same, but stops at the first missing one.
  const used = new Set(
    Object.values(definition?.metadata ?? {}).flatMap((metadata) => Object.keys(metadata.caps ?? {})),
  );
  llbCaps.require([...used].sort().map((id) => ({ id, feature: "the graph" })));
}

function explainSize(error: unknown, what: () => string | undefined): unknown {
  if (!(error instanceof GatewayError) || error.code !== Code.ResourceExhausted) return error;
  const largest = what();
  return largest === undefined
    ? error
    : new GatewayError(`${error.message}: ${largest}`, {
        code: error.code,
        details: error.details,
        cause: error,
      });
}

function largestMetadata(result: Result): string | undefined {
  const [largest] = [...result.metadata].sort(([, a], [, b]) => b.length - a.length);
  return largest === undefined
    ? undefined
    : `the largest part is the metadata ${largest[0]} with ${largest[1].length} bytes`;
}
