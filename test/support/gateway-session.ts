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
  /** The first requests of a method as the server decoded them; its report may come after its answers. */
  requests(method: string, count?: number): Promise<readonly Record<string, unknown>[]>;
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
    async requests(method, count = 1) {
      const seen = () =>
        harness.events.flatMap((event) => (event.method === method && event.request ? [event.request] : []));
      await harness.until(() => seen().length >= count);
      return seen();
    },
    async [Symbol.asyncDispose]() {
      transport.destroy();
      await harness[Symbol.asyncDispose]();
    },
  };
}
