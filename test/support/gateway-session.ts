import {
  createClient,
  createHttp2Transport,
  type ClientOptions,
  type GatewayClient,
} from "../../src/gateway/index.ts";
import { serveHarness, type ServedHarness } from "./gateway-harness.ts";

export interface GatewaySession extends AsyncDisposable {
  readonly harness: ServedHarness;
  readonly client: GatewayClient;
  /** The requests of a method as the server decoded them, in order. */
  requests(method: string): Promise<readonly Record<string, unknown>[]>;
}

/** A client of this process, connected to the Go server. */
export async function gatewaySession(
  flags: readonly string[] = [],
  options: ClientOptions = { env: {} },
): Promise<GatewaySession> {
  const harness = await serveHarness(...flags);
  const transport = createHttp2Transport(harness.streams);
  const client = await createClient(transport, options);
  return {
    harness,
    client,
    async requests(method) {
      await harness.until((event) => event.method === method && event.request !== undefined);
      return harness.events.flatMap((event) =>
        event.method === method && event.request ? [event.request] : [],
      );
    },
    async [Symbol.asyncDispose]() {
      transport.destroy();
      await harness[Symbol.asyncDispose]();
    },
  };
}
